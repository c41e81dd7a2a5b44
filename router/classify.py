"""What a message is about: the category of the first rule that matches."""

from router.conditions import Traits
from router.policy import Policy
from store.records import Reason


def category_of(traits: Traits, policy: Policy) -> Reason:
    """The category as `Reason.result`; empty where no rule matches and there is none for the rest."""
    match = policy.categories.first(traits)
    if match is None:
        return Reason(part="category", result=policy.other, rule="no rule matches")
    return Reason(
        part="category",
        result=match.rule.then,
        rule=match.rule.name,
        place=match.rule.place,
        evidence=match.evidence,
    )
