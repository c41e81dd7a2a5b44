"""What becomes of a message that opens a ticket: its category, priority, team, person and deadlines, with reasons."""

from router import hints
from router.crew.person import Wanted, person_of
from router.customer import customers, participants
from router.known import Facts
from router.policy import Policy
from router.promises.clocks import promised
from router.rules.assign import routed
from router.rules.classify import category_of, second_opinion
from router.rules.conditions import Traits
from router.rules.priority import priority_of
from router.rules.traits import traits_of
from store.records import Decision, Message, Reason


def open_one(message: Message, facts: Facts, policy: Policy) -> Decision:
    """A new ticket for this message: its category, priority and team, and what else it may have to do with."""
    traits = traits_of(message, facts, policy)
    guesses = facts.guesses.get(message.id, ())
    category = category_of(traits, policy, guesses)
    traits = traits.having("category", category.result)
    impact, urgency, priority = priority_of(traits, policy)
    for decided in (impact, urgency, priority):
        traits = traits.having(decided.part, decided.result)
    team, copies = routed(traits, policy)
    person = person_of(_wanted(team.result, traits, message, facts, policy), facts, policy)
    chosen = (person,) if person is not None else ()
    due = promised(priority.result, team.result, message.received_at, policy)
    new = Reason(part="conversation", result="new", rule="nothing says that it continues a ticket")
    beside = (
        *second_opinion(category, guesses),
        *customers.reasons(message, facts, policy),
        *(hint.reason for hint in hints.hints(message, facts)),
        *hints.collision(message, facts),
        *participants.at_opening(message, policy).reasons,
    )
    return Decision(
        outcome="opened",
        category=category.result,
        priority=priority.result,
        team=team.result,
        person=f"person:{person.result}" if person is not None and person.result else "",
        answer_by=due.answer_by,
        resolve_by=due.resolve_by,
        copies=copies,
        guesses=guesses,
        because=(new, category, impact, urgency, priority, team, *chosen, *due.because, *beside),
    )


def _wanted(team: str, traits: Traits, message: Message, facts: Facts, policy: Policy) -> Wanted:
    known = facts.contact(message.sender)
    return Wanted(
        team=team,
        language=customers.language_of(message, facts, policy),
        knows=frozenset(value for name, value in traits.values if name in ("category", "customer_tag")),
        last_person=known.last_person if known else "",
    )
