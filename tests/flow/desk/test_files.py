"""The files that a customer sends reach whoever must look at them: with the alert, and by `deskwire ticket files`."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.desks import BACKENDS, new_backend
from tests.flow.desk.conftest import STAFF
from tests.mail_sink import ADDRESS, Mail, Sink
from tests.running_desk import TEAM, Backend, RunningDesk, World
from tests.unit.normalize.test_scanner import EICAR, clamd, like_clamd

SARA = "sara@customer.example"
PHOTO = bytes(range(256)) * 40
LOGO = b"\x89PNG logo"
PLAN = b"%PDF-1.4 plan"


def mail_with_files(*files: tuple[str, bytes], picture: bytes = b"") -> bytes:
    """A mail of Sara's; `picture` stands in its text."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = SARA, ADDRESS, "Lamp", "<lamp@customer.example>"
    mail.set_content("The lamp is dark.")
    if picture:
        mail.add_alternative('<p>The lamp is dark.</p><img src="cid:logo">', subtype="html")
        html = mail.get_payload()[1]
        assert isinstance(html, EmailMessage)
        html.add_related(picture, "image", "png", cid="<logo>", filename="logo.png")
    for name, content in files:
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return bytes(mail)


def attached(mail: Mail) -> list[tuple[str, bytes]]:
    """The files of a mail, as its reader has them."""
    found = ((part.get_filename(), part.get_payload(decode=True)) for part in mail.parsed.iter_attachments())
    return [(str(name), content) for name, content in found if isinstance(content, bytes)]


@asynccontextmanager
async def desk_in(folder: Path, backend: Backend, extra: str = STAFF) -> AsyncIterator[tuple[RunningDesk, Sink]]:
    """A desk whose team works in a mailbox."""
    sink = Sink()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(sink.serving())
        desk = RunningDesk(folder, backend, World(sink.port, extra=extra))
        stack.push_async_callback(desk.close)
        await desk.up()
        yield desk, sink


@contextmanager
def kept_in(request: pytest.FixtureRequest, kind: str) -> Iterator[Backend]:
    with new_backend(request, kind) as backend:
        yield backend


@pytest.mark.parametrize("kind", BACKENDS)
async def test_a_customer_s_files_come_with_the_alert_and_can_be_saved(
    tmp_path: Path, request: pytest.FixtureRequest, kind: str
) -> None:
    to = tmp_path / "saved"
    with kept_in(request, kind) as backend:
        async with desk_in(tmp_path / "desk", backend) as (desk, sink):
            sent = mail_with_files(("photo.png", PHOTO), ("photo.png", PLAN), picture=LOGO)
            await desk.mail(sent, sender=SARA)
            await desk.settled()
            (ticket,) = await desk.tickets_of(SARA)
            number = str(ticket.number)

            code, listed = await desk.command("ticket", "files", number)
            saved, said = await desk.command("ticket", "files", number, "--to", str(to))
            if backend.embedded:
                await desk.stop()
                again = await desk.command("ticket", "files", number, "--message", "1", "--to", str(to), "--json")

    (alert,) = sink.to(TEAM)
    assert sorted(content for _, content in attached(alert)) == sorted([PHOTO, PLAN, LOGO])
    assert "Files: \u20683\u2069" in alert.text
    assert "ticket files" not in alert.text
    assert [attached(mail) for mail in sink.to(SARA)] == [[]]
    assert code == 0, listed
    assert "photo.png" in listed
    assert saved == 0, said
    if backend.embedded:
        assert again[0] == 0, again[1]
        paths = [Path(one["path"]) for one in json.loads(again[1])["result"]]
        assert sorted(path.read_bytes() for path in paths) == sorted([PHOTO, PLAN, LOGO])
        assert len(list(to.iterdir())) == 6
    else:
        assert sorted(path.read_bytes() for path in to.iterdir()) == sorted([PHOTO, PLAN, LOGO])


