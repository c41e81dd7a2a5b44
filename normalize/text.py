"""Text that is safe to store and to show: one form, no controls, nothing that hides or overflows."""

import re
import unicodedata
from functools import cache
from itertools import chain

from msgspec.structs import replace

from store.records import MAX_HTML, MAX_TEXT, Address, Attachment, Fact, Forwarded, Message

MAX_SUBJECT = 256  # Characters; RFC 5322 2.1.1 recommends lines of 78, and no mail program shows more than this.
MAX_NAME = 256  # Characters of a name: as long as most file systems allow (NAME_MAX, 255).
_MAX_VALUE = 1024  # Characters of an answer in a form's field or of an id.
_MAX_MARKS = 4  # Combining marks on one letter; pointed Hebrew and Vietnamese need three, "Zalgo" text has dozens.
_MAX_BLANKS = 2  # Blank lines in a row.
_MAX_ISOLATES = 125  # Unicode Standard Annex 9, BD2: the depth that every program must bear.

# Everything that ends a line somewhere: CR LF, CR, VT, FF, NEL, line and paragraph separator.
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")

# What never carries meaning: C0 and C1 controls, soft hyphen, zero-width space, word joiner and invisible operators,
# Mongolian vowel separator, byte order mark, interlinear and tag characters, noncharacters. Embeddings and overrides
# (U+202A to U+202E) go as well: they make a file name or an address read backwards. The non-joiner and the joiner
# (U+200C, U+200D) stay, because Persian spelling and emoji need them, and so do the direction marks (U+200E, U+200F,
# U+061C), which move nothing but their neighbours.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u180e\u200b\u202a-\u202e\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb"
    "\ufdd0-\ufdef\ufffe\uffff\U000e0000-\U000e007f]"
)
_SURROGATES = re.compile("[\ud800-\udfff]")
_JOINERS = re.compile("([\u200c\u200d])[\u200c\u200d]+")
_ISOLATES = re.compile("[\u2066-\u2069]")
_BLANKS = re.compile(rf"\n{{{_MAX_BLANKS + 2},}}")
# Where combining marks are; between the two rare spans are emoji, which are common and are none.
_COMMON = (range(0x300, 0x10000),)
_RARE = (range(0x10000, 0x1F000), range(0xE0100, 0xE01F0))
_RARE_SCRIPTS = re.compile("[\U00010000-\U0001efff\U000e0100-\U000e01ef]")
_END_OF_ISOLATE = "\u2069"


def clean_message(message: Message) -> Message:
    """The step: all texts of a message cleaned, each cut to what its field may hold."""
    text = clean_text(message.text)[:MAX_TEXT]
    return replace(
        message,
        subject=clean_line(message.subject, MAX_SUBJECT),
        text=text,
        quoted=clean_text(message.quoted)[: MAX_TEXT - len(text)],
        html=_clean_html(message.html),
        forwarded=None if message.forwarded is None else _clean_forwarded(message.forwarded),
        sender=_clean_address(message.sender),
        others=tuple(_clean_address(other) for other in message.others),
        external_id=clean_line(message.external_id, _MAX_VALUE),
        references=tuple(clean_line(reference, _MAX_VALUE) for reference in message.references),
        tokens=tuple(clean_line(token, MAX_NAME) for token in message.tokens),
        unreadable=clean_line(message.unreadable, _MAX_VALUE),
        attachments=tuple(_clean_attachment(attachment) for attachment in message.attachments),
        facts=tuple(_clean_fact(fact) for fact in message.facts),
    )


def clean_text(text: str) -> str:
    """Text of several lines: NFC, lines end in a line feed, no trailing spaces, at most two blank lines in a row.

    A text of which most cannot be kept anyway is cut before the work, at four times MAX_TEXT.
    """
    text = _LINE_ENDS.sub("\n", text[: 4 * MAX_TEXT])
    if not text.isascii() and _ISOLATES.search(text):
        text = "\n".join(_balanced(line) for line in text.split("\n"))
    text = _visible(text)
    # A pattern for trailing spaces would take quadratic time on a long run of spaces inside a line.
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    return _BLANKS.sub("\n" * (_MAX_BLANKS + 1), text).strip("\n")


