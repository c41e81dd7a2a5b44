"""HTML of a stranger as HTML that may be shown: an allow-list of tags, and nothing that loads or runs. Pure.

No address in it is ever followed by us. An image of the mail itself points to its file; any other becomes a
placeholder, because fetching it would tell its sender who reads the mail, and when.
"""

import re
from collections.abc import Mapping
from urllib.parse import unquote

import nh3

from ingest.channels.mail.html import MAX_HTML as MAX_READ
from ingest.channels.mail.html import is_bomb
from store.records import MAX_HTML

PLACEHOLDER = "placeholder:image"  # What an image that is not shown points to; no browser loads it.
ATTACHMENT = "attachment:"  # Before the place of an image's file in `Message.attachments`, from 0.

# fmt: off
_TAGS = frozenset((
    "a", "abbr", "b", "bdi", "bdo", "big", "blockquote", "br", "caption", "center", "cite", "code", "col", "colgroup",
    "dd", "del", "dfn", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd",
    "li", "mark", "ol", "p", "pre", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "table",
    "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul", "var",
))
_SILENT = frozenset((
    "head", "iframe", "math", "noembed", "noframes", "noscript", "object", "script", "select", "style", "svg",
    "template", "textarea", "title", "xmp",
))
# fmt: on
_ATTRIBUTES = {
    "*": frozenset(("dir",)),
    "a": frozenset(("href",)),
    "img": frozenset(("src", "alt")),
    "ol": frozenset(("start",)),
    "td": frozenset(("colspan", "rowspan")),
    "th": frozenset(("colspan", "rowspan")),
}
_SCHEMES = frozenset(("http", "https", "mailto", "tel", "cid", "data"))
_LINK = re.compile(r"\s*(?:https?:|mailto:|tel:)", re.IGNORECASE)
_CID = re.compile(r"\s*cid:", re.IGNORECASE)
# Controls, and the characters that make what follows them read backwards.
_HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ufeff]")


def sanitise(html: str, files: Mapping[str, int]) -> str:
    """What is harmless of the HTML; empty where it is too large or too deep to read, or too large to keep.

    `files` says which place in `Message.attachments` the file with a Content-ID has. No `style`, `class` or `id` is
    left, links are absolute and tell nobody where they were followed from.
    """
    if not html.strip() or len(html) > MAX_READ or is_bomb(html):
        return ""

    def filtered(tag: str, attribute: str, value: str) -> str | None:
        if attribute == "src":
            place = files.get(unquote(_CID.sub("", value, count=1)).strip("<> ")) if _CID.match(value) else None
            return PLACEHOLDER if place is None else f"{ATTACHMENT}{place}"
        if attribute == "href":
            return value if tag == "a" and _LINK.match(value) else None
        return value

    clean = nh3.clean(
        _HIDDEN.sub("", html),
        tags=set(_TAGS),
        clean_content_tags=set(_SILENT),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        attribute_filter=filtered,
        url_schemes=set(_SCHEMES),
        link_rel="noopener noreferrer nofollow",
    ).strip()
    return clean if len(clean) <= MAX_HTML else ""
