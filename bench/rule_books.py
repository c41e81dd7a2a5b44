"""Settings with many rules, and texts of many languages for them, made up of syllables: the same at every run."""

import random

from router.customer.customer_settings import KnownCustomer, cards_of
from router.policy import Policy
from router.settings import ClassifySettings, PrioritySettings, ReferenceSettings, RouteSettings, policy_of

_SYLLABLES = (
    ("ba", "ne", "ti", "lor", "sen", "ped", "mak", "vu"),
    ("łą", "że", "kro", "śni", "wać", "pol", "czy", "mó"),
    ("до", "ста", "неё", "при", "льщ", "ко", "вы", "дл"),
    ("می", "رم", "کار", "عب", "نا", "دست", "فر", "گو"),
)
_KEY = b"a key that signs nothing at all."
_CATEGORIES = tuple(f"category{n}" for n in range(20))


def _word(dice: random.Random) -> str:
    return "".join(dice.choices(dice.choice(_SYLLABLES), k=dice.randint(2, 4)))


def written_text(dice: random.Random, size: int) -> str:
    """A text of so many bytes in UTF-8, about."""
    words: list[str] = []
    while size > 0:
        words.append(_word(dice))
        size -= len(words[-1].encode()) + 1
    return " ".join(words)


def policy_with(rules: int) -> Policy:
    """So many rules of `classify`, and as many below the root of `route`; every kind of condition is among them."""
    dice = random.Random(rules)
    categories = {name: {"en": name} for name in _CATEGORIES}
    asking = [{"when": _when(dice), "then": dice.choice(_CATEGORIES)} for _ in range(rules)]
    routes = [{"when": _route(dice), "team": f"team{n % 9}"} for n in range(rules)]
    impact = [{"when": {"customer_tag": "vip"}, "then": "high"}, {"when": {"affects_over": 20}, "then": "high"}]
    return policy_of(
        classify=ClassifySettings.model_validate({"categories": categories, "rules": asking}),
        priority=PrioritySettings.model_validate({"impact": impact}),
        route=RouteSettings.model_validate({"team": "team0", "routes": routes}),
        reference=ReferenceSettings(),
        keys=(_KEY,),
        config_version="bench",
        customers=cards_of({f"d{n}.example": KnownCustomer(organisation=f"D{n}", tags=("vip",)) for n in range(50)}),
    )


def _when(dice: random.Random) -> dict[str, object]:
    """Nine of ten ask for words, some of them beside a value; the others for values, amounts or their absence."""
    words = [" ".join(_word(dice) for _ in range(dice.choice((1, 1, 1, 2, 3)))) for _ in range(3)]
    kinds: list[dict[str, object]] = [
        {"words": words},
        {"words": words},
        {"words": words},
        {"words": words, "channel": "mail-it"},
        {"words": words, "not": {"topic": "t1"}},
        {"words": words, "attachments": True},
        {"words": words, "size_over": "5MB"},
        {"words": words, "sender": f"d{dice.randrange(50)}.example"},
        {"words": words, "language": ["pl", "fa"]},
        {"channel": "mail-it", "sender": f"x{dice.randrange(5_000)}.example"},
    ]
    return dice.choice(kinds)


def _route(dice: random.Random) -> dict[str, object]:
    kinds: list[dict[str, object]] = [
        {"category": dice.choice(_CATEGORIES), "organisation": f"D{dice.randrange(5_000)}"},
        {"sender": f"x{dice.randrange(5_000)}.example"},
        {"topic": f"topic {dice.randrange(5_000)}", "priority": ["P1", "P2"]},
    ]
    return dice.choice(kinds)
