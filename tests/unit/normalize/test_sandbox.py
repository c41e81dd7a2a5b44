import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from normalize.sandbox import Sandbox
from normalize.wire import Decoded, Failure, Outcome
from store.codec import decode
from store.errors import Permanent, Temporary
from store.records import MAX_TEXT, Action, Inbound, Message, RawMessage

MakeRaw = Callable[..., RawMessage]
OpenSandbox = Callable[..., Sandbox]
TextOf = Callable[[Outcome], str]
Told = Callable[[str], Awaitable[str]]

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_payloads_are_decoded_and_go_through_the_steps(sandbox: Sandbox, make_raw: MakeRaw) -> None:
    outcomes = await sandbox.decode([make_raw("نمی‌توانم وارد سامانه شوم، لطفاً کمک کنید")])

    (value,) = outcomes[0].messages if isinstance(outcomes[0], Decoded) else ()
    message = decode(value, Inbound)
    assert isinstance(message, Message)
    assert message.language == "fa"
    assert message.digest


async def test_outcomes_keep_the_order_of_their_payloads_over_several_round_trips_and_children(
    open_sandbox: OpenSandbox, make_raw: MakeRaw, text_of: TextOf
) -> None:
    async with open_sandbox(children=2, batch=7) as sandbox:
        outcomes = await sandbox.decode([make_raw(f"number {number}") for number in range(100)])

    assert [text_of(outcome) for outcome in outcomes] == [f"number {number}" for number in range(100)]


async def test_messages_and_actions_are_told_apart(sandbox: Sandbox, make_raw: MakeRaw) -> None:
    (outcome,) = await sandbox.decode([make_raw("hello", channel="both")])

    assert isinstance(outcome, Decoded)
    assert decode(outcome.messages[0], Message).text == "hello"
    assert decode(outcome.actions[0], Action).text == "noted"


async def test_a_payload_may_give_no_records(sandbox: Sandbox, make_raw: MakeRaw) -> None:
    assert await sandbox.decode([make_raw("x", channel="nothing")]) == [Decoded()]


async def test_nothing_to_decode_takes_no_child(sandbox: Sandbox) -> None:
    assert await sandbox.decode([]) == []


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("spin", "computing time"),
        ("hog", "memory"),
        ("take 600", "memory"),
        ("exit 0", "ended with status 0"),
        ("exit 3", "ended with status 3"),
        ("leave", "ended with status 1"),
        ("crash", f"ended with signal {signal.SIGSEGV.value}"),
    ],
)
async def test_a_message_that_kills_its_child_fails_alone(
    sandbox: Sandbox, make_raw: MakeRaw, text_of: TextOf, command: str, reason: str
) -> None:
    before, after = ([make_raw(f"{place} {number}") for number in range(5)] for place in ("before", "after"))

    outcomes = await sandbox.decode([*before, make_raw(command), *after])

    killed = outcomes.pop(5)
    assert isinstance(killed, Failure)
    assert (killed.kind, reason in killed.reason) == ("killed", True), killed
    assert [text_of(outcome) for outcome in outcomes] == [raw.payload.decode() for raw in (*before, *after)]


@pytest.mark.parametrize("command", ["spin", "exit 1"])
async def test_each_of_several_bombs_of_a_batch_fails_and_nothing_else(
    sandbox: Sandbox, make_raw: MakeRaw, command: str
) -> None:
    raws = [make_raw(f"{command} " if number in (0, 3, 4) else f"fine {number}") for number in range(6)]

    outcomes = await sandbox.decode(raws)

    assert [isinstance(outcome, Failure) for outcome in outcomes] == [True, False, False, True, True, False]


async def test_a_child_that_neither_works_nor_answers_is_replaced(open_sandbox: OpenSandbox, make_raw: MakeRaw) -> None:
    async with open_sandbox(stall="0.3s") as sandbox:
        outcomes = await sandbox.decode([make_raw("before"), make_raw("sleep 3600"), make_raw("after")])

    assert [type(outcome) for outcome in outcomes] == [Decoded, Failure, Decoded]
    assert outcomes[1] == Failure("killed", "reading it did not go on for 0.3s")


async def test_slow_messages_are_not_taken_for_a_stall_as_long_as_they_go_on(
    open_sandbox: OpenSandbox, make_raw: MakeRaw, text_of: TextOf
) -> None:
    async with open_sandbox(stall="0.4s") as sandbox:
        outcomes = await sandbox.decode([make_raw(f"sleep {0.25 + number / 1000}") for number in range(5)])

    assert [text_of(outcome) for outcome in outcomes] == ["slept"] * 5


async def test_a_parser_that_closes_its_socket_is_given_up(sandbox: Sandbox, make_raw: MakeRaw) -> None:
    outcomes = await sandbox.decode([make_raw("deafen"), make_raw("after")])

    assert [type(outcome) for outcome in outcomes] == [Failure, Decoded]


