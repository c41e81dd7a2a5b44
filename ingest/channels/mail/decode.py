"""A mail as it came to the record that it is. Pure and total: an unreadable mail becomes a message that says so."""

import re
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from ingest.channels.mail.bounces.reports import Report, records_of, report_of
from ingest.channels.mail.charset import to_text
from ingest.channels.mail.content import Content, clean_text, content_of_mail
from ingest.channels.mail.dates import sent_at
from ingest.channels.mail.fingerprint import fingerprint
from ingest.channels.mail.forwarded import forwarded_in
from ingest.channels.mail.headers import MAX_ID, MAX_UNSTRUCTURED, Headers, split_header
from ingest.channels.mail.identity import Mailbox, Trust, answer_address, is_address, mailbox_in, presumed_in, proof_of
from ingest.channels.mail.imap_excerpt import why_header_only
from ingest.channels.mail.lines import clean_lines, is_clean
from ingest.channels.mail.machines import Clues, files_of, is_own, machine
from ingest.channels.mail.mime import Tree, content_of, parse, walk
from ingest.channels.mail.people import others_in
from store.codec import derived_id
from store.records import MAX_REFERENCES, MAX_TEXT, Address, DeliveryReport, Fact, Message, RawMessage, ReplyPath
from store.tokens import candidates

_BARE_ID = re.compile(rb"[!-;=?-~]{1,%d}" % (MAX_ID - 2))
_BETWEEN_ADDRESSES = re.compile(r"[\s<>,;:\"()]+")


class Decoding(msgspec.Struct, frozen=True, kw_only=True):
    """What the decoder needs of a channel's settings; no secret."""

    addresses: tuple[str, ...]  # The channel's own, in lower case.
    authserv_id: str = ""  # See `Trust`.
    hops: int = 0
    loop: str = ""  # What marks our own automatic mail; it stands in every one of them.
    facts: tuple[Fact, ...] = ()  # Set on every message of the channel.


class _Mail(NamedTuple):
    """A mail taken apart."""

    payload: bytes
    block: bytes  # Its header.
    body: bytes
    tree: Tree
    sender: Mailbox | None  # The strict From.

    @property
    def headers(self) -> Headers:
        """Its fields."""
        return self.tree.root.headers


def decode(raw: RawMessage, settings: Decoding) -> tuple[Message | DeliveryReport, ...]:
    """What a mail is; `raw` holds its payload itself.

    One message, or, where another system says what became of mail of ours, a report for each recipient.
    """
    mail = _opened(raw)
    clues = _clues(raw, settings, mail)
    report = _report(mail, clues)
    if report is None:
        return (_message(raw, settings, mail, machine(clues)),)
    return records_of(report, raw, _tokens_to_us(raw, mail.headers), _fingerprint(raw, mail))


def message_of(raw: RawMessage, settings: Decoding) -> Message:
    """Any mail as a message, a report too."""
    mail = _opened(raw)
    clues = _clues(raw, settings, mail)
    return _message(raw, settings, mail, "bounce" if _report(mail, clues) else machine(clues))


def _opened(raw: RawMessage) -> _Mail:
    payload = clean_lines(raw.payload)
    block, body = split_header(payload)
    tree = parse(payload)
    return _Mail(payload, block, body, tree, mailbox_in(tree.root.headers.all("from")))


def _report(mail: _Mail, clues: Clues) -> Report | None:
    return None if is_own(clues) else report_of(mail.tree, clues.sender, null_sender=clues.null_sender)


def _message(raw: RawMessage, settings: Decoding, mail: _Mail, automated: str) -> Message:
    headers, tree, sender = mail.headers, mail.tree, mail.sender
    proof = proof_of(headers, sender, Trust(settings.authserv_id, settings.hops))
    transport = _transport_sender(raw, headers)
    answer = answer_address(headers, sender, proof, transport)
    writer = _writer(sender or presumed_in(headers), transport)
    content = _content(mail)
    named = _addresses(headers, "to", "cc")
    return Message(
        id=derived_id(raw.id, "0"),
        raw=raw.id,
        channel=raw.channel,
        external_id=_message_id(headers),
        references=_references(headers, tree, automated),
        tokens=_tokens_to_us(raw, headers),
        sender=writer,
        proof=proof,
        reply_path=ReplyPath(channel=raw.channel, address=answer) if answer else None,
        addressed=any(_without_token(address) in settings.addresses for address in named),
        subject=headers.line("subject"),
        text=content.text,
        html=content.html,
        others=others_in(headers, writer.value, lambda address: _without_token(address) in settings.addresses),
        forwarded=None if automated in ("bounce", "report") else forwarded_in(tree),
        automated=automated,
        unreadable=why_header_only(raw.content_type) or _unreadable(headers, tree),
        attachments=content.attachments,
        facts=(*settings.facts, *_repairs(raw)),
        sent_at=sent_at(headers, raw.received_at),
        received_at=raw.received_at,
        fingerprint=_fingerprint(raw, mail),
    )


