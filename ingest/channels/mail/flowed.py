"""Text that a mailer broke into lines, joined to paragraphs again (RFC 3676). Pure, and linear in what it is given."""

_SIGNATURE = "-- "  # The one line that ends in a space and is no broken one (RFC 3676, 4.3).


def unflow(text: str, *, without_space: bool = False) -> str:
    """Paragraphs of a text with format=flowed, quoted lines marked with "> " by their depth.

    `without_space` is DelSp=yes: the space that marks a broken line is not part of the text, as in languages without
    spaces between words.
    """
    paragraphs: list[str] = []
    pieces: list[str] = []  # Of the paragraph that goes on.
    depth = 0
    for line in text.split("\n"):
        level, words = _unquoted(line)
        ends_above = level != depth or words == _SIGNATURE
        if pieces and ends_above:  # A paragraph never goes on in another depth of quotation (RFC 3676, 4.5).
            paragraphs.append(_quoted(depth, pieces))
            pieces = []
        depth = level
        broken = words.endswith(" ") and words != _SIGNATURE
        pieces.append(words[:-1] if broken and without_space else words)
        if not broken:
            paragraphs.append(_quoted(depth, pieces))
            pieces = []
    if pieces:
        paragraphs.append(_quoted(depth, pieces))
    return "\n".join(paragraphs)


def _unquoted(line: str) -> tuple[int, str]:
    """How deep a line is quoted, and its words; one space before them protects them and is no part of them."""
    words = line.lstrip(">")
    level = len(line) - len(words)
    return level, words.removeprefix(" ")


def _quoted(depth: int, pieces: list[str]) -> str:
    words = "".join(pieces)
    return f"{'>' * depth} {words}" if depth else words
