"""What all tables share: their registry, and how their names and columns are made."""

from sqlalchemy import Column, MetaData, Text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def text_column(name: str, *, index: bool = False) -> Column[str]:
    """A column of text that is never NULL; what is not known is empty."""
    return Column(name, Text, nullable=False, default="", index=index)