async def test_what_one_message_leaves_behind_makes_the_next_one_no_bomb(
    open_sandbox: OpenSandbox, make_raw: MakeRaw, text_of: TextOf
) -> None:
    async with open_sandbox(memory="128MiB") as sandbox:
        outcomes = await sandbox.decode([make_raw("keep 90"), make_raw("take 90")])

    assert [text_of(outcome) for outcome in outcomes] == ["kept", str(90 * 1024 * 1024)]


@pytest.mark.parametrize(("command", "error"), [("raise secret words", "ValueError"), ("recurse x", "RecursionError")])
async def test_an_error_of_a_decoder_names_its_class_and_place_and_no_word_of_the_message(
    sandbox: Sandbox, make_raw: MakeRaw, command: str, error: str
) -> None:
    await sandbox.decode([make_raw("warm")])
    living = sandbox.pids

    outcomes = await sandbox.decode([make_raw("before"), make_raw(command), make_raw("after")])

    failure = outcomes[1]
    assert isinstance(failure, Failure)
    assert failure.kind == "error"
    assert failure.reason.startswith(f"{error} at hostile:")
    assert "secret" not in failure.reason
    assert [type(outcome) for outcome in outcomes] == [Decoded, Failure, Decoded]
    assert sandbox.pids == living


async def test_a_channel_that_the_settings_no_longer_name_is_an_error_that_says_so(
    sandbox: Sandbox, make_raw: MakeRaw
) -> None:
    (outcome,) = await sandbox.decode([make_raw("x", channel="gone")])

    assert outcome == Failure("error", "no channel called 'gone' is configured: name it in the settings again")


async def test_a_record_always_fits_its_topic(sandbox: Sandbox, make_raw: MakeRaw) -> None:
    (outcome,) = await sandbox.decode([make_raw("x", channel="huge")])

    assert isinstance(outcome, Decoded)
    message = decode(outcome.messages[0], Message)
    assert len(message.text) == MAX_TEXT


async def test_a_decoder_that_is_not_there_is_said_at_the_start(open_sandbox: OpenSandbox) -> None:
    sandbox = open_sandbox(odd="no_such_module:decode")

    with pytest.raises(Permanent, match="no_such_module"):
        await sandbox.start()

    assert not sandbox.pids


async def test_a_child_that_cannot_start_is_trouble_of_the_environment(
    open_sandbox: OpenSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")

    with pytest.raises(Temporary, match="no parser process could be started"):
        await open_sandbox().start()


async def test_a_child_that_dies_while_it_starts_leaves_its_last_words(
    open_sandbox: OpenSandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sandbox = open_sandbox()
    (tmp_path / "normalize").mkdir()
    (tmp_path / "normalize" / "__init__.py").write_text("raise RuntimeError('broken release')", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))

    with pytest.raises(Temporary, match="broken release"):
        await sandbox.start()


async def test_a_child_that_dies_before_it_hears_anything_leaves_its_last_words(
    open_sandbox: OpenSandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "normalize").mkdir()
    (tmp_path / "normalize" / "__init__.py").write_text("raise RuntimeError('broken release')", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    start = subprocess.Popen.__init__

    def started(process: subprocess.Popen[bytes], *arguments: object, **named: object) -> None:
        start(process, *arguments, **named)  # type: ignore[call-overload] # It takes dozens of them.
        process.wait(timeout=30)

    monkeypatch.setattr(subprocess.Popen, "__init__", started)

    with pytest.raises(Temporary, match="broken release"):
        await open_sandbox().start()


async def test_a_payload_that_does_not_fit_into_a_child_fails_alone(
    open_sandbox: OpenSandbox, make_raw: MakeRaw
) -> None:
    async with open_sandbox(memory="64MiB") as sandbox:
        outcomes = await sandbox.decode(
            [make_raw("before"), make_raw(b"x" * 80_000_000, id="large"), make_raw("after")]
        )

    assert [type(outcome) for outcome in outcomes] == [Decoded, Failure, Decoded]


async def test_waiting_for_a_free_child_has_an_end(
    open_sandbox: OpenSandbox, make_raw: MakeRaw, text_of: TextOf
) -> None:
    async with open_sandbox(wait="0.2s") as sandbox:
        busy = asyncio.ensure_future(sandbox.decode([make_raw("sleep 1")]))
        await asyncio.sleep(0.05)
        with pytest.raises(Temporary, match="no parser process was free"):
            await sandbox.decode([make_raw("x")])

        assert text_of((await busy)[0]) == "slept"


async def test_a_cancelled_batch_takes_its_child_along_and_not_the_sandbox(
    sandbox: Sandbox, make_raw: MakeRaw, told: Told
) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await sandbox.decode([make_raw("sleep 5"), make_raw("late")])

    assert await told("next") == "next"


async def test_a_child_that_is_killed_while_idle_is_replaced(
    sandbox: Sandbox, make_raw: MakeRaw, text_of: TextOf
) -> None:
    for pid in sandbox.pids:
        os.kill(pid, signal.SIGKILL)
        await asyncio.to_thread(os.waitid, os.P_PID, pid, os.WEXITED | os.WNOWAIT)  # Dead, and not yet found to be.

    outcomes = await sandbox.decode([make_raw("first"), make_raw("second")])

    assert [text_of(outcome) for outcome in outcomes] == ["first", "second"]
