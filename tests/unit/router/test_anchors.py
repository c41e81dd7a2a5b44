"""Ids of the form that holds our mails together are never evidence: anybody can write one."""

import pytest

from router.anchors import without_anchors
from tests.unit.router.given import message, policy

DESK = policy(own=[("mail", "help@desk.example"), ("mail", "it@ünit.example"), ("telegram", "1")])
ANCHOR = "<ticket-482917@desk.example>"


@pytest.mark.parametrize(
    "anchor",
    [ANCHOR, ANCHOR.upper(), "<ticket-1@xn--nit-goa.example>", "<ticket-99999999999999999999@desk.example>"],
)
def test_an_anchor_of_ours_is_read_as_if_it_were_not_there(anchor: str) -> None:
    read = without_anchors(message(external_id=anchor, references=("<a@x>", anchor, "<b@x>")), DESK)

    assert (getattr(read, "external_id", None), getattr(read, "references", None)) == ("", ("<a@x>", "<b@x>"))


@pytest.mark.parametrize(
    "other",
    ["<ticket-482917@peer.example>", "<ticket-a@desk.example>", "<my-ticket-482917@desk.example>", "<1@desk.example>"],
)
def test_what_only_looks_like_one_stays(other: str) -> None:
    written = message(external_id=other, references=(other,))

    assert without_anchors(written, DESK) is written
