"""Commands over several ids: each is done that can be done, and those that cannot are said."""

from collections.abc import Awaitable, Callable, Sequence

from console.words import Refused, complain
from store.errors import Permanent

PARTLY = 5  # The exit code where some were done and some refused.


async def each(ids: Sequence[str], do: Callable[[str], Awaitable[None]]) -> None:
    """Do it for every id; Refused with code 1 where none could be done, with 5 where some could."""
    refused = 0
    for one in ids:
        try:
            await do(one)
        except Permanent as error:
            complain(str(error))
            refused += 1
    if refused:
        told = f"{refused} of {len(ids)} were refused." if len(ids) > 1 else ""
        raise Refused(told, 1 if refused == len(ids) else PARTLY)