def _content(mail: _Mail) -> Content:
    """What the mail holds; of one without a header, all of it as text."""
    if mail.headers.fields:
        return content_of_mail(mail.tree)
    return Content(clean_text(to_text(mail.payload[:MAX_TEXT])), "", content_of_mail(mail.tree).attachments)


def _fingerprint(raw: RawMessage, mail: _Mail) -> str:
    return fingerprint(raw.channel, mail.headers, mail.block, mail.body)


def _tokens_to_us(raw: RawMessage, headers: Headers) -> tuple[str, ...]:
    """What may be tokens in any address of ours that the mail came to."""
    return _tokens([*raw.envelope.recipients, *_addresses(headers, "to", "cc", "delivered-to", "x-original-to")])


def _clues(raw: RawMessage, settings: Decoding, mail: _Mail) -> Clues:
    address = mail.sender.address if mail.sender else ""
    return Clues(
        headers=mail.headers,
        kind=mail.tree.root.kind,
        sender=address,
        envelope_sender=raw.envelope.sender,
        sender_known=not raw.envelope.fetched,
        files=files_of(mail.tree),
        ours=_without_token(address) in settings.addresses,
        loop=settings.loop,
    )


def _writer(sender: Mailbox | None, transport: str) -> Address:
    """Whom the header names; else what the transport says, which proves no more than an unreadable From does."""
    if sender is not None:
        return Address(kind="mail", value=sender.address, name=sender.name)
    address = transport.lower()
    return Address(kind="mail", value=address if is_address(address) else "")


def _transport_sender(raw: RawMessage, headers: Headers) -> str:
    """MAIL FROM; of a mail that was fetched, what the server that kept it noted of that (RFC 5321, 4.4)."""
    if not raw.envelope.fetched:
        return raw.envelope.sender
    return to_text(headers.first("return-path")).strip("<> ")


def _repairs(raw: RawMessage) -> tuple[Fact, ...]:
    """What had to be changed to read a mail that was fetched; one over SMTP is refused instead."""
    broken = raw.envelope.fetched and not is_clean(raw.payload)
    return (Fact(name="line_ends", value="repaired"),) if broken else ()


def _message_id(headers: Headers) -> str:
    """The mail's own id, in angle brackets; empty where it has none that can be read."""
    ids = headers.ids("message-id")
    if ids:
        return ids[0]
    bare = headers.first("message-id")
    return f"<{bare.decode('ascii')}>" if _BARE_ID.fullmatch(bare) else ""


def _references(headers: Headers, tree: Tree, automated: str) -> tuple[str, ...]:
    """What the mail answers, oldest first; a report answers the mail that it encloses."""
    found = dict.fromkeys((*headers.ids("references", "in-reply-to"), *_reported(tree, automated)))
    found.pop(_message_id(headers), None)
    ids = tuple(found)
    return ids if len(ids) <= MAX_REFERENCES else (ids[0], *ids[1 - MAX_REFERENCES :])


def _reported(tree: Tree, automated: str) -> tuple[str, ...]:
    """The ids of the mails that a bounce or a report gives back (RFC 3464, 2; RFC 6522, 3)."""
    if automated not in ("bounce", "report"):
        return ()
    enclosed = (
        part for part in walk(tree.root) if part.kind in ("message/rfc822", "text/rfc822-headers") and part.number
    )
    return tuple(
        found
        for part, _ in zip(enclosed, range(3), strict=False)
        for found in Headers(split_header(content_of(part))[0]).ids("message-id")[:1]
    )


def _addresses(headers: Headers, *names: str) -> list[str]:
    """What looks like addresses in these fields, in lower case; good enough to find our own among them."""
    text = " ".join(to_text(value[:MAX_UNSTRUCTURED]) for name in names for value in headers.all(name)[:10])
    return [word.lower() for word in _BETWEEN_ADDRESSES.split(text) if "@" in word]


def _tokens(addresses: Iterable[str]) -> tuple[str, ...]:
    """What may be tokens of ours behind the plus of an address, each once."""
    extensions = (address.rpartition("@")[0].partition("+")[2] for address in addresses)
    return tuple(dict.fromkeys(found for extension in extensions if extension for found in candidates(extension)))


def _without_token(address: str) -> str:
    """An address of ours as it stands in the settings: without what follows the plus."""
    local, at, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}"


def _unreadable(headers: Headers, tree: Tree) -> str:
    if not headers.fields:
        return "it has no header, as a mail must have"
    if headers.cut:
        return "its header is larger than any mailer's; the rest of it was not read"
    return tree.cut
