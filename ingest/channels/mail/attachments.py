"""The files of a mail, and their bytes out of its original. Pure and total."""

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

from ingest.channels.mail.bodies import Bodies, bodies_of, files_in
from ingest.channels.mail.headers import Headers, one_line, split_header
from ingest.channels.mail.lines import clean_lines
from ingest.channels.mail.mime import Part, Tree, content_of, parse, walk
from ingest.channels.mail.names import name_by_kind, numbered, safe_name
from ingest.channels.mail.tnef import Winmail, is_winmail, read_winmail
from store.records import Attachment

MAX_ATTACHMENTS = 100  # That a message lists; a record has to fit into a topic. The original keeps all of them.

_MAX_KIND = 100  # Characters of a media type; RFC 6838, 4.2, allows 127 on either side, and nobody writes them.
_MAILS = ("message/rfc822", "message/global")
_SIGNATURES = ("application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature")


class File(NamedTuple):
    """One file before it is a record."""

    part: int
    member: int
    name: str  # As it came; empty: it has none.
    kind: str
    content: bytes
    content_id: str


def attachments_of(tree: Tree, bodies: Bodies) -> tuple[Attachment, ...]:
    """The files of a mail, inline pictures and forwarded mails too; another form of the text is none."""
    taken: set[str] = set()
    return tuple(
        _attachment(file, taken) for file, _ in zip(_files(tree, bodies), range(MAX_ATTACHMENTS), strict=False)
    )


def attachment_bytes(payload: bytes, part: int, member: int = 0) -> bytes | None:
    """The decoded bytes of the file that `Attachment.part` and `member` number; None where the mail has no such file.

    `payload` is the original.
    """
    tree = parse(clean_lines(payload))
    found = next((node for node in walk(tree.root) if node.number == part), None)
    if found is None or member == 0:
        return None if found is None else content_of(found)
    if winmail := winmail_in(found):
        files = [packed.content for packed in winmail.files]
    else:
        files = [file.content for number, _, file in files_in(bodies_of(tree)) if number == part]
    return files[member - 1] if 0 < member <= len(files) else None


def winmail_in(part: Part) -> Winmail | None:
    """What Outlook packed into a part; None where it is none of its packages, or one that cannot be opened."""
    if part.parts or not is_winmail(part.kind, part.name):
        return None
    return read_winmail(content_of(part))


def _files(tree: Tree, bodies: Bodies) -> Iterator[File]:
    inside: dict[int, list[File]] = {}
    for number, member, found in files_in(bodies):
        inside.setdefault(number, []).append(File(number, member, found.name, _kind_of(found.name), found.content, ""))
    signed = _nameless_signatures(tree.root)
    for part in walk(tree.root):
        if part.number in bodies.numbers:
            yield from inside.get(part.number, ())
        elif part.parts or part.number in signed:
            continue
        elif winmail := winmail_in(part):
            for member, packed in enumerate(winmail.files, start=1):
                kind = packed.kind or _kind_of(packed.name)
                yield File(part.number, member, packed.name, kind, packed.content, packed.content_id)
        else:
            yield File(part.number, 0, _name(part), part.kind, content_of(part), _content_id(part))


def _nameless_signatures(root: Part) -> frozenset[int]:
    """The signatures of signed mails, which a person has no use for (RFC 1847, 2.1); one with a name is shown."""
    return frozenset(
        child.number
        for part in walk(root)
        if part.kind == "multipart/signed"
        for child in part.parts[1:]
        if child.kind in _SIGNATURES and not child.name
    )


def _attachment(file: File, taken: set[str]) -> Attachment:
    name = safe_name(file.name)
    if not name:
        name = numbered(name_by_kind(file.kind), taken)
    taken.add(name)
    return Attachment(
        name=name,
        content_type=one_line(file.kind)[:_MAX_KIND],
        size=len(file.content),
        digest=hashlib.sha256(file.content).hexdigest(),
        part=file.part,
        member=file.member,
        content_id=one_line(file.content_id)[:_MAX_KIND],
    )


def _name(part: Part) -> str:
    """What a part is called: by itself, else by the mail that it is, else by how it is described or shown."""
    if part.name:
        return part.name
    if part.kind in _MAILS and (subject := Headers(split_header(content_of(part))[0]).line("subject")):
        return f"{subject.replace('/', ' ')[:100]}.eml"
    if described := part.headers.line("content-description"):
        _, dot, ending = name_by_kind(part.kind).rpartition(".")
        return described if "." in described[-6:] else f"{described[:100]}{dot}{ending if dot else ''}"
    return _file_in(part.headers.line("content-location")) or _file_in(_content_id(part).partition("@")[0])


def _file_in(text: str) -> str:
    """The file's name at the end of a place or an identifier, "image001.jpg"; empty where none stands there."""
    last = text.partition("?")[0].rpartition("/")[2]
    stem, dot, ending = last.rpartition(".")
    return last if stem and dot and ending.isalpha() and len(ending) <= 5 else ""  # noqa: PLR2004 (".xhtml")


def _content_id(part: Part) -> str:
    return part.headers.line("content-id").strip("<> ")


def _kind_of(name: str) -> str:
    """The media type that a name stands for, as far as it is shown in a text; else opaque."""
    return _KINDS.get(name.rpartition(".")[2].lower(), "application/octet-stream")


_KINDS = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "pdf": "application/pdf",
    "txt": "text/plain",
    "eml": "message/rfc822",
}
