"""The steps that every decoded message goes through, in their order."""

from collections.abc import Callable

from msgspec.structs import replace

from normalize.automated import mark_automated
from normalize.fingerprint import add_digest
from normalize.forwards import read_forward
from normalize.language import tell_language
from normalize.limits import keep_within_limits
from normalize.quotes import cut_quotes
from normalize.text import clean_line, clean_message, clean_text
from store.records import MAX_TEXT, Action, DeliveryReport, Edit, Inbound, Message

Step = Callable[[Message], Message]

# Each reads what those before it made: forwards and quotes need clean lines, the language and the digest need text
# without quotes.
STEPS: tuple[Step, ...] = (
    clean_message,
    read_forward,
    keep_within_limits,
    cut_quotes,
    mark_automated,
    tell_language,
    add_digest,
)

_MAX_DETAIL = 1000  # Characters of a peer's own words: an SMTP reply of several lines fits (RFC 5321 4.5.3.1.5).


def run(message: Message) -> Message:
    """The message in its one normal form. Raises nothing on any text; running it twice changes nothing more."""
    for step in STEPS:
        message = step(message)
    return message


def normalize(record: Inbound | Action) -> Inbound | Action:
    """Any record that a decoder gives, fit to be stored: a message goes through all steps, other texts are cleaned."""
    match record:
        case Message():
            return run(record)
        case Edit() | Action():
            return replace(record, text=clean_text(record.text)[:MAX_TEXT])
        case DeliveryReport():
            return replace(record, detail=clean_line(record.detail, _MAX_DETAIL))
        case _:
            return record
