"""What is measured of a reading, each figure beside what its source expects: nothing, or what is wrong."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping

from msgspec import UNSET
from selectolax.lexbor import LexborHTMLParser

from ingest.channels.mail.names import safe_name
from store.records import MAX_TEXT
from tests.corpora.folder import Expected, File
from tests.corpora.reading import Found, Reading

# A figure says nothing where the source does not state it, "" where the reading is right, else what is wrong.
Figure = Callable[[Reading, Expected], str | None]

_ADDRESS = re.compile(r"[^\s<>,;:\"'()\[\]]+@[^\s<>,;:\"'()\[\]]+")
_LINK = re.compile(r"(?:https?://|mailto:)[!-'*-;=?-~]+")
_LONGEST_TITLE = 100
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1b]")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
# What sources call the text of the mail where they keep a copy of it as a file; the desk has it as text and HTML.
_COPIES_OF_THE_TEXT = {"message.html", "body.rtf", "body.html"}
_SIGNATURE = re.compile(r"(?:--|Sent (?:from|with)) .{1,200}")
_COMMENT = re.compile(r"\([^()]*\)")  # What it holds is no address (RFC 5322, 3.2.2).
_MAIL_KINDS = {"auto_reply", "list", "report"}


def _words(text: str) -> str:
    return " ".join(_CONTROLS.sub("", text).split())


def _letters(text: str) -> str:
    """Without the space between words, and without what a rendering of HTML may add: marks, and where links lead."""
    return "".join(char for char in unicodedata.normalize("NFKC", _LINK.sub(" ", text)) if char.isalnum())


def _differs(expected: object, got: object) -> str:
    return "" if expected == got else f"expected {str(expected)[:400]!r}\n      got      {str(got)[:400]!r}"


def _differs_in_words(expected: str, got: str) -> str:
    """As `_differs`; where the source could not read a character, any character is as good."""
    if "\ufffd" in expected:
        expected, got = (_BEYOND_ASCII.sub("\ufffd", text) for text in (expected, got))
    return _differs(_words(expected), _words(got))


def _subject(reading: Reading, expected: Expected) -> str | None:
    if expected.subject is UNSET:
        return None
    return _differs_in_words(expected.subject or "", reading.mail.subject)


def _from(reading: Reading, expected: Expected) -> str | None:
    if expected.from_email is UNSET:
        return None
    address = (expected.from_email or "").lower()
    return _differs(address if "@" in address else "", reading.mail.sender.value)  # "moderator" is nobody elsewhere.


def _name(reading: Reading, expected: Expected) -> str | None:
    if expected.from_name is UNSET or expected.from_email is UNSET:
        return None
    name = _words(expected.from_name or "")
    return _differs("" if name.lower() == (expected.from_email or "").lower() else name, reading.mail.sender.name)


def _to(reading: Reading, expected: Expected) -> str | None:
    if expected.to is UNSET and expected.to_raw is UNSET:
        return None
    said = [expected.to_raw or ""] if expected.to_raw is not UNSET else expected.to or []
    wanted = {found.lower() for text in said for found in _ADDRESS.findall(_COMMENT.sub(" ", text or ""))} - {
        reading.mail.sender.value
    }
    got = {other.value for other in reading.mail.others}
    missing = wanted - got
    return f"expected {sorted(wanted)}\n      got      {sorted(got)}" if missing else ""


def _id(reading: Reading, expected: Expected) -> str | None:
    if expected.message_id is UNSET or expected.message_id is None:  # Some sources leave it out where it is.
        return None
    return _differs(expected.message_id.strip("<>"), reading.mail.external_id.strip("<>"))


def _text(reading: Reading, expected: Expected) -> str | None:
    if expected.text is not UNSET and expected.text:
        return _differs_in_words(expected.text[:MAX_TEXT], reading.mail.text)
    if expected.html_as_text is not UNSET and expected.html_as_text:
        return _differs_in_either(_letters(expected.html_as_text), reading)
    if expected.html is not UNSET and expected.html:
        return _differs_in_either(_letters(_shown(expected.html)), reading)
    return None


def _differs_in_either(expected: str, reading: Reading) -> str:
    """A source that prefers HTML says what that says; the desk reads the plain form and keeps the other for showing."""
    forms = [_letters(reading.mail.text), _letters(_shown(reading.mail.html))]
    if any(expected == form or _is_titled(expected, form) for form in forms):
        return ""
    if (
        reading.mail.html and not forms[1] and len(expected) <= _LONGEST_TITLE
    ):  # Only the title of a page without words.
        return ""
    if len(reading.mail.text) > MAX_TEXT - _LONGEST_TITLE and forms[0] in expected:  # As much of it as a message holds.
        return ""
    return _differs(expected, forms[0])


def _is_titled(expected: str, form: str) -> bool:
    """Whether a source shows the page's title above the same words."""
    return expected.endswith(form) and len(expected) - len(form) <= _LONGEST_TITLE < len(expected)


def _shown(html: str) -> str:
    tree = LexborHTMLParser(html)
    tree.strip_tags(["style", "script", "head", "title"])
    return tree.body.text(separator=" ") if tree.body is not None else ""