async def test_an_infected_file_is_named_instead_and_not_saved(tmp_path: Path) -> None:
    place, to = tmp_path / "clamd", tmp_path / "saved"
    extra = f"{STAFF}scanner: {{url: 'clamd://{place}', timeout: 2s}}\n"
    async with clamd(like_clamd, place), desk_in(tmp_path / "desk", Backend(), extra) as (desk, sink):
        await desk.mail(mail_with_files(("game.exe", EICAR), ("plan.pdf", PLAN)), sender=SARA)
        await desk.settled()
        (ticket,) = await desk.tickets_of(SARA)
        code, said = await desk.command("ticket", "files", str(ticket.number), "--to", str(to))
        _, listed = await desk.command("ticket", "files", str(ticket.number))

    (alert,) = sink.to(TEAM)
    assert attached(alert) == [("plan.pdf", PLAN)]
    assert "Not attached: \u2068game.exe\u2069 (a virus was found in it)" in alert.text
    assert code == 5
    assert "message 1, game.exe: the file 'game.exe' is infected with" in said
    assert [path.read_bytes() for path in to.iterdir()] == [PLAN]
    assert "infected with" in listed
    assert "clean" in listed


async def test_what_is_too_large_for_a_mail_can_still_be_saved(tmp_path: Path) -> None:
    large, to = b"x" * 16_000_000, tmp_path / "saved"
    async with desk_in(tmp_path / "desk", Backend()) as (desk, sink):
        await desk.mail(mail_with_files(("film.mov", large), ("plan.pdf", PLAN)), sender=SARA)
        await desk.settled()
        (ticket,) = await desk.tickets_of(SARA)
        code, said = await desk.command("ticket", "files", str(ticket.number), "--to", str(to))

    (alert,) = sink.to(TEAM)
    assert attached(alert) == [("plan.pdf", PLAN)]
    assert "Not attached: \u2068film.mov\u2069 (too large for this mail)" in alert.text
    assert f"deskwire ticket files {ticket.number}" in alert.text.splitlines()
    assert code == 0, said
    assert (to / "film.mov").read_bytes() == large


async def test_a_message_that_nobody_can_read_is_saved_as_it_came(tmp_path: Path) -> None:
    to = tmp_path / "saved"
    original = mail_with_files(("film.mov", b"x" * 16_000_000))
    async with desk_in(tmp_path / "desk", Backend(), f"{STAFF}normalize: {{memory: 64MiB}}\n") as (desk, sink):
        await desk.mail(original, sender=SARA)
        await desk.settled()
        (ticket,) = await desk.tickets()
        code, said = await desk.command("ticket", "files", str(ticket.number), "--to", str(to))
        unknown = await desk.command("ticket", "files", "1")
        none = await desk.command("ticket", "files", str(ticket.number), "--message", "7")

    (alert,) = sink.to(TEAM)
    assert "This message could not be read" in alert.text
    assert attached(alert) == []
    assert "Not attached: \u2068original.eml\u2069 (too large for this mail)" in alert.text
    assert code == 0, said
    assert (to / "original.eml").read_bytes().splitlines()[-100:] == original.splitlines()[-100:]
    assert unknown == (1, "there is no ticket 1: see `deskwire ticket list`\n")
    assert none[0] == 1
    assert f"ticket {ticket.number} has no message 7" in none[1]


async def test_an_alert_whose_files_the_mail_server_refuses_goes_out_without_them(tmp_path: Path) -> None:
    """As large providers refuse a mail with a program in it."""
    async with desk_in(tmp_path / "desk", Backend()) as (desk, sink):
        sink.refuses = b'filename="game.exe"'
        await desk.mail(mail_with_files(("game.exe", PHOTO)), sender=SARA)
        await desk.settled()
        (ticket,) = await desk.tickets_of(SARA)
        _, shown = await desk.command("ticket", "show", str(ticket.number))

    (alert,) = sink.to(TEAM)
    assert attached(alert) == []
    assert "Not attached: \u2068game.exe\u2069 (the mail server refused this mail with its files)" in alert.text
    assert f"deskwire ticket files {ticket.number}" in alert.text.splitlines()
    assert shown.partition("\nSent:\n")[2].count(f"alert by mail to {TEAM}  sent") == 1
