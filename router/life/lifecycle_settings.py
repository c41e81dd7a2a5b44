"""What the settings file says about the life of a ticket, and how it becomes a `Lifecycle`."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field

from router.policy import Lifecycle
from store.durations import Duration


class LifecycleSettings(BaseModel):
    """What customers do to tickets by writing, or by writing nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    thanks_does_not_reopen: bool = Field(
        default=True, description="Whether thanks are kept without alerting anybody or opening a solved ticket again."
    )
    close_resolved_after: Duration = Field(
        default=timedelta(days=5),
        le=timedelta(days=365),
        description="How long after it was solved a ticket is closed; what is written later opens a new one.",
    )


def lifecycle_of(settings: LifecycleSettings) -> Lifecycle:
    """The same as deciding reads it."""
    return Lifecycle(thanks_does_not_reopen=settings.thanks_does_not_reopen, close_after=settings.close_resolved_after)
