"""How many parser children run, and what one message may cost them."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field

from store.durations import Duration
from store.sizes import Size

_MIB = 1024 * 1024


class NormalizeSettings(BaseModel):
    """The section `normalize:` of the settings file.

    The limits of one message are ours: a usual mail takes milliseconds; one that is built to explode takes them all.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    children: int = Field(default=1, ge=1, le=64, description="Parser processes that work at the same time.")
    spares: int = Field(
        default=1,
        ge=0,
        le=8,
        description="Parser processes that stand ready to replace a killed one; without, a kill costs their start.",
    )
    cpu: Duration = Field(
        default=timedelta(seconds=2),
        le=timedelta(minutes=10),
        description="Computing time that reading one message may take.",
    )
    memory: Size = Field(
        default=512 * _MIB, ge=64 * _MIB, le=16384 * _MIB, description="Memory that reading one message may take."
    )
    stall: Duration = Field(
        default=timedelta(seconds=20),
        le=timedelta(hours=1),
        description="After so long without work or an answer, a parser process is replaced.",
    )
    start: Duration = Field(
        default=timedelta(seconds=30),
        le=timedelta(minutes=10),
        description="Time in which a new parser process must be ready.",
    )
    wait: Duration = Field(
        default=timedelta(minutes=1),
        le=timedelta(hours=1),
        description="Time for which a batch waits for a free parser process.",
    )
    batch: int = Field(default=64, ge=1, le=1000, description="Messages that go to a child in one round trip.")
    copies: int = Field(
        default=16, ge=1, le=256, description="Originals that are copied to the blobs at the same time (Kafka only)."
    )
