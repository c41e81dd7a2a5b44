"""HTML to the text that a reader would see. Pure, and linear in what it is given.

Parsers of HTML take quadratic time for deep nesting (half a megabyte of `<div>`: 14 s), so that a limit on size is not
enough: depth and tags are counted before anything is parsed.
"""

import re
from html import unescape
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode

MAX_DEPTH = 256
MAX_TAGS = 20_000
MAX_ATTRIBUTES = 64  # Of one tag: parsers compare each with all before it.
MAX_REFERENCES = 50_000  # What begins with "&": nh3 takes quadratic time for those that mean nothing.
MAX_HTML = 1024 * 1024  # Characters.

# Possessive, so that a tag that never ends is not tried in a thousand ways.
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*+)[^<>]*+>")
# A tag of too many attributes (WHATWG HTML Standard, 13.2.5.32 to 39); what opens a quote without end counts as one.
# Whatever may begin a tag counts as one too, so that a text is read a bounded number of times, not from each "<" on.
_ATTRIBUTE = r"""[\s/]*+[^\s/>][^\s/<>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s<>"'][^\s<>]*+)?+)?+"""
_OVERLOADED = re.compile(rf"<[a-zA-Z][^\s/<>]*+(?:{_ATTRIBUTE}){{{MAX_ATTRIBUTES}}}")
# fmt: off
_VOID = frozenset(("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"))
_HIDDEN = frozenset((
    "head", "iframe", "math", "noscript", "object", "script", "select", "style", "svg", "template", "textarea", "title",
))
_BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "center", "dd", "div", "dl", "dt", "fieldset", "figure", "footer",
    "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section",
    "table", "tr", "ul",
))
# fmt: on
_UNSEEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
# Outlook's element around the header of a quoted mail, and the line that Outlook draws above it in plain text; by it
# the quotation is found whatever the language of the labels.
_OUTLOOK_HEADER = "divRplyFwdMsg"
_OUTLOOK_RULE = "_" * 32
_PLACE = re.compile(r"https?://|/$")
_INLINE_SPACE = re.compile(r"[ \t\r\n\f]+")


def html_to_text(html: str) -> str:
    """Lines of text, quotations marked with "> "; HTML beyond the limits is stripped of its tags without parsing."""
    html = html[:MAX_HTML]
    if is_bomb(html):
        return _tidy(unescape(_TAG.sub(" ", html)))
    body = LexborHTMLParser(html).body
    return "" if body is None else _tidy(_Writer().write(body))


def says_something(html: str) -> bool:
    """Whether a reader would see any words."""
    return bool(html_to_text(html))


def is_bomb(html: str) -> bool:
    """Whether tags or references are too many, tags too rich or too deep; without regard to which closes which."""
    begun = html.count("<")
    if html.count("&") > MAX_REFERENCES or (len(html) > 2 * MAX_ATTRIBUTES and _OVERLOADED.search(html)):
        return True
    if begun <= MAX_DEPTH:
        return False
    depth = 0
    for count, match in enumerate(_TAG.finditer(html)):
        if match[2].lower() not in _VOID:
            depth += -1 if match[1] else 1
        if depth > MAX_DEPTH or count > MAX_TAGS:
            return True
    return begun > 2 * MAX_TAGS


class _Writer:
    """Walks a tree without recursion and writes down its text."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.quoted = 0
        self.fixed = 0  # How many <pre> we are in.

    def write(self, body: LexborNode) -> str:
        node: LexborNode | None = body.child
        while node is not None:
            inner = self._enter(node)
            if inner is not None:
                node = inner
                continue
            while node is not None and node.next is None:
                node = node.parent
                if node is None or node.mem_id == body.mem_id:
                    return "".join(self.pieces)
                self._leave(node)
            node = None if node is None else node.next
        return "".join(self.pieces)

    def _enter(self, node: LexborNode) -> LexborNode | None:
        """Write what a node begins with, and return its first child where that is to be written."""
        tag = node.tag or ""
        if tag == "-text":
            text = node.text(deep=False)
            self.pieces.append(text if self.fixed else _INLINE_SPACE.sub(" ", text))
            return None
        if tag == "br":
            self._break()
        if tag.startswith(("-", "!")) or tag in _HIDDEN or _UNSEEN.search(node.attributes.get("style") or ""):
            return None
        if tag == "div" and node.attributes.get("id") == _OUTLOOK_HEADER:
            self._begin_line()
            self.pieces.append(_OUTLOOK_RULE)
        self._open(tag)
        if node.child is None:
            self._leave(node)
        return node.child

    def _open(self, tag: str) -> None:
        if tag == "blockquote":
            self.quoted += 1
        if tag == "pre":
            self.fixed += 1
        if tag in _BLOCKS:
            self._begin_line()
        if tag == "li":
            self.pieces.append("- ")
        if tag in ("td", "th"):
            self.pieces.append(" ")

    def _leave(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if tag == "a":
            self._target(node)
        if tag == "blockquote":
            self.quoted -= 1
        if tag == "pre":
            self.fixed -= 1
        if tag in _BLOCKS:
            self._begin_line()
        if tag == "p":
            self._break()

    def _target(self, node: LexborNode) -> None:
        """Where a link leads, unless its text says so; of a link to write a mail the address, which is who is meant."""
        target = node.attributes.get("href") or ""
        said = node.text(deep=True).strip()
        if target.startswith(("http://", "https://")) and _PLACE.sub("", said) != _PLACE.sub("", target):
            self.pieces.append(f" ({target[:500]})")
        elif target[:7].lower() == "mailto:":
            address = " ".join(unquote(target[7:500].partition("?")[0]).split())
            if address and address.lower() not in said.lower():
                self.pieces.append(f" ({address})")

    def _break(self) -> None:
        self.pieces.append("\n" + "> " * min(self.quoted, 10))

    def _begin_line(self) -> None:
        """Break the line, unless nothing stands in it yet."""
        while self.pieces and not self.pieces[-1].strip(" "):
            self.pieces.pop()
        if self.pieces and self.pieces[-1].startswith("\n") and not self.pieces[-1].strip("\n> "):
            self.pieces.pop()
        self._break()


def _tidy(text: str) -> str:
    """No spaces at the ends of lines, no more than one empty line at a time."""
    lines = [line.strip() for line in text.replace("\xa0", " ").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
