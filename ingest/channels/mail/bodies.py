"""What a mail says: which of its parts are text to read, and which of two forms of one text is taken. Pure and total.

The rules are those by which mail programs show a mail in line (RFC 8621, 4.1.4).
"""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import NamedTuple

from ingest.channels.mail.charset import html_to_str, to_text
from ingest.channels.mail.flowed import unflow
from ingest.channels.mail.html import html_to_text, says_something
from ingest.channels.mail.mime import Part, Tree, content_of, walk
from ingest.channels.mail.mojibake import mended
from ingest.channels.mail.uuencode import Encoded, cut_files

MAX_BODY = 1024 * 1024  # Bytes of one text part that are read.

_PLAIN = "text/plain"
_HTML = "text/html"
_BODIES = (_PLAIN, _HTML)
_TAGGED = ("text/enriched", "text/richtext")  # Read only where a mail says nothing else (RFC 1896).
_OTHER_FORMS = ("text/watch-html", "text/x-amp-html")  # The same text for a watch, and as a page that runs.


class Body(NamedTuple):
    """One part that is read as text."""

    number: int
    text: str  # HTML as it stands; plain text in whole paragraphs and without the files in it.
    is_html: bool
    files: tuple[Encoded, ...]  # That stood uuencoded in the text.

    @property
    def says(self) -> bool:
        """Whether there is anything to read in it."""
        return says_something(self.text) if self.is_html else bool(self.text.strip())


class Bodies(NamedTuple):
    """The text of a mail, in both of its forms."""

    plain: tuple[Body, ...]  # What is read, in order: of alternatives the plain one.
    shown: tuple[Body, ...]  # The same for showing: of alternatives the HTML.
    numbers: frozenset[int]  # Of the parts that are text in some form, and so no files.

    @property
    def text(self) -> str:
        """What the mail says, as plain text; empty where it says nothing."""
        texts = (html_to_text(body.text) if body.is_html else body.text.strip() for body in self.plain)
        return "\n\n".join(text for text in texts if text)

    @property
    def html(self) -> str:
        """What the mail shows, as HTML that is not to be trusted; empty where none of it is HTML."""
        if not any(body.is_html for body in self.shown):
            return ""
        return "\n".join(body.text if body.is_html else as_html(body.text) for body in self.shown)


def bodies_of(tree: Tree) -> Bodies:
    """The bodies of a mail; a mail that has nothing else says what stands in its first nameless text attachment."""
    found = _Chooser().read(tree.root)
    if found.numbers:
        return found
    kinds = (*_BODIES, *_TAGGED)
    texts = (part for part in walk(tree.root) if not part.parts and part.kind in kinds and not part.name)
    return next((_only(part) for part in texts), found)


def as_html(text: str) -> str:
    """Plain text as HTML that shows it."""
    return "<p>" + escape(text.strip()).replace("\n", "<br>") + "</p>"


class _Chooser:
    """Goes down the tree and picks."""

    def read(self, part: Part) -> Bodies:
        if not part.parts:
            return _only(part) if _is_body(part, 0, "") else Bodies((), (), frozenset())
        inner = [
            self.read(child) if child.parts else self._leaf(child, place, part)
            for place, child in enumerate(part.parts)
        ]
        numbers = frozenset().union(*(found.numbers for found in inner))
        if part.kind != "multipart/alternative":
            return Bodies(_all(found.plain for found in inner), _all(found.shown for found in inner), numbers)
        return Bodies(_best_plain(inner), _best_shown(inner), numbers | _other_forms(part.parts))

    def _leaf(self, child: Part, place: int, above: Part) -> Bodies:
        named_first = child.name and place == 0 and any(_is_unnamed_text(other) for other in above.parts[1:])
        if named_first or not _is_body(child, place, above.kind):
            return Bodies((), (), frozenset())
        return _only(child)


def _is_body(part: Part, place: int, above: str) -> bool:
    """Whether a part is read as text: not a file, nor something that another part refers to."""
    if part.kind not in _BODIES or part.disposition == "attachment":
        return False
    return place == 0 or (above != "multipart/related" and not part.name)


def _is_unnamed_text(part: Part) -> bool:
    return part.kind in _BODIES and not part.name and part.disposition != "attachment"


def _other_forms(parts: Iterable[Part]) -> frozenset[int]:
    return frozenset(part.number for part in parts if part.kind in _OTHER_FORMS)


def _best_plain(options: Sequence[Bodies]) -> tuple[Body, ...]:
    """The plain alternatives that say something, which some mailers cut into several; else the last that does."""
    plain = [found.plain for found in options if found.plain and not any(body.is_html for body in found.plain)]
    saying = [bodies for bodies in plain if any(body.says for body in bodies)]
    if saying:
        return _all(saying)
    others = [found.plain for found in options if found.plain]
    if len(others) == 1:
        return others[0]
    return next((bodies for bodies in reversed(others) if any(body.says for body in bodies)), ())


def _best_shown(options: Sequence[Bodies]) -> tuple[Body, ...]:
    """The last alternative with HTML (RFC 2046, 5.1.4: the last is the richest); else the plain ones."""
    rich = [found.shown for found in options if any(body.is_html for body in found.shown)]
    return rich[-1] if rich else _best_plain(options)


def _all(groups: Iterable[tuple[Body, ...]]) -> tuple[Body, ...]:
    return tuple(body for group in groups for body in group)


def _only(part: Part) -> Bodies:
    body = _body(part)
    return Bodies((body,), (body,), frozenset((part.number,)))


def _body(part: Part) -> Body:
    data = content_of(part)[:MAX_BODY]
    charset = part.parameters.get("charset", "")
    if part.kind == _HTML:
        return Body(part.number, mended(html_to_str(data, charset)), True, ())
    data, files = cut_files(data)
    text = mended(to_text(data, charset)).replace("\r\n", "\n").replace("\r", "\n")
    if part.kind in _TAGGED:
        text = html_to_text(text.replace("\n", "<br>"))
    elif part.parameters.get("format", "").lower() == "flowed":
        text = unflow(text, without_space=part.parameters.get("delsp", "").lower() == "yes")
    return Body(part.number, text, False, files)


def files_in(bodies: Bodies) -> Iterator[tuple[int, int, Encoded]]:
    """The files that stood in the text that is read: number of the part, number of the file, the file."""
    for body in bodies.plain:
        for member, file in enumerate(body.files, start=1):
            yield body.number, member, file
