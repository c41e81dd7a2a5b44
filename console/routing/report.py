"""What two files decide otherwise, as people read it."""

from collections.abc import Iterator

import msgspec

from console.routing.compare import COMPARED, Change, Comparison
from console.routing.lines import paint
from console.words import counted, shown

_MOST = 30  # Kinds of changes that are listed; the rest is counted.


def lines_of(comparison: Comparison) -> Iterator[str]:
    """Totals, the changes with an example each, and how often tickets would go where they belonged."""
    share = f" ({100 * comparison.changed / comparison.messages:.1f} %)" if comparison.changed else ""
    yield (
        f"{counted(comparison.messages, 'message')} · {comparison.same} same · "
        f"{comparison.changed} {'changes' if comparison.changed == 1 else 'change'}{share}"
    )
    ranked = sorted(comparison.counts.items(), key=_rank)
    for change, count in ranked[:_MOST]:
        example = comparison.examples[change]
        moved = f"{change.before or 'none'} → {change.after or 'none'}"
        yield f"  {change.field:<10}{shown(moved):<34}{count:>6}   e.g. {shown(example.name)} “{shown(example.words)}”"
    if len(ranked) > _MOST:
        yield f"  … and {len(ranked) - _MOST} further kinds of changes; all of them: --json"
    if comparison.known:
        yield _known(comparison)


def _rank(item: tuple[Change, int]) -> tuple[int, int, Change]:
    change, count = item
    order = COMPARED.index(change.field) if change.field in COMPARED else len(COMPARED)
    return order, -count, change


def _known(comparison: Comparison) -> str:
    before, after = (100 * right / comparison.known for right in (comparison.right_before, comparison.right_after))
    trend = paint("▲", "green") if after > before else paint("▼", "red") if after < before else "="
    return f"known-right teams: {before:.1f} % → {after:.1f} %  {trend}   of {counted(comparison.known, 'ticket')}"


def plain_of(comparison: Comparison) -> dict[str, object]:
    """The same for programs, with every kind of change."""
    return {
        "messages": comparison.messages,
        "same": comparison.same,
        "changed": comparison.changed,
        "changes": [
            {**msgspec.structs.asdict(change), "count": count, "example": comparison.examples[change]._asdict()}
            for change, count in sorted(comparison.counts.items(), key=_rank)
        ],
        "known": comparison.known,
        "right_before": comparison.right_before,
        "right_after": comparison.right_after,
    }
