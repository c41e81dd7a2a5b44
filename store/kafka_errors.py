"""What a Kafka client's troubles mean for us, and how loudly its library may speak of them."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import structlog
from aiokafka.errors import KafkaError, KafkaTimeoutError, MessageSizeTooLargeError

from store.errors import Permanent, Temporary

log = structlog.get_logger()

_SILENCE = 60.0  # Seconds between two of the library's complaints; it repeats each of them ten times a second.


def connecting_takes(servers: str, request_timeout: timedelta) -> float:
    """Seconds after which connecting is stuck rather than slow: each server in turn, and then some.

    The library closes its sockets when its own time is up, and leaves them open when it is cancelled sooner.
    """
    return request_timeout.total_seconds() * (servers.count(",") + 3)


@contextmanager
def sorted_out(servers: str, what: str) -> Iterator[None]:
    """Raise the client's errors in the words of `store.errors`, with the address in them.

    Everything is Temporary, a refused login as well: it is our environment that is wrong, not the record.
    """
    try:
        yield
    except MessageSizeTooLargeError as error:
        raise Permanent(f"Kafka takes no record of this size ({error}): lower what goes into one record") from error
    except (TimeoutError, KafkaTimeoutError) as error:
        raise Temporary(
            f"Kafka at {servers} has not answered in time ({what}): check that the brokers run and can be reached; "
            "trying again"
        ) from error
    except (KafkaError, OSError) as error:
        raise Temporary(f"Kafka at {servers} refused ({what}): {type(error).__name__} {error}; trying again") from error


class Complaints(logging.Handler):
    """Passes the library's warnings on, one a minute: its retries would fill the log during an outage."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._next = 0.0
        self._kept_back = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Log the first one of each minute, with the number of those that were left out before it."""
        now = time.monotonic()
        if now < self._next:
            self._kept_back += 1
            return
        self._next = now + _SILENCE
        log.warning("kafka client complains", said=record.getMessage(), kept_back=self._kept_back)
        self._kept_back = 0


def quiet_library() -> None:
    """Let the library's own loggers speak through `Complaints` alone; doing it twice changes nothing."""
    library = logging.getLogger("aiokafka")
    if not any(isinstance(handler, Complaints) for handler in library.handlers):
        library.addHandler(Complaints())
        library.setLevel(logging.WARNING)
        library.propagate = False
