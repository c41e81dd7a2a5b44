"""The reports that a mail holds about mails of ours: one record for each recipient. Pure and total."""

from collections.abc import Sequence
from typing import NamedTuple

from ingest.channels.mail.bounces.codes import status_in
from ingest.channels.mail.bounces.complaint import complaints_of
from ingest.channels.mail.bounces.evidence import is_bounce, is_complaint, is_suspect
from ingest.channels.mail.bounces.letter import Letter, letter_of, parted
from ingest.channels.mail.bounces.notices import failures_told, ids_told, notice_of
from ingest.channels.mail.bounces.original import ids_of, sole_recipient
from ingest.channels.mail.bounces.status import Failure, failures_in
from ingest.channels.mail.bounces.words import failures_of, outcome_of
from ingest.channels.mail.headers import one_line
from ingest.channels.mail.mime import Tree
from store.codec import derived_id
from store.records import DeliveryReport, RawMessage
from store.tokens import masked


class Report(NamedTuple):
    """What a mail says became of mails of ours."""

    failures: tuple[Failure, ...]  # At least one.
    references: tuple[str, ...]  # The Message-IDs of the mail that it is about, the surest last.


def report_of(tree: Tree, sender: str, *, null_sender: bool) -> Report | None:
    """The report that a mail is; None where it is an ordinary mail.

    `sender` is the strict From, empty where there is none; `null_sender`: it is known that MAIL FROM was empty.
    """
    if not is_suspect(tree, sender, null_sender=null_sender):
        return None
    letter = letter_of(tree, sender, null_sender=null_sender)
    if notice := notice_of(letter):
        return _report(letter, failures_told(notice), ids_told(notice))
    if is_complaint(letter):
        return _report(letter, complaints_of(letter), ids_of(letter))
    return _report_on_delivery(letter) if is_bounce(letter) else None


def _report_on_delivery(letter: Letter) -> Report:
    """By the fields for machines, else by the words, else by the mail that it gives back."""
    source = _with_status(letter)
    found = [failure for fields in source.status for failure in failures_in(fields)]
    named = [failure for failure in found if failure.recipient]
    if not named:
        named = failures_of(source) or failures_of(letter)
    if not named and (recipient := sole_recipient(source)):
        named = [(found or [_unnamed(source)])[0]._replace(recipient=recipient)]
    return _report(source, named or found, ids_of(source))


def _with_status(letter: Letter) -> Letter:
    """The report itself, where a gateway has wrapped it into another."""
    return letter if letter.status else letter.wrapped or letter


def _report(letter: Letter, failures: Sequence[Failure], ids: tuple[str, ...]) -> Report:
    complete = [_complete(failure, letter) for failure in failures] or [_unnamed(letter)]
    return Report(tuple(dict.fromkeys(complete)), ids)


def _complete(failure: Failure, letter: Letter) -> Failure:
    detail = one_line(failure.detail) or one_line(_first_words(letter))
    return failure._replace(outcome=failure.outcome or outcome_of(letter), detail=detail)


def _unnamed(letter: Letter) -> Failure:
    words = _first_words(letter)
    return Failure("", outcome_of(letter), status_in(words), one_line(words))


def _first_words(letter: Letter) -> str:
    return " ".join(parted(letter.text)[0].split())[:1000]


def records_of(
    report: Report, raw: RawMessage, tokens: tuple[str, ...], fingerprint: str
) -> tuple[DeliveryReport, ...]:
    """A record for each recipient; the same mail gives the same ones, however often it comes."""
    return tuple(
        DeliveryReport(
            id=derived_id(raw.id, str(index)),
            raw=raw.id,
            channel=raw.channel,
            outcome=failure.outcome,
            detail=masked(failure.detail),  # Servers repeat the address that they answer to, which holds a token.
            recipient=failure.recipient,
            status=failure.status,
            references=report.references,
            tokens=tokens,
            at=raw.received_at,
            fingerprint=f"{fingerprint}-{index}",
        )
        for index, failure in enumerate(report.failures)
    )
