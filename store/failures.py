"""What becomes of a record that failed: tried again within the minute, then buried as a dead letter."""

import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import NamedTuple, TypeVar

import structlog
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from store import deadletters, held
from store.bus import Stored
from store.codec import derived_id
from store.durations import Duration
from store.errors import DeskwireError, Fenced, NotOurs, StorageBroken, Temporary
from store.held import Held
from store.records import DeadLetter

log = structlog.get_logger()

Result = TypeVar("Result")
Bury = Callable[[Connection, Stored, DeadLetter], int | None]


class StageSettings(BaseModel):
    """How a stage works through its records."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    batch: int = Field(default=200, ge=1, le=5000, description="The most records that one transaction handles.")
    wait: Duration = Field(
        default=timedelta(seconds=1),
        le=timedelta(minutes=1),
        description="How long to wait for records before looking around.",
    )
    retry_after: tuple[Duration, ...] = Field(
        default=(timedelta(seconds=10), timedelta(seconds=30)),
        description="The pauses before each further try of a record that failed; after the last it is a dead letter.",
    )
    shortest_pause: Duration = Field(
        default=timedelta(seconds=0.2), description="The first pause while the database, bus or disk is in trouble."
    )
    longest_pause: Duration = Field(default=timedelta(seconds=30), description="The longest such pause.")


class Versions(NamedTuple):
    """What a dead letter says about the program that gave up."""

    code: str
    config: str


class Deadly(DeskwireError):
    """The process died each time it worked on this record."""

    def __init__(self, deaths: int) -> None:
        super().__init__(f"the process died {deaths} times while it worked on this record; it is not tried again")


def attempt(connection: Connection, change: Callable[[], Result]) -> tuple[Result | None, Exception | None]:
    """Make a change in a savepoint of its own; an error undoes it and is returned instead of the result.

    Raises only what concerns the whole transaction: Temporary, Fenced, StorageBroken.
    """
    # Said by hand: SQLAlchemy's own savepoints cost four times as much, for every record.
    connection.exec_driver_sql("SAVEPOINT record")
    try:
        result = change()
    except (Temporary, Fenced, StorageBroken):
        raise
    except Exception as error:  # noqa: BLE001 (the boundary of the stage loop: one failure must not stop the stage)
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT record")
        connection.exec_driver_sql("RELEASE SAVEPOINT record")
        return None, error
    connection.exec_driver_sql("RELEASE SAVEPOINT record")
    return result, None


class Failures:
    """Decides between another try and the grave, for one stage."""

    def __init__(self, stage: str, *, settings: StageSettings, versions: Versions, now: Callable[[], datetime]) -> None:
        self._stage = stage
        self._retry_after = settings.retry_after
        self._versions = versions
        self._now = now

    def use(self, versions: Versions) -> None:
        """Write other versions into the dead letters from now on."""
        self._versions = versions

    def is_last(self, tries: int) -> bool:
        """Whether no try is left after this many."""
        return tries > len(self._retry_after)

    def note(self, connection: Connection, bury: Bury, row: Held, error: Exception) -> bool:
        """Write the failure of a record's try down; returns whether it is held for another one.

        `row.attempts` counts the try that failed. A buried record no longer holds its key back.
        """
        reason = _cause(error)
        if self.is_last(row.attempts) or isinstance(error, Deadly):
            self._bury(connection, bury, row, error)
            return False
        due_at = self._now() + self._retry_after[row.attempts - 1]
        held.hold(connection, self._stage, [row._replace(reason=reason, due_at=due_at)])
        log.warning("record failed", stage=self._stage, attempts=row.attempts, cause=reason)
        return True

    def _bury(self, connection: Connection, bury: Bury, row: Held, error: Exception) -> None:
        at, offset, key, value = row.record
        letter = DeadLetter(
            id=derived_id("dead", self._stage, at.topic, str(at.partition), str(offset)),
            stage=self._stage,
            topic=at.topic,
            partition=at.partition,
            offset=offset,
            key=key,
            value=value,
            reason=_cause(error),
            detail=_detail(error),
            attempts=row.attempts,
            first_at=row.first_at,
            last_at=self._now(),
            code_version=self._versions.code,
            config_version=self._versions.config,
        )
        log.error("record is a dead letter", stage=self._stage, letter=letter.id, cause=letter.reason)
        letter = deadletters.bury(connection, letter)
        ticket, failure = attempt(connection, lambda: bury(connection, row.record, letter))
        if failure is not None:  # What broke the record may break its obituary too; the letter itself stands.
            log.error("nobody is told of a dead letter", stage=self._stage, letter=letter.id, cause=_cause(failure))
        elif ticket is not None:
            deadletters.tell(connection, letter.id, ticket)


def _cause(error: Exception) -> str:
    """What dead letters are grouped by: the class of the error and the place in our code, or what is not ours."""
    if isinstance(error, NotOurs):
        return error.cause
    return f"{type(error).__name__} at {_place(error)}" if error.__traceback__ else type(error).__name__


def _place(error: Exception) -> str:
    """The innermost line of the traceback, "decide.py:42"."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{PurePath(frame.filename).name}:{frame.lineno}"


def _detail(error: Exception) -> str:
    """The error's own first line, cut: the further lines of a database's error hold values of the message."""
    return str(error).splitlines()[0][:500] if str(error) else ""
