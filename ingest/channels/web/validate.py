"""What was typed into a form: read from the request's body, and checked field by field."""

import re
from collections.abc import Sequence
from urllib.parse import parse_qsl

import msgspec

MAX_NAME = 300  # Characters; far more than a name, for people who write their department too.
MAX_MAIL = 254  # Octets of an address: RFC 5321, section 4.5.3.1.3, less the angle brackets.
_MAX_LOCAL = 64  # RFC 5321, section 4.5.3.1.1.
_MAX_LABEL = 63  # RFC 1035, section 2.3.4.

# Whom something can hurt, in the order of the page: what rules ask about as the fact `affects`.
AFFECTED = ("me", "department", "everyone")

# What keyboards and copying leave around an address without being seen: marks of direction and joiners.
_UNSEEN = " \t\r\n\u00a0\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")  # RFC 5321, dot-string.
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")


class Typed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a person typed, as it came but for line ends; a field that the form does not ask is empty."""

    name: str = ""
    email: str = ""
    topic: str = ""
    affects: str = ""
    message: str = ""


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """What a form asks."""

    fields: tuple[str, ...]  # Of the fields of `Typed`, in the order of the page.
    optional: frozenset[str]  # Those of them that may be left empty.
    topics: tuple[str, ...]  # The names of the topics, in the order of the page.
    longest_message: int  # Characters.


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to mend, beside its field."""

    field: str
    text: str  # A key of the page's texts, in their section "errors".
    count: int = 0  # What the text says about it, where it counts something.
    limit: int = 0


class Posted(msgspec.Struct, frozen=True, kw_only=True):
    """A request's body."""

    typed: Typed
    submission: str  # Not verified.
    trap: str  # What stands in the field that people do not see.


def read(body: bytes, shape: Shape, *, max_fields: int) -> Posted:
    """The fields of an `application/x-www-form-urlencoded` body, the first one of each name; others are left out.

    By the URL standard (https://url.spec.whatwg.org/#urlencoded-parsing) it is always UTF-8; bytes that are not become
    U+FFFD. Raises ValueError for more than `max_fields` fields.
    """
    fields: dict[str, str] = {}
    pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=max_fields)
    for name, value in pairs:
        fields.setdefault(name, value.replace("\r\n", "\n").replace("\r", "\n"))
    asked = {name: fields.get(name, "") for name in shape.fields}
    return Posted(typed=Typed(**asked), submission=fields.get("submission", ""), trap=fields.get("website", ""))


def problems(typed: Typed, shape: Shape) -> Sequence[Problem]:
    """All that must be mended, in the order of the page; empty: it can be accepted."""
    checks = {
        "name": _name(typed.name),
        "email": _mail(typed.email),
        "topic": _choice("topic", typed.topic, shape.topics),
        "affects": _choice("affects", typed.affects, AFFECTED),
        "message": _message(typed.message, shape.longest_message),
    }
    found: list[Problem] = []
    for field in shape.fields:
        problem = checks[field]
        if not getattr(typed, field).strip():
            problem = None if field in shape.optional else Problem(field=field, text=f"{field}_missing")
        if problem is not None:
            found.append(problem)
    return found


def mail_address(text: str) -> str | None:
    """The address in canonical form (lower case, ASCII domain), None where mail could not be sent to it.

    Only what every mail server takes: no quoted local parts, no address literals, no letters beyond ASCII before the @.
    """
    local, _, domain = text.strip(_UNSEEN).rpartition("@")
    if len(local) > _MAX_LOCAL or len(domain) > MAX_MAIL or not _LOCAL.fullmatch(local):
        return None
    try:
        ascii_domain = domain.encode("idna").decode().lower()
    except UnicodeError:
        return None
    labels = ascii_domain.split(".")
    if len(labels) < 2 or not all(len(label) <= _MAX_LABEL and _LABEL.fullmatch(label) for label in labels):  # noqa: PLR2004 (a name and a top-level domain)
        return None
    address = f"{local.lower()}@{ascii_domain}"
    return address if len(address) <= MAX_MAIL else None


def _name(name: str) -> Problem | None:
    if len(name) <= MAX_NAME:
        return None
    return Problem(field="name", text="name_long", count=len(name), limit=MAX_NAME)


def _choice(field: str, chosen: str, choices: Sequence[str]) -> Problem | None:
    return None if chosen in choices else Problem(field=field, text=f"{field}_unknown")


def _mail(address: str) -> Problem | None:
    return None if mail_address(address) else Problem(field="email", text="email_wrong")


def _message(message: str, longest: int) -> Problem | None:
    if len(message) <= longest:
        return None
    return Problem(field="message", text="message_long", count=len(message), limit=longest)
