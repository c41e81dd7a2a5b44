"""A technician who passes a customer's mail on to the desk opens it for that customer. Pure."""

import re

import msgspec

from router.known import Facts
from router.policy import Policy
from store.codec import derived_id
from store.records import Action, Forwarded, Message, Proof, Reason, ReplyPath
from store.rows import Copy, KeptMessage, indexed

FORWARD = "forwarded by"  # The part of a reason.

_PARAGRAPHS = re.compile(r"\n[ \t]*\n")


def forwarded_in(message: Message, policy: Policy) -> Forwarded | None:
    """The customer's mail that a proven technician passes on; None for every other message."""
    if message.proof is not Proof.DOMAIN or message.automated or message.sender.value not in policy.staff.people:
        return None
    return message.forwarded


def reason_of(message: Message, policy: Policy) -> Reason | None:
    """Whose ticket it becomes, and why; None for a mail that is no technician's forward."""
    forwarded = forwarded_in(message, policy)
    if forwarded is None:
        return None
    who = policy.staff.people[message.sender.value].actor
    if not forwarded.sender.value:
        return Reason(part=FORWARD, result="the technician's own", rule="nothing says who wrote it", evidence=who)
    if policy.is_ours(forwarded.sender):
        return Reason(part=FORWARD, result="the technician's own", rule="one of ours wrote it", evidence=who)
    return Reason(part=FORWARD, result=forwarded.sender.value, rule="forwarded by a technician", evidence=who)


def as_customers(message: Message, policy: Policy) -> Message:
    """What a forward passes on as a message of its customer, whom nothing proves; every other message as it is.

    Where it passes on no subject or no words, there are none: the technician's own are nobody else's.
    """
    forwarded = forwarded_in(message, policy)
    if forwarded is None or not forwarded.sender.value or policy.is_ours(forwarded.sender):
        return message
    return msgspec.structs.replace(
        message,
        sender=forwarded.sender,
        proof=Proof.CLAIMED,
        reply_path=ReplyPath(channel=message.channel, address=forwarded.sender.value),
        subject=forwarded.subject,
        text=forwarded.text,
        external_id=forwarded.external_id,
        references=(),
        tokens=(),
        others=(),
        quoted="",
        html="",
        forwarded=None,
    )


def earlier(message: Message, facts: Facts, policy: Policy) -> Copy | None:
    """The same forward where it came before by another path, such as a second mailbox of ours that is in its Cc."""
    theirs = as_customers(message, policy)
    if theirs is message or not message.digest:
        return None
    known = (*facts.copies_of(theirs.external_id), *facts.copies_of(message.external_id))
    same = (copy for copy in known if (copy.digest, copy.sender_value) == (message.digest, theirs.sender.value))
    return next(same, None)


def known_by(kept: tuple[KeptMessage, ...], message: Message) -> tuple[KeptMessage, ...]:
    """The messages of the new ticket, with the forward's own id where the mail that it passes on has none."""
    own = indexed(message.external_id)
    return tuple(
        msgspec.structs.replace(one, external_id=own) if one.id == message.id and not one.external_id else one
        for one in kept
    )


def note_of(message: Message, policy: Policy, ticket: int) -> tuple[Action, ...]:
    """The technician's own words above the forward, as a note; empty where there are none."""
    forwarded = forwarded_in(message, policy)
    if forwarded is None or as_customers(message, policy) is message:
        return ()
    words = _above(message.text, forwarded)
    if not words:
        return ()
    note = Action(
        id=derived_id(message.id, "note"),
        kind="note",
        actor=policy.staff.people[message.sender.value].actor,
        ticket=ticket,
        text=words,
        at=message.received_at,
    )
    return (note,)


def _above(text: str, forwarded: Forwarded) -> str:
    """The paragraphs above the one in which a mail program says what it passes on."""
    if forwarded.external_id or not forwarded.text or forwarded.text not in text:
        return text.strip()  # It is attached, so that all of the text is the technician's.
    kept: list[str] = []
    for paragraph in _PARAGRAPHS.split(text[: text.index(forwarded.text)]):
        if _is_header(paragraph, forwarded):
            break
        kept.append(paragraph)
    if kept and kept[-1].strip().endswith(":") and "\n" not in kept[-1].strip():
        kept.pop()  # "Begin forwarded message:" stands in a paragraph of its own.
    return "\n\n".join(kept).strip()


def _is_header(paragraph: str, forwarded: Forwarded) -> bool:
    lines = paragraph.split("\n")
    return forwarded.sender.value in paragraph.lower() or any(line.lstrip(" >").startswith("--") for line in lines)
