"""The settings of notifications: what customers and teams get, and how patiently it is sent."""

from datetime import timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from store.caps import LONGEST
from store.durations import Delay, Duration
from store.files import NamedFile
from store.sizes import Size


class CourtesyCaps(BaseModel):
    """How many acknowledgements one address may get, over all channels together."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    unproven: int = Field(
        default=1,
        ge=0,
        description="The most within the window to an address that nothing proves to be the sender's own.",
    )
    proven: int = Field(default=3, ge=0, description="The most within the window to a proven address or a chat.")
    window: Duration = Field(
        default=timedelta(days=1), le=LONGEST, description="The time over which acknowledgements are counted."
    )
    domain: int = Field(default=30, ge=0, description="The most within an hour to all addresses of one domain.")
    total: int = Field(default=60, ge=0, description="The most within a minute to everybody.")


class StormSettings(BaseModel):
    """When so many tickets are opened at once that acknowledging them would make it worse."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tickets: int = Field(default=50, ge=1, description="Fewer new tickets within the window are never a storm.")
    times: int = Field(default=10, ge=2, description="More than so many times as many as are usual are a storm.")
    share: int = Field(
        default=50, ge=1, le=100, description="So are those of which more than so many in a hundred say the same."
    )
    window: Duration = Field(
        default=timedelta(minutes=5),
        ge=timedelta(minutes=1),
        le=timedelta(hours=1),
        description="The time over which new tickets are counted, in whole minutes.",
    )
    calm: Duration = Field(
        default=timedelta(minutes=15),
        le=timedelta(days=1),
        description="How long a storm must be over before customers hear from us again.",
    )


class CustomerSettings(BaseModel):
    """What customers get without anybody writing it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    acknowledge: Literal["once_per_ticket", "never"] = Field(
        default="once_per_ticket", description="Whether a customer is told that a new ticket was opened."
    )
    caps: CourtesyCaps = Field(default=CourtesyCaps(), description="Limits that stop mail loops and misuse.")
    storm: StormSettings = Field(default=StormSettings(), description="When nobody is acknowledged for a while.")


class NotifySettings(BaseModel):
    """How what goes out is worded and sent."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    templates: NamedFile | None = Field(
        default=None, description="A directory of texts of your own, `<language>/<name>.j2`, in place of ours."
    )
    files: Size = Field(
        default=15_000_000,  # With what encoding adds it stays below 25 MB, the most that large providers take.
        description="The most that the files of one answer or alert may weigh; the text names those beyond it.",
    )
    files_at_once: Size = Field(
        default=64 * 1024 * 1024,
        description="The most that files may weigh in memory, over all answers, alerts and readers that are composed "
        "together; alerts take half of it, so that answers find room.",
    )
    alert_files: bool = Field(
        default=True, description="Whether alerts that go to a mailbox carry the files that the customer sent."
    )
    alert_files_wait: Duration = Field(
        default=timedelta(seconds=10),
        le=timedelta(minutes=1),
        description="How long alerts that are composed together wait for files in all; later ones are named.",
    )
    mails_about_mails: int = Field(
        default=20,
        ge=1,
        le=1000,
        description="The most mails a day to one technician about what became of their own mails: a loop ends there.",
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
