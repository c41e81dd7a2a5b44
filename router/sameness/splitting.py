"""Which messages may become a ticket of their own."""

from router.known import Facts
from store.codec import decode_kept
from store.errors import Permanent
from store.records import Action, Message
from store.rows import KeptMessage

_CUSTOMERS = frozenset({"continued", "joined"})  # Outcomes of what customers wrote after a ticket was opened.


def refusal(action: Action, facts: Facts) -> str:
    """Why this message cannot be taken out of this ticket; empty where it can."""
    kept, settled = facts.kept.get(action.item), facts.outcomes.get(action.item)
    if kept is None or kept.ticket != action.ticket:
        return f'no message "{action.item}" is in ticket {action.ticket}: see `deskwire ticket show {action.ticket}`'
    if settled is None or settled.outcome not in _CUSTOMERS or message_of(kept) is None:
        return (
            f"message {kept.seq} of ticket {action.ticket} opened it or is no customer's: "
            "only what a customer wrote later becomes a ticket of its own"
        )
    return ""


def message_of(kept: KeptMessage) -> Message | None:
    """The message of somebody outside; None for a technician's words, or where it cannot be read."""
    try:
        record = decode_kept(kept.record)
    except Permanent:
        return None
    return record if isinstance(record, Message) else None
