"""How many parser children run, and what one message may cost them."""

from pydantic import BaseModel, ConfigDict, Field


class NormalizeSettings(BaseModel):
    """The section `normalize:` of the settings file.

    The limits of one message are those of `docs`, delivery 4.8: 2 s of computing time and 512 MiB.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    children: int = Field(default=1, ge=1, le=64, description="Parser processes that work at the same time.")
    spares: int = Field(
        default=1,
        ge=0,
        le=8,
        description="Parser processes that stand ready to replace a killed one; without, a kill costs their start.",
    )
    cpu_seconds: float = Field(
        default=2.0, gt=0, le=600, description="Computing time that reading one message may take, in seconds."
    )
    stall_seconds: float = Field(
        default=20.0,
        gt=0,
        le=3600,
        description="A child that neither works nor answers for this many seconds is replaced.",
    )
    start_seconds: float = Field(
        default=30.0, gt=0, le=600, description="Time in which a new child must be ready, in seconds."
    )
    wait_seconds: float = Field(
        default=60.0, gt=0, le=3600, description="Time for which a batch waits for a free child, in seconds."
    )
    memory_mib: int = Field(
        default=512, ge=64, le=16384, description="Memory that reading one message may take, in MiB."
    )
    batch: int = Field(default=64, ge=1, le=1000, description="Messages that go to a child in one round trip.")
    copies: int = Field(
        default=16, ge=1, le=256, description="Originals that are copied to the blobs at the same time (Kafka only)."
    )