def _attachments(reading: Reading, expected: Expected) -> str | None:
    if expected.attachments_subset is not UNSET:
        return _lacking(expected.attachments_subset, reading.files)
    if expected.attachments is not UNSET:
        lacking = _lacking(expected.attachments, reading.files)
        more = expected.n_attachments is not UNSET and len(reading.files) > len(expected.attachments)
        return lacking or (f"more than the {len(expected.attachments)}: {_list(reading.files)}" if more else "")
    if expected.n_attachments is not UNSET and expected.n_attachments is not None:
        return _differs(expected.n_attachments, len(reading.files))
    return None


def _lacking(wanted: list[File], got: tuple[Found, ...]) -> str:
    left = list(got)
    for file in wanted:
        if file.filename in _COPIES_OF_THE_TEXT:
            continue
        match = next((found for found in left if _is(file, found)), None)
        if match is None:
            return f"expected {file.filename!r} {file.size} {file.md5}\n      got      {_list(got)}"
        left.remove(match)
    return ""


def _is(file: File, found: Found) -> bool:
    named = not file.filename or not _differs_in_words(safe_name(file.filename) or found.name, found.name)
    if file.md5 is None:  # A size without a digest is that of the source's own recoding.
        return named
    return named and (file.size, file.md5) in (
        (found.size, found.md5),
        (found.plain_size, found.plain_md5),
        (None, found.md5),
    )


def _list(files: tuple[Found, ...]) -> str:
    return str([(file.name, file.size, file.md5) for file in files])


def _kind(reading: Reading, expected: Expected) -> str | None:
    if expected.kind not in ("bounce", "arf", "auto_reply", "not_bounce", *_MAIL_KINDS):
        return None
    got = _kind_of(reading)
    right = {
        "bounce": got == "bounce",
        "arf": got == "arf",
        "auto_reply": got not in ("bounce", "arf", "person"),
        "not_bounce": got != "bounce",
        "list": got == "list",
        "report": got == "report",
    }
    return "" if right[expected.kind] else f"expected {expected.kind}, got {got}"


def _kind_of(reading: Reading) -> str:
    if reading.message is None:
        return "arf" if any(report.outcome == "complained" for report in reading.reports) else "bounce"
    return reading.message.automated or "person"


def _ordinary(reading: Reading, expected: Expected) -> str | None:
    """Whether a mail that nobody calls a bounce is taken for one."""
    if expected.kind in ("bounce", "arf"):
        return None
    return f"taken for a {_kind_of(reading)}: {reading.mail.subject!r}" if reading.message is None else ""


def _failed(reading: Reading, expected: Expected) -> str | None:
    if expected.failed_permanent is UNSET and expected.failed_temporary is UNSET:
        return None
    wanted = {
        address.lower() for some in (expected.failed_permanent, expected.failed_temporary) for address in some or ()
    }
    return _differs(sorted(wanted), sorted({report.recipient for report in reading.reports if report.recipient}))


def _reply(reading: Reading, expected: Expected) -> str | None:
    wrong = [found for found in _reply_wrongs(reading, expected) if found is not None]
    return next((found for found in wrong if found), "") if wrong else None


def _reply_wrongs(reading: Reading, expected: Expected) -> Iterator[str | None]:
    message = reading.message
    if message is None:
        yield "it is a report" if expected.reply_text is not UNSET else None
        return
    if expected.reply_text is not UNSET:
        same = _letters if "markdown" in expected.comparable else _words
        wanted, got = same(expected.reply_text), same(message.text)
        if expected.signed and _SIGNATURE.fullmatch(wanted.removeprefix(got).strip()):
            got = wanted
        yield _differs(wanted, got)
    if expected.first_fragment is not UNSET:
        yield _differs(_words(expected.first_fragment), _words(message.text))
    if expected.n_fragments == 1:
        yield _differs("", message.quoted)
    for number, pattern in expected.fragment_regex:
        yield _fragment(number, pattern, expected, message.text, message.quoted)
    for text in expected.visible_contains:
        yield "" if _words(text) in _words(message.text) else f"expected in {message.text[:300]!r}: {text!r}"
    for text in expected.visible_excludes:
        yield "" if _words(text) not in _words(message.text) else f"not expected in {message.text[:300]!r}: {text!r}"


def _fragment(number: int, pattern: str, expected: Expected, text: str, quoted: str) -> str:
    """Whether a piece stands where it should: what is hidden among the quoted, the rest in the visible text."""
    hidden = {index for index, what, yes in expected.flags if what == "isHidden" and yes}
    hidden |= {index for index, yes in enumerate(expected.hidden) if yes}
    known = bool(expected.hidden) or any(what == "isHidden" for _, what, _ in expected.flags)
    where = f"{text}\n{quoted}" if not known else quoted if number in hidden else text
    pattern = pattern.replace("-- ", "-- ?")  # Clean lines end without space.
    return "" if re.search(pattern, where, re.MULTILINE) else f"expected {pattern!r} in {where[:300]!r}"


def _read(reading: Reading, expected: Expected) -> str | None:
    """Right for whatever could be read at all."""
    return ""


FIGURES: Mapping[str, Figure] = {
    "read": _read,
    "subject": _subject,
    "from": _from,
    "name": _name,
    "to": _to,
    "id": _id,
    "text": _text,
    "attachments": _attachments,
    "kind": _kind,
    "ordinary": _ordinary,
    "failed": _failed,
    "reply": _reply,
}
