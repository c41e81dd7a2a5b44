"""The words of the form's pages, one file for each language."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

FOLDER = Path(__file__).parent / "pages"


class _Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every language has every text: one that is missing or too much is an error when the file is read."""


class FormTexts(_Section, frozen=True):
    """Around the fields."""

    title: str
    error_prefix: str
    problem: str
    optional: str
    send: str
    trap: str
    languages: str


class FieldTexts(_Section, frozen=True):
    """One for each field; a hint may be empty."""

    name: str
    email: str
    topic: str
    affects: str
    message: str


class AffectsTexts(_Section, frozen=True):
    """The choices of the field affects: `validate.AFFECTED` names them."""

    me: str
    department: str
    everyone: str


class ErrorTexts(_Section, frozen=True):
    """`validate.Problem.text` names one of these."""

    name_missing: str
    name_long: str
    email_missing: str
    email_wrong: str
    topic_missing: str
    topic_unknown: str
    affects_missing: str
    affects_unknown: str
    message_missing: str
    message_long: str


class NoticeTexts(_Section, frozen=True):
    """Why the page comes back with what was typed."""

    expired: str
    foreign: str
    later: str
    changed: str
    first: str


class SentTexts(_Section, frozen=True):
    """The page after sending."""

    title: str
    number: str
    number_title: str
    soon: str
    late: str
    review: str
    answer: str
    keep: str
    another: str


class MissingTexts(_Section, frozen=True):
    """The page of an unknown reference."""

    title: str
    text: str


class Texts(_Section, frozen=True):
    """All words in one language."""

    name: str  # Of the language, in itself.
    direction: str  # "ltr", "rtl".
    form: FormTexts
    label: FieldTexts
    hint: FieldTexts
    affects: AffectsTexts
    errors: ErrorTexts
    notice: NoticeTexts
    sent: SentTexts
    missing: MissingTexts


def read_texts(languages: Sequence[str]) -> Mapping[str, Texts]:
    """The texts of these languages, in their order; those that nobody has translated are left out.

    Never empty: where none is translated, it is English.
    """
    known = {path.stem: path for path in (FOLDER / "texts").glob("*.toml")}
    offered = [tag for tag in languages if tag in known] or ["en"]
    return {tag: msgspec.toml.decode(known[tag].read_bytes(), type=Texts) for tag in offered}
