"""A ticket's number is understood as it was pasted."""

import click
import pytest

from console.number import TicketNumber


@pytest.mark.parametrize(
    "pasted", ["482917", " 482917 ", "#482917", "[482917]", "\u2068482917\u2069", "№ 482917", "۴۸۲۹۱۷", "٤٨٢٩١٧"]
)
def test_a_number_is_read_as_it_was_pasted(pasted: str) -> None:
    assert TicketNumber().convert(pasted, None, None) == 482917


@pytest.mark.parametrize("pasted", ["", "12a", "Nordwind", "-482917", "4.5", "½", "²", "1" * 400])
def test_what_is_no_number_is_refused_with_one_that_is(pasted: str) -> None:
    with pytest.raises(click.BadParameter, match="such as 482917"):
        TicketNumber().convert(pasted, None, None)
