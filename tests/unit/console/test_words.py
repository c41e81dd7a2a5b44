"""What commands print of what strangers wrote."""

from console.words import shown


def test_a_strangers_text_cannot_move_the_cursor_or_turn_a_line_around() -> None:
    assert shown("a\x1b[2J\r\nb\u202ec\u2068d") == "a [2J  b c d"


def test_persian_keeps_its_joiners() -> None:
    assert shown("نمی\u200cتوانم") == "نمی\u200cتوانم"
