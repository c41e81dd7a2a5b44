"""The mail that another one passes on as an attachment. Pure and total."""

from ingest.channels.mail.bodies import bodies_of
from ingest.channels.mail.content import clean_text
from ingest.channels.mail.identity import mailbox_in
from ingest.channels.mail.lines import clean_lines
from ingest.channels.mail.mime import Tree, content_of, parse, walk
from store.records import Address, Forwarded

_MAILS = ("message/rfc822", "message/global")


def forwarded_in(tree: Tree) -> Forwarded | None:
    """The first mail that is attached, its sender read strictly; None where there is none."""
    part = next((part for part in walk(tree.root) if part.kind in _MAILS and not part.parts), None)
    if part is None:
        return None
    inner = parse(clean_lines(content_of(part)))
    headers = inner.root.headers
    address, name = mailbox_in(headers.all("from")) or ("", "")
    return Forwarded(
        sender=Address(kind="mail", value=address, name=name),
        subject=headers.line("subject"),
        text=clean_text(bodies_of(inner).text),
        external_id=next(iter(headers.ids("message-id")), ""),
    )
