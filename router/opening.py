"""What becomes of a message that opens a ticket: its category, priority, team, person and deadlines, with reasons."""

from router import hints, people
from router.assign import team_of
from router.classify import category_of
from router.conditions import Traits
from router.known import Facts
from router.phrases import normalised
from router.policy import Policy
from router.priority import priority_of
from store.records import Decision, Message, Reason


def traits_of(message: Message, facts: Facts, policy: Policy) -> Traits:  # noqa: ARG001 (what is known of people)
    """What rules see of a message before anything is decided about it."""
    return Traits(
        words=policy.phrases.found_in(normalised(f"{message.subject}\n{message.text}")),
        values=frozenset(
            {
                ("channel", message.channel),
                ("language", message.language),
                *((fact.name, fact.value) for fact in message.facts),
            }
        ),
    )


def open_one(message: Message, facts: Facts, policy: Policy) -> Decision:
    """A new ticket for this message: its category, priority and team, and what else it may have to do with."""
    traits = traits_of(message, facts, policy)
    category = category_of(traits, policy)
    traits = traits.having("category", category.result)
    impact, urgency, priority = priority_of(traits, policy)
    traits = traits.having("priority", priority.result)
    team = team_of(traits, policy)
    new = Reason(part="conversation", result="new", rule="nothing says that it continues a ticket")
    beside = (
        *(hint.reason for hint in hints.hints(message, facts)),
        *hints.collision(message, facts),
        *people.at_opening(message, policy).reasons,
    )
    return Decision(
        outcome="opened",
        category=category.result,
        priority=priority.result,
        team=team.result,
        because=(new, category, impact, urgency, priority, team, *beside),
    )
