"""The one way in which a moment is kept in the database."""

from datetime import UTC, datetime

from sqlalchemy import BigInteger, Dialect, TypeDecorator


class Instant(TypeDecorator[datetime]):
    """A moment, kept as whole microseconds since 1970 UTC: equal, ordered and indexed alike on every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 (SQLAlchemy's signature)
        """Refuses a naive datetime, whose moment nobody knows."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a datetime without a time zone was to be stored: {value!r}; pass an aware one")
        return round(value.timestamp() * 1_000_000)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 (SQLAlchemy's signature)
        """Always aware and UTC."""
        return None if value is None else datetime.fromtimestamp(value / 1_000_000, tz=UTC)
