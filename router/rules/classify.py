"""What a message is about: the category of the first rule that matches, else what the learned model is sure of."""

from collections.abc import Sequence

from router.policy import Policy
from router.rules.conditions import Traits
from store.records import Guess, Reason

CATEGORY = "category"  # The part of the reason that decides.
GUESS = "guess"  # The part of one that only tells what the model would have said.
MODEL = "learned model"
UNSURE = "the learned model is not sure enough"
NO_RULE = "no rule matches"


def category_of(traits: Traits, policy: Policy, guesses: Sequence[Guess] = ()) -> Reason:
    """The category as `Reason.result`; empty where neither rule nor model decides and there is none for the rest.

    `guesses` are the model's, the surest first. Raises PluginFailed.
    """
    match = policy.categories.first(traits)
    if match is not None:
        rule = match.rule
        return Reason(part=CATEGORY, result=rule.then, rule=rule.name, place=rule.place, evidence=match.evidence)
    if not guesses:
        return Reason(part=CATEGORY, result=policy.other, rule=NO_RULE)
    best, least = guesses[0], policy.learned.min_confidence
    if best.confidence >= least:
        return Reason(part=CATEGORY, result=best.category, rule=MODEL, evidence=_told(best))
    below = policy.learned.below or policy.other
    return Reason(part=CATEGORY, result=below, rule=UNSURE, evidence=f"{_told(best)}, needs {least:.2f}")


def second_opinion(category: Reason, guesses: Sequence[Guess]) -> tuple[Reason, ...]:
    """What the model would have said where a rule decided; nothing where there is no model, or it decided itself."""
    if not guesses or category.rule in (MODEL, UNSURE):
        return ()
    return (Reason(part=GUESS, result=guesses[0].category, rule=MODEL, evidence=f"would say {_told(guesses[0])}"),)


def _told(guess: Guess) -> str:
    return f"{guess.category} {guess.confidence:.2f}"
