"""What a technician's mail does: an answer, a note, commands, or nothing at all, and then its writer is told."""

from typing import NamedTuple

import msgspec

from router.draft import Draft
from router.known import Facts
from router.life.actions import grown
from router.life.commands import REFUSED, act
from router.policy import Policy
from router.technicians.mail_actions import action_of, asked, is_note, vocabulary
from router.technicians.mail_commands import ALONE, Letter, Wrong, parse
from router.technicians.staff import Right, Technician, right_of
from store.records import MAX_TEXT, Action, Address, Decision, Message, Proof, Reason
from store.rows import Copy, Ticket
from store.tokens import actor_of, candidates, masked

UNPROVEN = "staff-unproven"  # Nobody vouches for the address that the mail is from.
OTHER_SENDER = "staff-other-sender"  # It is from an address that the token was not made out to.

# Why nothing of a mail may be done, whatever its commands are; in the words of the templates.
FORWARDED, NEW_RECIPIENTS, ONLY_QUOTED, QUOTES_ALERT = "forwarded", "new-recipients", "only-quoted", "quotes-alert"
NOTED = (FORWARDED, NEW_RECIPIENTS)  # Of these the words are kept as a note.
NO_DRAFT, EMPTY = "no-draft", "empty"
PERHAPS_NOTE = "perhaps-note"  # A wrong line may have meant "#note": without it the words would reach the customer.

STAFF_MAIL, LINE = "staff mail", "line"  # Parts of reasons.
ACCEPTED = "accepted by an operator"
NOT_SENT = "not-sent"  # A kind of event, as "held", "help" and "carried-out" are.


class Verdict(NamedTuple):
    """What a mail comes to: it is parked, kept as a note, carried out, or nothing but its writer is told."""

    right: Right
    technician: Technician | None = None  # Who wrote it; None: nobody who may act.
    parked: str = ""  # Why it waits for an operator.
    note: bool = False  # It is kept as it is, and nobody hears of it.
    accepted: bool = False  # An operator let it in.
    copy: bool = False  # It came before by another path, such as a second mailbox of ours that is in its Cc.
    actions: tuple[Action, ...] = ()  # Allowed; done one after the other.
    event: str = ""  # The kind of the event by which `tells` hears of it, with `kept_text`.
    tells: Address | None = None
    wrong: tuple[Wrong, ...] = ()  # Why nothing was sent, or what was left out of a draft.
    kept_text: str = ""  # The words that were not sent, or those of the draft that now was.
    keeps: Message | None = None  # The draft that is kept from now on.
    drops: bool = False  # Whether the kept draft is done with.


def judged(message: Message, facts: Facts, policy: Policy, *, accepted: bool = False) -> Verdict | None:
    """What a mail comes to that claims a technician's right; None for every other message.

    `accepted`: an operator let it in; it is kept as a note, because nobody else vouches for who wrote it.
    """
    right = right_of(message, facts, policy.staff)
    earlier = facts.outcomes.get(message.id)
    if right is None or message.unreadable or (earlier is not None and earlier.ticket is not None):
        return None
    technician = policy.staff.acting(message.sender, right.token, right.ticket.team)
    if message.automated:
        is_theirs = technician is not None and message.proof in (Proof.CLAIMED, Proof.DOMAIN)
        return Verdict(right, technician, note=True) if is_theirs else None
    if accepted:
        return Verdict(right, technician, note=True, accepted=True)
    if technician is None or message.proof is not Proof.DOMAIN:
        to = policy.staff.of_token(right.token)
        reason = OTHER_SENDER if technician is None else UNPROVEN
        return Verdict(right, technician, parked=reason, event="held", tells=to)
    if any(_is_same(copy, message, technician) for copy in facts.copies_of(message.external_id)):
        return Verdict(right, technician, copy=True)
    return _carried_out(message, right, technician, facts, policy)


def decision_of(verdict: Verdict, message: Message) -> Decision:
    """The verdict as a decision; the lines that were wrong stand among its reasons, for the mail that tells of them."""
    ticket, token = verdict.right.ticket, verdict.right.token
    if verdict.copy:
        same = Reason(part="duplicate", result=f"in {ticket.number}", rule="same mail by another path")
        return Decision(outcome="duplicate", ticket=ticket.number, because=(same,))
    who = verdict.technician.actor if verdict.technician else message.sender.value
    rule = ACCEPTED if verdict.accepted else "reply token"
    because = [Reason(part=STAFF_MAIL, result=token.purpose, rule=rule, evidence=f"{who}, {message.proof}")]
    if verdict.parked:
        because.append(Reason(part="parked", result=verdict.parked, rule="reply token", evidence=message.sender.value))
        return Decision(outcome="parked", because=tuple(because))
    because += [
        Reason(part=LINE, result=one.code, rule=str(one.line), evidence=masked(one.written), place=one.guess)
        for one in verdict.wrong
    ]
    if verdict.event == NOT_SENT:
        because.append(Reason(part=REFUSED, result=f"not sent: {verdict.wrong[0].code}", rule="technician's mail"))
    return Decision(
        outcome="acted",
        ticket=ticket.number,
        category=ticket.category,
        priority=ticket.priority,
        team=ticket.team,
        because=tuple(because),
    )


def again(message: Message, decision: Decision, facts: Facts, policy: Policy) -> Verdict | None:
    """The verdict behind a decision of `decision_of`; None behind every other decision."""
    said = next((reason for reason in decision.because if reason.part == STAFF_MAIL), None)
    return judged(message, facts, policy, accepted=said.rule == ACCEPTED) if said is not None else None


