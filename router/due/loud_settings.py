"""What the settings file says about sound, quiet hours, digests, and how long customers are waited for."""

from collections.abc import Collection
from datetime import timedelta
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from router.due.loudness import Loudness
from router.due.patience import Patience
from router.rules.condition_settings import Values
from store.durations import Duration

Content = Literal["waiting", "due_today", "overnight"]


class DigestSettings(BaseModel):
    """What a person is told when their shift begins."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: Literal["shift_start"] = Field(default="shift_start", description="When: as their shift begins.")
    contains: tuple[Content, ...] = Field(
        default=("waiting", "due_today", "overnight"),
        min_length=1,
        description="Their tickets that wait for customers, what is due that day, what came while they were away.",
    )


class LoudSettings(BaseModel):
    """Whom the desk may disturb."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    loud: Values | None = Field(
        default=None,
        description="The priorities that make a sound while their team works, the highest at any hour; absent: all.",
    )
    quiet_hours: Literal["off_shift", "never"] = Field(
        default="never",
        description="off_shift: people who do not work are reached only for the highest priority or while on call.",
    )
    digest: DigestSettings | None = Field(default=None, description="What a shift begins with; absent: nothing.")

    def compiled(self, highest: str, reaches: Collection[str]) -> Loudness:
        """In the form that deciding reads; `reaches` are the sorts of addresses that the desk can send to."""
        return Loudness(
            loud=frozenset(self.loud) if self.loud is not None else None,
            urgent=highest,
            quiet=self.quiet_hours == "off_shift",
            reaches=frozenset(reaches),
            digest=frozenset(self.digest.contains) if self.digest is not None else frozenset(),
        )


class WaitingSettings(BaseModel):
    """How long a customer is waited for who was asked something."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    remind_after: tuple[Duration, ...] = Field(
        default=(timedelta(days=2), timedelta(days=5)),
        max_length=10,
        description="When the customer is reminded, counted from the question.",
    )
    close_after: Duration = Field(
        default=timedelta(days=7), le=timedelta(days=365), description="When the ticket is closed and they are told."
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        times = (*self.remind_after, self.close_after)
        if list(times) != sorted(set(times)):
            raise PydanticCustomError(
                "waiting_order", "reminders come one after the other, and before close_after: put them in order"
            )
        return self


class PatienceSettings(BaseModel):
    """What becomes of tickets that wait for their customers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    waiting: WaitingSettings = Field(
        default=WaitingSettings(), description="Reminders, and when a ticket is closed that nobody answers."
    )

    def patience(self) -> Patience:
        """In the form that deciding reads."""
        return Patience(remind_after=self.waiting.remind_after, close_after=self.waiting.close_after)
