"""What `deskwire learn` says of a model: how often it is right beside the rules, and what it confuses."""

from pathlib import Path

from console.learning.lessons import Lessons
from console.learning.taught import Taught
from console.words import document, moment, say, shown


def tell(taught: Taught, lessons: Lessons, min_confidence: float, place: Path | None, *, as_json: bool) -> None:
    """Print it; `place` is where the model was kept, None: nowhere."""
    if as_json:
        document("learn", _plain(taught, lessons, place))
        return
    head, trial = taught.head, taught.head.trial
    first, last = lessons.known[0].message.received_at, lessons.known[-1].message.received_at
    say(f"Looked at {lessons.tickets} tickets; {head.tickets} are known to have the right category.")
    say(f"Learned {len(head.categories)} categories from those of {moment(first)} to {moment(last)}.")
    say(f"Tried on the newest {trial.tickets}, by a model that knew only those before them. Right are:")
    say(f"  by rules alone            {_share(trial.rules)}")
    say(f"  by the model alone        {_share(trial.accuracy)}")
    say(f"  by rules, then the model  {_share(trial.both)}")
    sure = f"By {min_confidence:.2f} the model is sure of {_share(trial.coverage)}"
    say(f"{sure}, and right in {_share(trial.accuracy_covered)} of those.")
    if taught.confusions:
        pairs = (f"{shown(one.category)} taken for {shown(one.held_for)} {one.tickets}" for one in taught.confusions)
        say(f"Confused most: {', '.join(pairs)}.")
    if place is not None:
        size = f"{len(taught.file) / 1e6:.1f} MB"
        verdict = "It beats the rules" if taught.helps else "It does not beat the rules"
        but = "and" if taught.helps else "but"
        say(f"{verdict}, {but} is kept in {place} ({size}). A running desk uses it from its next message on.")
    elif taught.helps:
        say("It beats the rules. Nothing was written: this was a dry run.")


def _plain(taught: Taught, lessons: Lessons, place: Path | None) -> dict[str, object]:
    return {
        "tickets": lessons.tickets,
        "model": taught.head,
        "beats_rules": taught.helps,
        "confusions": [one._asdict() for one in taught.confusions],
        "file": str(place) if place is not None else None,
    }


def _share(share: float) -> str:
    return f"{share * 100:.1f} %"
