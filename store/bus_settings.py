"""What an operator may set about the log, whichever bus carries it."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field

from store.durations import Duration
from store.sizes import Size


class BusSettings(BaseModel):
    """Section `bus` of the settings file; the address itself stands in `backend.bus`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    partitions: int = Field(
        default=24,
        ge=1,
        le=1000,
        description="Ordered logs in each topic: the most members that can share a stage's work. Fixed once the log "
        "exists, because a key would move to another partition while old records of it still wait.",
    )
    publish_timeout: Duration = Field(
        default=timedelta(seconds=30),
        description="When a publish that has no answer is given up. The sender of a mail hears 451 then.",
    )
    waiting: int = Field(
        default=1000, ge=1, description="How many publishes may wait for the disk or the broker at the same time."
    )
    fetch: Size = Field(default=16 * 1024 * 1024, ge=1024 * 1024, description="The most that one fetch reads.")
    retention: Duration = Field(
        default=timedelta(days=30),
        description="How long records are kept, read or not. Less than 14 days is a risk: a stage that stands still "
        "over a holiday would lose what it has not read.",
    )
    request_timeout: Duration = Field(
        default=timedelta(seconds=10), description="Kafka: when a request to a broker is given up."
    )
    session_timeout: Duration = Field(
        default=timedelta(seconds=10),
        ge=timedelta(seconds=6),  # Kafka's group.min.session.timeout.ms.
        description="Kafka: when a member that fell silent loses its partitions to the others.",
    )
    replication: int | None = Field(
        default=None,
        ge=1,
        description="Kafka: copies of each record, applied when a topic is created. Left out: three, or as many as "
        "there are brokers.",
    )
