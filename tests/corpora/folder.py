"""Finds the real inputs, and reads what their sources say about them."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tests.corpora.excused import KINDS

_IN_DOUBT = re.compile(rb'"is_encoding_problem"\s*:\s*true')

ROOT = Path(__file__).parents[2]

# Sets whose files are the text of a mail without its header, in plain text or HTML.
TEXTS = frozenset({"talon", "crisp_reply_parser", "github_reply_parser", "discourse_reply_trimmer"})
SIGNED = frozenset({"talon"})  # Sets whose sources cut quotations and leave signatures where they are.
TNEF = frozenset({"mimekit_tnef"})  # Sets whose files are the content of a winmail.dat.


class File(msgspec.Struct, frozen=True, kw_only=True):
    """An attachment as the source found it; None where it does not say."""

    filename: str | None = None
    size: int | None = None
    md5: str | None = None


class Expected(msgspec.Struct, frozen=True, kw_only=True, rename=None):
    """What a source says about one of its files; unset where it says nothing."""

    comparable: str = ""
    source: msgspec.Raw = msgspec.Raw(b"null")  # All that the source itself gave, in its own form.
    quirk: str = ""
    subject: str | msgspec.UnsetType | None = msgspec.UNSET
    from_email: str | msgspec.UnsetType | None = msgspec.UNSET
    from_name: str | msgspec.UnsetType | None = msgspec.UNSET
    to: list[str | None] | msgspec.UnsetType | None = msgspec.UNSET
    cc: list[str | None] | msgspec.UnsetType | None = msgspec.UNSET
    to_raw: str | msgspec.UnsetType | None = msgspec.UNSET
    message_id: str | msgspec.UnsetType | None = msgspec.UNSET
    text: str | msgspec.UnsetType | None = msgspec.UNSET
    html: str | msgspec.UnsetType | None = msgspec.UNSET
    html_as_text: str | msgspec.UnsetType | None = msgspec.UNSET
    attachments: list[File] | msgspec.UnsetType = msgspec.UNSET
    attachments_subset: list[File] | msgspec.UnsetType = msgspec.UNSET
    n_attachments: int | msgspec.UnsetType | None = msgspec.UNSET
    kind: str = ""
    failed_permanent: list[str] | msgspec.UnsetType = msgspec.UNSET
    failed_temporary: list[str] | msgspec.UnsetType = msgspec.UNSET
    reply_text: str | msgspec.UnsetType = msgspec.UNSET
    is_html: bool = False
    signed: bool = False  # A signature that we cut is part of `reply_text`.
    first_fragment: str | msgspec.UnsetType = msgspec.UNSET
    n_fragments: int | msgspec.UnsetType = msgspec.UNSET
    fragment_regex: list[tuple[int, str]] = []
    flags: list[tuple[int, str, bool]] = []
    hidden: list[bool] = []
    visible_contains: list[str] = []
    visible_excludes: list[str] = []


def is_in_doubt(expected: Expected) -> bool:
    """Whether the source itself says that it could not take the mail apart: its parts and texts are then a guess."""
    return _IN_DOUBT.search(bytes(expected.source)) is not None


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a set."""

    name: str
    content: bytes
    expected: Expected


def corpora() -> Path | None:
    """The folder that DESKWIRE_CORPORA names, else the one beside the project; None where there is none."""
    named = os.environ.get("DESKWIRE_CORPORA")
    folder = Path(named) if named else ROOT.parent / "shared" / "corpora"
    return folder if folder.is_dir() else None


def sets(folder: Path) -> list[str]:
    """The names of the sets that hold mails."""
    return sorted(found.name for found in folder.iterdir() if found.is_dir() and any(found.glob("*.eml")))


def cases(folder: Path, name: str) -> Iterator[Case]:
    """The files of a set, in the order of their names."""
    for path in sorted((folder / name).glob("*.eml")):
        said = path.with_suffix(".json")
        expected = msgspec.json.decode(said.read_bytes(), type=Expected) if said.is_file() else Expected()
        kind = expected.kind or KINDS.get((name, path.stem), "")
        expected = msgspec.structs.replace(expected, signed=name in SIGNED, kind=kind)
        yield Case(name=path.stem, content=path.read_bytes(), expected=expected)