def draft_key(right: Right, message: Message) -> tuple[int, str]:
    """Under which a technician's draft is kept: one for each ticket."""
    return right.token.ticket, actor_of(message.sender)


def _is_same(copy: Copy, message: Message, technician: Technician) -> bool:
    return copy.sender_value == technician.actor and copy.digest == message.digest and bool(message.digest)


def _carried_out(message: Message, right: Right, technician: Technician, facts: Facts, policy: Policy) -> Verdict:
    letter = parse(message.text, vocabulary(policy))
    plain = Verdict(right, technician, tells=message.sender, kept_text=masked(message.text))
    if letter.has("help") and not letter.wrong:
        return plain._replace(event="help", kept_text="")
    if letter.has("send") and not letter.wrong:
        return _sent(message, plain, technician, facts, policy)
    if against := _against(message, letter, right, policy):
        noted = against in NOTED and bool(message.text.strip())
        note = action_of(message, technician, right, "note", text=masked(message.text)[:MAX_TEXT])
        return plain._replace(event=NOT_SENT, wrong=(Wrong(0, "", against),), actions=(note,) if noted else ())
    if letter.wrong:
        # Text below "#send" is a signature as a rule: the draft that is meant must not be lost to it.
        keeps = None if letter.has(*ALONE) else message
        return plain._replace(event=NOT_SENT, wrong=_wrong(letter, right), keeps=keeps)
    wanted = tuple(asked(message, letter, right, technician))
    return _allowed(plain, wanted, message, facts, policy)


def _sent(message: Message, plain: Verdict, technician: Technician, facts: Facts, policy: Policy) -> Verdict:
    """The kept draft as it stands: the commands that were wrong are left out of it."""
    kept = facts.drafts.get(draft_key(plain.right, message))
    draft = kept.message if kept is not None else None
    if draft is None:
        return plain._replace(event=NOT_SENT, wrong=(Wrong(1, "#send", NO_DRAFT),), kept_text="")
    letter = parse(draft.text, vocabulary(policy))
    # It is what it was written as, an answer or a note, whichever address "#send" was sent to; in doubt it is a note.
    written = right_of(draft, facts, policy.staff)
    right = plain.right._replace(token=plain.right.token._replace(purpose=written.token.purpose if written else "n"))
    if _is_perhaps_note(letter, right):
        return plain._replace(event=NOT_SENT, wrong=_wrong(letter, right), kept_text=masked(draft.text))
    words = msgspec.structs.replace(draft, id=message.id, received_at=message.received_at)
    wanted = tuple(asked(words, letter, right, technician))
    done = _allowed(plain._replace(kept_text=masked(letter.text)), wanted, draft, facts, policy)
    if not done.actions:
        return done
    return done._replace(event="carried-out", tells=message.sender, wrong=letter.wrong, drops=True)


def _allowed(plain: Verdict, actions: tuple[Action, ...], message: Message, facts: Facts, policy: Policy) -> Verdict:
    """All of the actions, or none and why; each is looked at as those before it leave the ticket."""
    if not actions:
        return plain._replace(event=NOT_SENT, wrong=(Wrong(0, "", EMPTY),))
    for action in actions:
        acted = act(action, facts, policy).decision
        refused = next((reason for reason in acted.because if reason.part == REFUSED), None)
        if refused is not None:
            code = refused.rule.replace(" ", "-")
            return plain._replace(event=NOT_SENT, wrong=(Wrong(0, "", code, refused.evidence),), keeps=message)
        facts = _after(action, acted, facts, policy)
    key = draft_key(plain.right, message)
    return plain._replace(actions=actions, drops=facts.drafts.get(key) is not None, tells=None)


def _after(action: Action, decision: Decision, facts: Facts, policy: Policy) -> Facts:
    """The facts once this is done, as far as the next action asks."""
    ticket = facts.tickets.get(action.ticket or 0)
    if ticket is None:
        return facts
    after = grown(Draft(ticket=ticket), action, decision, facts, policy).ticket
    return msgspec.structs.replace(facts, tickets=facts.tickets.adding({after.number: after}))


def _against(message: Message, letter: Letter, right: Right, policy: Policy) -> str:
    """Why a mail reaches no customer however right its commands are; empty where nothing speaks against it."""
    if message.uncut:
        return ONLY_QUOTED
    if is_note(letter, right) or not letter.text:
        return ""  # None of it goes to the customer anyway.
    if message.forwarded is not None:
        return FORWARDED
    if candidates(letter.text):
        return QUOTES_ALERT  # What stands between our own lines would go out together with them.
    return NEW_RECIPIENTS if any(_is_new(one, right.ticket, policy) for one in message.others) else ""


def _is_new(address: Address, ticket: Ticket, policy: Policy) -> bool:
    known = {(one.kind, one.value) for one in (ticket.customer, *ticket.participants)}
    return not policy.is_ours(address) and (address.kind, address.value) not in known


def _is_perhaps_note(letter: Letter, right: Right) -> bool:
    """Whether the words would go to the customer, and a line that is wrong may have said that they must not."""
    return letter.perhaps_note and bool(letter.text) and not is_note(letter, right)


def _wrong(letter: Letter, right: Right) -> tuple[Wrong, ...]:
    """What is wrong with a letter, and whether that forbids to send the rest."""
    return (*letter.wrong, *([Wrong(0, "", PERHAPS_NOTE)] if _is_perhaps_note(letter, right) else []))
