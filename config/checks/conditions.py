"""What `when:` asks, compared: whether one condition holds wherever another one does."""

from router.conditions import Condition


def covers(first: Condition, other: Condition) -> bool:
    """Whether `first` surely holds for every message that `other` holds for; False where that cannot be told."""
    if first.unless is not None and first.unless != other.unless:
        return False
    if first.words and not (other.words and all(_is_found(word, first.words) for word in other.words)):
        return False
    return all(any(given <= wanted for given in other.values) for wanted in first.values)


def _is_found(word: str, beginnings: tuple[str, ...]) -> bool:
    """Whether a text with this word has one of the beginnings."""
    return any(word.startswith(beginning) for beginning in beginnings)
