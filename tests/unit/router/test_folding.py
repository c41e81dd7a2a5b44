"""What one record changed is known to the next exactly as the store would give it back."""

from router.folding import copies_after
from router.overlay import Overlay
from store.rows import Copy, KeptMessage
from tests.unit.router.given import NOW


def kept(ticket: int, sender: str = "ann@acme.example", digest: str = "d1") -> KeptMessage:
    return KeptMessage(
        id="m1",
        ticket=ticket,
        seq=1,
        direction="in",
        external_id="<m1@acme.example>",
        digest=digest,
        sender_value=sender,
        received_at=NOW,
        record=b"",
    )


def copy(ticket: int, sender: str = "ann@acme.example", digest: str = "d1") -> Copy:
    return Copy(ticket=ticket, sender_value=sender, digest=digest)


def test_a_message_that_was_moved_is_no_longer_where_it_was() -> None:
    known = Overlay({"<m1@acme.example>": (copy(100009),)})

    assert copies_after(known, (), kept(100014), 100009) == {"<m1@acme.example>": (copy(100014),)}


def test_copies_are_in_the_order_of_their_tickets_whatever_came_first() -> None:
    ours = copy(100009, "", "")  # A delivery, which the store gives after what came in.
    known = Overlay({"<m1@acme.example>": (copy(100014), ours)})

    found = copies_after(known, (kept(100009), kept(100009, digest="d2")), None, 0)

    assert found == {
        "<m1@acme.example>": (copy(100009), copy(100009, digest="d2"), copy(100014), ours),
    }
