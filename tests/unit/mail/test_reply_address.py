"""The reply address that a text asks for: only the channel that sends it knows it."""

import msgspec

from ingest.channels.mail.compose import compose
from ingest.channels.mail.html import html_to_text
from store.outgoing import REPLY_ADDRESS, Purpose
from tests.unit.mail.test_compose import SENDER, outgoing, read, text_in

ALERT = outgoing(
    purpose=Purpose.ALERT, reply="s", text=f"Claim: mailto:{REPLY_ADDRESS}?body=%23claim\nThe lamp is dark."
)


def test_a_link_leads_where_a_reply_would_go() -> None:
    payload = compose(ALERT, SENDER)
    address = read(payload)["Reply-To"].addresses[0].addr_spec

    assert f"mailto:{address}?body=%23claim" in text_in(payload)
    assert f"mailto:{address}?body=%23claim" in text_in(payload, "html")


def test_an_alert_that_comes_back_as_html_alone_still_shows_whose_it_was() -> None:
    """By the address behind its links a technician's mail is found out that has lines of an alert in its text."""
    payload = compose(ALERT, SENDER)
    address = read(payload)["Reply-To"].addresses[0].addr_spec

    assert html_to_text(text_in(payload, "html")).splitlines()[0] == f"Claim ({address})"


def test_without_such_an_address_there_is_no_link() -> None:
    payload = compose(ALERT, msgspec.structs.replace(SENDER, plus_addressing=False))

    assert text_in(payload).strip() == "The lamp is dark."
