"""The table of states: whatever happens in any state has a place in it, or words that say what to do."""

import pytest

from router.life import lifecycle
from router.life.lifecycle import HAPPENINGS, STATES, TABLE, Happening, No, Step

NUMBER = 482917


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("happening", HAPPENINGS)
def test_all_that_can_happen_leads_on_or_is_refused_in_words_that_say_what_to_do(
    state: str, happening: Happening
) -> None:
    step, refusal = lifecycle.step(state, happening), lifecycle.refusal(NUMBER, state, happening)

    assert (step is None) is (refusal is not None)
    if step is not None:
        assert step.state in STATES
        assert step.event
    if refusal is not None:
        assert refusal.words.startswith(f"ticket {NUMBER} ")
        assert ": " in refusal.words, "what is found comes before the colon, and what to do behind it"
        assert refusal.code


def test_a_state_of_a_newer_release_is_refused_rather_than_guessed() -> None:
    refusal = lifecycle.refusal(NUMBER, "frozen", "answer")

    assert refusal is not None
    assert "frozen" in refusal.words


def test_what_may_never_happen_to_a_closed_ticket_but_its_opening_changes_no_state() -> None:
    left = {
        happening
        for happening in HAPPENINGS
        if (step := lifecycle.step("closed", happening)) and step.state != "closed"
    }

    assert left == {"reopen", "replayed"}


def test_thanks_machines_notes_and_links_never_change_a_state() -> None:
    quiet: tuple[Happening, ...] = ("thanks", "machine", "note", "link", "split", "give", "move", "change", "escalate")
    for happening in quiet:
        for state in STATES:
            step = lifecycle.step(state, happening)
            assert step is None or step.state == state


def test_every_state_can_be_reached_and_left() -> None:
    steps = {key: cell for key, cell in TABLE.items() if isinstance(cell, Step)}

    assert {step.state for (before, _), step in steps.items() if before != step.state} == set(STATES) - {"new"}
    assert {before for (before, _), step in steps.items() if before != step.state} == set(STATES)


def test_a_refusal_is_the_same_for_all_who_ask() -> None:
    refusals = {cell for cell in TABLE.values() if isinstance(cell, No)}

    assert all(no.words[0].islower() for no in refusals)
