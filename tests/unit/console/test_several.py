"""A command over several ids does what can be done, and says what could not."""

import pytest

from console.several import each
from console.words import Refused
from store.errors import Permanent


async def only_known(one: str) -> None:
    if one.startswith("x"):
        raise Permanent(f"there is no {one}")


async def test_all_that_can_be_done_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    await each(["a", "b"], only_known)

    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("ids", "code", "told"),
    [
        (["x1"], 1, "there is no x1\n"),
        (["x1", "x2"], 1, "there is no x1\nthere is no x2\n"),
        (["x1", "a", "x2"], 5, "there is no x1\nthere is no x2\n"),
    ],
)
async def test_what_was_refused_is_said_and_counted(
    ids: list[str], code: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Refused) as caught:
        await each(ids, only_known)

    assert caught.value.code == code
    assert capsys.readouterr().err == told
    assert str(caught.value) == (f"2 of {len(ids)} were refused." if len(ids) > 1 else "")
