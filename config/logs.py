"""Logs: lines for people on a terminal, JSON otherwise, and never a secret or a whole address in either."""

import hashlib
import logging
import re
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from config.masks import BOT_TOKEN, URL_PASSWORD
from store.tokens import PATTERN as REPLY_TOKEN

_ADDRESS = re.compile(r"[A-Za-z0-9._%+=-]{1,64}@([A-Za-z0-9.-]{1,255})")


def redacted(text: str) -> str:
    """The text without bot tokens, reply tokens, passwords in URLs and the local parts of mail addresses.

    An address keeps its domain and a short hash, by which its lines can still be told together.
    """
    text = URL_PASSWORD.sub(r"\1…", text)
    text = BOT_TOKEN.sub("…bot-token…", text)
    text = REPLY_TOKEN.sub("…reply-token…", text)
    return _ADDRESS.sub(lambda match: f"h:{_short_hash(match.group(0))}@{match.group(1)}", text)


def configure(stream: TextIO, *, level: int = logging.INFO) -> None:
    """Send every log line of this process to `stream`. Call once, at the start of a command."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    people = stream.isatty()
    ending: list[Processor] = [structlog.processors.format_exc_info, _redact]
    if people:
        ending.append(structlog.dev.ConsoleRenderer(pad_event_to=0))
    else:
        ending.append(structlog.processors.JSONRenderer(ensure_ascii=False))
    structlog.configure(
        processors=[*shared, *ending],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=stream),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[_drop_meta, *ending])
    )
    # Libraries speak only of trouble: at INFO some write addresses, and URLs that hold a bot's token.
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def _drop_meta(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    return structlog.stdlib.ProcessorFormatter.remove_processors_meta(logger, name, event)


def _redact(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {key: redacted(value) if isinstance(value, str) else value for key, value in event.items()}


def _short_hash(address: str) -> str:
    return hashlib.sha256(address.lower().encode()).hexdigest()[:8]
