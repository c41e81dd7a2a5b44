"""The settings of notifications: what customers and teams get, and how patiently it is sent."""

from datetime import timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from store.durations import Delay, Duration
from store.files import NamedFile


class CourtesyCaps(BaseModel):
    """How many acknowledgements one address may get, over all channels together."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    unproven: int = Field(
        default=1,
        ge=0,
        description="The most within the window to an address that nothing proves to be the sender's own.",
    )
    proven: int = Field(default=3, ge=0, description="The most within the window to a proven address or a chat.")
    window: Duration = Field(default=timedelta(days=1), description="The time over which acknowledgements are counted.")


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

    templates: NamedFile | None = Field(
        default=None, description="A directory of texts of your own, `<language>/<name>.j2`, in place of ours."
    )
    concurrency: int = Field(default=8, ge=1, le=200, description="The most messages of a channel under way at once.")
    poll: Duration = Field(
        default=timedelta(seconds=1),
        le=timedelta(minutes=1),
        description="The time between looks for messages that are due.",
    )
    # RFC 5321, section 4.5.3.2.6: a server may take 10 minutes to answer the end of a mail, and whoever hangs up
    # before does not know whether the mail was taken.
    send_timeout: Duration = Field(
        default=timedelta(minutes=11), description="When a send that has no answer is given up as doubtful."
    )
    first_pause: Duration = Field(
        default=timedelta(seconds=30), description="The longest pause before the second attempt; doubled each time."
    )
    longest_pause: Duration = Field(default=timedelta(hours=1), description="The longest pause between two attempts.")
    # RFC 5321, section 4.5.4.1: at least 4 to 5 days.
    give_up_after: Duration = Field(
        default=timedelta(days=5), description="When a message that was never taken has failed."
    )
    patience: Duration = Field(
        default=timedelta(minutes=10),
        description="How long later messages to an address wait for one that is tried again.",
    )
    drain: Delay = Field(
        default=timedelta(seconds=10), description="How long messages under way may still take when the desk stops."
    )
