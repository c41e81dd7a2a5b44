"""How what comes due by itself is looked for."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field

from store.durations import Duration


class TimerSettings(BaseModel):
    """How often timers are looked at, and when one is late."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    poll: Duration = Field(
        default=timedelta(seconds=1), le=timedelta(minutes=1), description="The time between looks at what is due."
    )
    batch: int = Field(default=200, ge=1, le=5000, description="The most that fire in one transaction.")
    late: Duration = Field(
        default=timedelta(minutes=15),
        ge=timedelta(minutes=1),
        le=timedelta(days=1),
        description="What came due longer ago alerts nobody by itself: it goes into one digest with all else of its "
        "kind, as after a night in which the desk stood still.",
    )
    again: Duration = Field(
        default=timedelta(minutes=10),
        ge=timedelta(seconds=1),
        le=timedelta(days=1),
        description="When something that failed to fire is tried again.",
    )
