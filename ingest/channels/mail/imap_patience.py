"""How long a mailbox that cannot be read is left alone, and when a mail that cannot be fetched is put aside. Pure."""

from typing import Literal

FIRST, LONGEST = 1.0, 300.0  # Seconds, ours, between attempts at a server in trouble.
# Servers lock an account after some ten wrong passwords in half an hour; these make five in the first half hour.
FIRST_REFUSED, LONGEST_REFUSED = 60.0, 1800.0
LOUD = 3  # Refused logins after which it is an error and no longer a warning: a server may have a bad minute.

HEADER_AFTER = 5  # Attempts at a whole mail, each of which may have died with its connection.
NOTHING_AFTER = 10

Plan = Literal["whole", "header", "nothing"]


def pause_after(failures: int, chance: float) -> float:
    """Seconds before the next attempt: ever longer, spread by `chance`, from 0 to 1, over half as much."""
    return min(LONGEST, FIRST * 2.0 ** min(failures - 1, 16)) * (1 + chance / 2)


def pause_after_refusals(refusals: int, chance: float) -> float:
    """Seconds before the next login after so many were refused: at most half an hour, a tenth spread by `chance`."""
    return min(LONGEST_REFUSED, FIRST_REFUSED * 2.0 ** min(refusals - 1, 16)) * (1 - chance / 10)


def plan_for(attempts: int) -> Plan:
    """What to fetch of a mail at which so many attempts have failed: one mail must not hold up all others."""
    if attempts < HEADER_AFTER:
        return "whole"
    return "header" if attempts < NOTHING_AFTER else "nothing"
