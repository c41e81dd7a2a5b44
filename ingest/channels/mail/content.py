"""What a message holds: its words, the same for showing, and its files. Pure and total."""

import re
from typing import NamedTuple

from ingest.channels.mail.attachments import attachments_of, winmail_in
from ingest.channels.mail.bodies import bodies_of
from ingest.channels.mail.html import html_to_text
from ingest.channels.mail.mime import Tree, walk
from ingest.channels.mail.sanitise import sanitise
from store.records import MAX_TEXT, Attachment

# What may not stand in stored text: NUL (PostgreSQL refuses it) and the other controls but newline and tab.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


class Content(NamedTuple):
    """A mail as a person reads it."""

    text: str  # At most MAX_TEXT characters.
    html: str  # Sanitised; empty: it had none, or none that can be shown.
    attachments: tuple[Attachment, ...]


def content_of_mail(tree: Tree) -> Content:
    """All of it; where the mail itself says nothing, what Outlook packed into it says so."""
    bodies = bodies_of(tree)
    files = attachments_of(tree, bodies)
    text, html = bodies.text, bodies.html
    if not text and not html:
        text, html = _packed(tree)
    places = {file.content_id: place for place, file in reversed(tuple(enumerate(files))) if file.content_id}
    return Content(clean_text(text), sanitise(html, places), files)


def clean_text(text: str) -> str:
    """Text without what cannot be stored, cut to MAX_TEXT characters."""
    return _CONTROLS.sub("", text[: 4 * MAX_TEXT])[:MAX_TEXT].strip()


def _packed(tree: Tree) -> tuple[str, str]:
    """The text and the HTML of the first winmail.dat that has any."""
    for part in walk(tree.root):
        winmail = winmail_in(part)
        if winmail and (winmail.text or winmail.html):
            return winmail.text or html_to_text(winmail.html), winmail.html
    return "", ""