def clean_line(text: str, limit: int) -> str:
    """Text of one line: white space is single spaces, and nothing in it changes the direction of its neighbours."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text[:limit].strip()
    text = _visible(_ISOLATES.sub("", _LINE_ENDS.sub(" ", text[: 4 * limit])))
    return " ".join(text.split())[:limit].rstrip()


def _visible(text: str) -> str:
    """NFC without what cannot be seen, and with few marks on a letter.

    Nothing may be taken out of its result, lest a letter and a mark meet that were apart.
    """
    text = _INVISIBLE.sub("", text)
    if text.isascii():
        return text
    text = _JOINERS.sub(r"\1", _SURROGATES.sub("\ufffd", text))
    # Marks are cut before, because sorting a long run of them takes quadratic time, and after, because a sign may
    # decompose into several.
    return _few_marks(unicodedata.normalize("NFC", _few_marks(text)))


def _few_marks(text: str) -> str:
    text = _long_runs(_COMMON).sub(lambda run: run.group()[:_MAX_MARKS], text)
    if _RARE_SCRIPTS.search(text):  # Looking through the many ranges above U+FFFF is slow, and hardly ever needed.
        text = _long_runs(_COMMON + _RARE).sub(lambda run: run.group()[:_MAX_MARKS], text)
    return text


@cache
def _long_runs(spans: tuple[range, ...]) -> re.Pattern[str]:
    """Runs of too many combining marks out of these spans; Python's own Unicode tables say what a mark is."""
    ranges: list[tuple[int, int]] = []
    for code in chain(*spans):
        if unicodedata.category(chr(code)) in ("Mn", "Me"):
            start = ranges.pop()[0] if ranges and ranges[-1][1] == code - 1 else code
            ranges.append((start, code))
    marks = "".join(f"{chr(start)}-{chr(end)}" for start, end in ranges)
    return re.compile(f"[{marks}]{{{_MAX_MARKS + 1},}}")


def _balanced(line: str) -> str:
    """The line with every isolate closed and nothing closed that was not open, so that the next line is untouched."""
    if not _ISOLATES.search(line):
        return line
    kept: list[str] = []
    depth = 0
    for sign in line:
        if sign == _END_OF_ISOLATE:
            if depth == 0:
                continue
            depth -= 1
        elif _ISOLATES.match(sign):
            if depth == _MAX_ISOLATES:
                continue
            depth += 1
        kept.append(sign)
    return "".join(kept) + _END_OF_ISOLATE * depth


def _clean_address(address: Address) -> Address:
    return replace(address, value=clean_line(address.value, _MAX_VALUE), name=clean_line(address.name, MAX_NAME))


def _clean_html(html: str) -> str:
    """Sanitised HTML as it is, but that it can be stored; of too much nothing is kept, because a part is no HTML."""
    if len(html) > MAX_HTML:
        return ""
    return html if html.isascii() else _SURROGATES.sub("\ufffd", html)


def _clean_forwarded(forwarded: Forwarded) -> Forwarded:
    return replace(
        forwarded,
        sender=_clean_address(forwarded.sender),
        subject=clean_line(forwarded.subject, MAX_SUBJECT),
        text=clean_text(forwarded.text)[:MAX_TEXT],
        external_id=clean_line(forwarded.external_id, _MAX_VALUE),
    )


def _clean_attachment(attachment: Attachment) -> Attachment:
    return replace(
        attachment,
        name=clean_line(attachment.name, MAX_NAME),
        content_type=clean_line(attachment.content_type, MAX_NAME),
    )


def _clean_fact(fact: Fact) -> Fact:
    return replace(fact, name=clean_line(fact.name, MAX_NAME), value=clean_line(fact.value, _MAX_VALUE))
