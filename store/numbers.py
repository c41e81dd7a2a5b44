"""Ticket numbers: a serial and a check digit, so that a misread or mistyped number is noticed, not looked up.

The check digit is Damm's: it catches every single wrong digit and every swap of two neighbours (H. M. Damm, "Total
anti-symmetrische Quasigruppen", 2004). A number proves nothing about who says it.
"""

# The totally anti-symmetric quasigroup of order 10 that Damm's thesis gives, p. 111.
_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)


def numbered(serial: int) -> int:
    """The ticket number of a serial: its digits and a check digit."""
    return serial * 10 + _check(str(serial))


def serial_of(number: int) -> int:
    """The serial of a ticket number."""
    return number // 10


def first_serial(digits: int) -> int:
    """The smallest serial whose number has this many digits; later serials give longer numbers by themselves."""
    return int(10 ** (digits - 2))


def is_number(text: str) -> bool:
    """Whether this can be a ticket number: ASCII digits, the last of which checks the others."""
    return len(text) > 1 and text.isascii() and text.isdigit() and text[0] != "0" and _check(text) == 0


def _check(digits: str) -> int:
    """The state after all digits: what must follow them; 0 where they end with their check digit."""
    state = 0
    for digit in digits:
        state = _DAMM[state][int(digit)]
    return state
