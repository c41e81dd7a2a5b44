"""The settings of the HTTP listener, apart from it: whoever only reads a settings file loads no server."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field

from store.durations import Duration
from store.sizes import Size


class HttpSettings(BaseModel):
    """An HTTP listener under `listeners:`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    listen: str = Field(
        default="127.0.0.1:8080",
        pattern=r"^(\[[0-9A-Fa-f:.]+\]|[^\s:\[\]]+):\d{1,5}$",
        description="Address and port, such as 127.0.0.1:8080 or [::1]:8080; port 0 takes any free one.",
    )
    max_body: Size = Field(default=1024 * 1024, ge=1024, description="The largest body of a request.")
    max_head: Size = Field(
        default=16 * 1024, ge=1024, description="The largest first line and headers of a request, together."
    )
    head_timeout: Duration = Field(
        default=timedelta(seconds=10),
        description="Time in which a client must bring the head of its first or next request, in whole seconds.",
    )
    request_timeout: Duration = Field(
        default=timedelta(seconds=30), description="Time in which a request must be received whole and answered."
    )
    max_requests: int = Field(
        default=100, ge=1, description="Requests that are answered at once; one more is asked to come again."
    )
    max_connections: int = Field(default=1000, ge=2, description="Open connections, idle ones too.")
    drain: Duration = Field(
        default=timedelta(seconds=10),
        description="How long requests in progress may still take when the desk stops, in whole seconds.",
    )
