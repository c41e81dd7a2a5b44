"""What the demo says around its journeys: where everything is, who got what, how to try more, how it ended. Pure."""

from collections.abc import Sequence

from console.demo import cast
from console.demo.desk import LOG, Places
from console.demo.paint import Paint
from console.demo.received import Received
from console.demo.scene import Said, Scene
from console.demo.story import INDENT, got
from store.audit import Audit


def opening(places: Places, *, version: str, port: int, paint: Paint) -> list[str]:
    """The first lines; `port` is where the form was wished for, 0: anywhere."""
    telegram = places.telegram.removesuffix("/bot")
    people, groups = len(cast.PEOPLE), len(cast.GROUPS)
    taken = (
        [f"  Port {port} is in use, so the form is at port {places.http}.", ""] if port not in (0, places.http) else []
    )
    return [
        paint.strong(f"Deskwire {version} demo: all of it runs on this computer, and nothing leaves it."),
        "Ctrl-C stops it and deletes everything. This is for looking, not for production.",
        "",
        *taken,
        f"  mail in    smtp://127.0.0.1:{places.mail_in}   for {cast.ADDRESS}",
        f"  web form   {places.form}",
        f"  Telegram   {telegram}   a Bot API server of its own: {people} pretend people, {groups} team groups",
        f"  mail out   smtp://127.0.0.1:{places.mail_out}   a mailbox that keeps what comes and sends nothing on",
        f"  kept in    {places.folder}   the desk's log is {LOG} there",
    ]


def scene_begins(paint: Paint) -> list[str]:
    """The heading of the journeys."""
    return [
        "",
        paint.strong("What customers send, and its way through the stages"),
        paint.faint("Seconds since the demo began, then milliseconds since the desk accepted the message."),
        "",
    ]


def presses(pages: Sequence[str]) -> str:
    """What became of a form whose button was pressed more than once."""
    led_to = "the same page" if len(set(pages)) == 1 else f"{len(set(pages))} different pages"
    return f"{INDENT}Its button was pressed {len(pages)} times; all presses led to {led_to}."


def texts(messages: Sequence[Received], scene: Scene, paint: Paint) -> list[str]:
    """What customers and technicians got, word by word."""
    teams = [(one.reads, f"{one.short}, {one.place}") for one in cast.TEAMS]
    inside = {reader for reader, _ in teams}
    lines: list[str] = []
    for heading, people, titles in (
        ("What customers got", [one for one in messages if one.reader not in inside], customers(scene)),
        ("What technicians got", [one for one in messages if one.reader in inside], teams),
    ):
        if people:
            lines += [paint.strong(heading), *got(people, titles=titles, paint=paint), ""]
    return lines


def customers(scene: Scene) -> list[tuple[str, str]]:
    """The readers among the customers, with what to call them."""
    found = {str(one.id): f"{one.name}, on Telegram" for one in cast.PEOPLE}
    for act in scene.acts:
        if not isinstance(act.does, Said):
            reader = act.does.source[1]
            found[reader] = f"{act.does.name}, by mail to {reader}"
    return list(found.items())


def sums(audit: Audit) -> str:
    """The desk in one sentence."""
    count = dict(audit.outcomes)
    return (
        f"{audit.tickets} tickets with {audit.messages} messages; {count.get('duplicate', 0)} duplicate, "
        f"{audit.parked} parked, {audit.dead} dead letters"
    )


def verdict(found: Sequence[str], audit: Audit, paint: Paint) -> list[str]:
    """Whether the scene went as it must."""
    if not found:
        return [paint.good(f"All of it went as it must: {sums(audit)}. The audit balances.")]
    return [paint.odd("This differs from what must be:"), *(f"  {words}." for words in found)]


def invitation(places: Places, *, command: str, number: int | None, paint: Paint) -> list[str]:
    """How to go on; `command` is what starts deskwire, `number` a ticket that can be answered."""
    deskwire = f"{command} -c {places.settings}"
    answer = [f'  {deskwire} ticket answer {number} "It works again."'] if number else []
    return [
        "",
        paint.strong("Now you"),
        f"  Fill the form in: {places.form}",
        f'  {deskwire} send mail --from you@example.org --subject "VPN" --text "The VPN is down"',
        f"  {deskwire} ticket list",
        *answer,
        f"  {deskwire} parked list",
        f"  {deskwire} audit",
        "",
        "What you send appears here. Ctrl-C stops the demo and deletes everything.",
        "",
    ]


def closing(audit: Audit) -> str:
    """The last line."""
    return f"Stopped: {sums(audit)}. All of it is deleted."
