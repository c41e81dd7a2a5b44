"""What the settings file says about messages that are sent twice."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field

from router.policy import Duplicates
from store.durations import Delay

_USUAL = Duplicates()
_LONGEST = timedelta(days=30)  # Ours: nobody repeats by Telegram what they wrote a month ago.


class DuplicateSettings(BaseModel):
    """How long a message is compared with what its writer sent before; nothing is ever dropped by it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    window: Delay = Field(
        default=_USUAL.window,
        le=_LONGEST,
        description="How long the same words of a proven person by another channel join their ticket; 0s: never.",
    )
    twice: Delay = Field(
        default=_USUAL.twice,
        le=timedelta(hours=1),
        description="How long letter for letter the same by the same channel is sent twice by mistake; 0s: never.",
    )
    alerts: Delay = Field(
        default=_USUAL.alerts,
        le=_LONGEST,
        description="How long after the last one an alert with other numbers joins its open ticket; 0s: never.",
    )

    def compiled(self) -> Duplicates:
        """In the form that deciding reads."""
        return Duplicates(window=self.window, twice=self.twice, alerts=self.alerts)
