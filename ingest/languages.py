"""Which language a page is shown in."""

from collections.abc import Sequence

# Longer lists of languages are no browser's, and would only cost time.
_MOST = 20


def choose(asked: str, accepted: str, offered: Sequence[str]) -> str:
    """The language of a page: what its address asks for, else what the browser prefers, else the first offered.

    `accepted` is the Accept-Language header (RFC 9110, section 12.5.4); `offered` has at least one primary tag.
    """
    wanted = [asked.lower(), *_preferred(accepted)]
    return next((tag for tag in wanted if tag in offered), offered[0])


def _preferred(header: str) -> list[str]:
    """Primary tags, the most wanted first; what cannot be read is left out."""
    weighed: list[tuple[float, str]] = []
    for item in header.split(",")[:_MOST]:
        tag, _, weight = item.strip().lower().partition(";q=")
        try:
            quality = float(weight) if weight else 1.0
        except ValueError:
            continue
        if quality > 0:
            weighed.append((quality, tag.partition("-")[0]))
    return [tag for _, tag in sorted(weighed, key=lambda pair: -pair[0])]
