"""The settings of notifications: what customers and teams get, and how patiently it is sent."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

_DAY = 24 * 3600.0


class CourtesyCaps(BaseModel):
    """How many acknowledgements one address may get, over all channels together."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    unproven: int = Field(
        default=1,
        ge=0,
        description="The most within the window to an address that nothing proves to be the sender's own.",
    )
    proven: int = Field(default=3, ge=0, description="The most within the window to a proven address or a chat.")
    window: float = Field(default=_DAY, gt=0, description="Seconds over which acknowledgements are counted.")


class CustomerSettings(BaseModel):
    """What customers get without anybody writing it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    acknowledge: Literal["once_per_ticket", "never"] = Field(
        default="once_per_ticket", description="Whether a customer is told that a new ticket was opened."
    )
    caps: CourtesyCaps = Field(default=CourtesyCaps(), description="Limits that stop mail loops and misuse.")


class NotifySettings(BaseModel):
    """How what goes out is worded and sent."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    templates: Path | None = Field(
        default=None, description="A directory of texts of your own, `<language>/<name>.j2`, in place of ours."
    )
    concurrency: int = Field(default=8, ge=1, le=200, description="The most messages of a channel under way at once.")
    poll: float = Field(default=1.0, gt=0, le=60, description="Seconds between looks for messages that are due.")
    # RFC 5321, section 4.5.3.2.6: a server may take 10 minutes to answer the end of a mail, and whoever hangs up
    # before does not know whether the mail was taken.
    send_timeout: float = Field(default=660.0, gt=0, description="Seconds after which a send is given up as doubtful.")
    first_pause: float = Field(
        default=30.0, gt=0, description="The most seconds before the second attempt; doubled each time."
    )
    longest_pause: float = Field(default=3600.0, gt=0, description="The most seconds between two attempts.")
    # RFC 5321, section 4.5.4.1: at least 4 to 5 days.
    give_up_after: float = Field(
        default=5 * _DAY, gt=0, description="Seconds after which a message that was never taken has failed."
    )
    patience: float = Field(
        default=600.0, gt=0, description="Seconds that later messages to an address wait for one that is tried again."
    )
    drain: float = Field(default=10.0, ge=0, description="Seconds that a shutdown waits for messages under way.")
