"""What was said and sent, as it is known once more is written; in the order in which the store gives it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from router.overlay import Overlay
from store.cards import KeptCard
from store.codec import decode_kept
from store.events import FOLLOWS
from store.records import Message
from store.rows import Copy, KeptMessage, Link, Said


def said_after(known: Overlay[str, tuple[Said, ...]], several: Sequence[Said]) -> Overlay[str, tuple[Said, ...]]:
    """As `store.sketches` gives it: the oldest first, and a message once."""
    said: dict[str, tuple[Said, ...]] = {}
    for one in several:
        key = one.template or one.contact
        others = (row for row in said.get(key) or known.get(key) or () if row.message != one.message)
        said[key] = tuple(sorted((*others, one), key=_age))
    return known.adding(said)


def said_by_one(known: Overlay[str, tuple[Said, ...]], card: KeptCard) -> Overlay[str, tuple[Said, ...]]:
    """What contacts said that turned out to be one person, as the words of the one that absorbs the others."""
    person = card.contact.id
    rows = (row for one in (person, *card.absorbed) for row in known.get(one) or ())
    theirs = sorted((replace(row, contact=person) for row in rows), key=_age)
    return known.adding({person: tuple(theirs), **dict.fromkeys(card.absorbed, ())})


def copies_after(
    known: Overlay[str, tuple[Copy, ...]], added: Sequence[KeptMessage], moved: KeptMessage | None, left: int
) -> Mapping[str, tuple[Copy, ...]]:
    """What `store.lookups.copies` gives of the external ids of these messages; `moved` was in the ticket `left`."""
    found: dict[str, tuple[Copy, ...]] = {}
    if moved is not None and moved.external_id:
        gone = Copy(ticket=left, sender_value=moved.sender_value, digest=moved.digest)
        before = known.get(moved.external_id) or ()
        at = before.index(gone) if gone in before else len(before)
        found[moved.external_id] = (*before[:at], *before[at + 1 :])
    for kept in (*added, *((moved,) if moved is not None else ())):
        if kept.external_id:
            copy = Copy(ticket=kept.ticket, sender_value=kept.sender_value, digest=kept.digest)
            before = found.get(kept.external_id, known.get(kept.external_id) or ())
            found[kept.external_id] = tuple(sorted((*before, copy), key=_place))
    return found


def last_words_after(known: Mapping[int, Message], added: Sequence[KeptMessage]) -> Mapping[int, Message]:
    """As `store.lookups.last_words` gives it, of the tickets that are known already: those that somebody works on."""
    later = {kept.ticket: decode_kept(kept.record) for kept in added if kept.direction == "in" and kept.ticket in known}
    found = {ticket: record for ticket, record in later.items() if isinstance(record, Message)}
    return {**known, **found} if found else known


def followers_after(known: Overlay[int, tuple[int, ...]], several: Sequence[Link]) -> Overlay[int, tuple[int, ...]]:
    """As `store.links.followers` gives it."""
    onward = {one.ticket: one.other for one in several if one.because == FOLLOWS and one.other > one.ticket}
    return known.adding({ticket: (*(known.get(ticket) or ()), other) for ticket, other in onward.items()})


def _age(row: Said) -> tuple[datetime, str]:
    return row.at, row.message


def _place(copy: Copy) -> tuple[bool, int]:
    """What came in by its ticket, then what went out."""
    return (not copy.sender_value and not copy.digest, copy.ticket)
