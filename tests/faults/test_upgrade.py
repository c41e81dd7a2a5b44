"""A desk that the release before whole mail left behind is migrated, and works on where it stood."""

from collections.abc import Mapping, Sequence

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, inspect, select, text, update

from ingest.channels.mail.compose import envelope_and_mail
from store.deliveries import QUEUED
from store.schema import deliveries, texts
from store.ticket_list import Sought, found
from tests.desks import Around
from tests.mail_sink import letter

ANNA, CARL = "anna@customer.example", "carl@customer.example"


def first_tables() -> Mapping[str, set[str]]:
    """The tables and indexes of revision 0001, each with its columns; an index has none of its own."""
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", "store:migrations")
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        found = inspect(connection)
        tables = {name: {column["name"] for column in found.get_columns(name)} for name in found.get_table_names()}
        indexes = {str(index["name"]) for name in tables for index in found.get_indexes(name)}
    engine.dispose()
    return {**tables, **{index: set() for index in indexes}}


def as_it_was(connection: Connection) -> Sequence[str]:
    """The tables of revision 0001, and mails that do not begin with their envelope; returns what is left."""
    for row in connection.execute(select(deliveries.c.id, deliveries.c.payload)).all():
        mail = envelope_and_mail(row.payload)[1]
        connection.execute(update(deliveries).where(deliveries.c.id == row.id).values(payload=mail))
    first = first_tables()
    texts.drop(connection)  # With what SQLite keeps beside it.
    found = inspect(connection)
    for name in found.get_table_names():
        if name not in first:
            connection.execute(text(f"DROP TABLE {name}"))
            continue
        for index in found.get_indexes(name):
            if index["name"] not in first and "duplicates_constraint" not in index:
                connection.execute(text(f"DROP INDEX {index['name']}"))
        for column in found.get_columns(name):
            if column["name"] not in first[name]:
                connection.execute(text(f"ALTER TABLE {name} DROP COLUMN {column['name']}"))
    connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    return connection.scalars(select(deliveries.c.payload).where(deliveries.c.state == QUEUED)).all()


async def test_a_desk_of_the_first_release_goes_on_with_its_tickets_and_what_it_had_queued(around: Around) -> None:
    desk, sink = around.desk, around.sink
    await desk.up()
    await desk.mail(letter("My lamp is dark.", sender=ANNA, message_id="<anna-1@mail.example>"), sender=ANNA)
    ticket = await around.only_ticket(ANNA)
    sink.answer = "451 4.3.0 later"
    await desk.mail(letter("My mouse is gone.", sender=CARL), sender=CARL)
    await desk.answer(ticket.number, "Change the bulb.")
    queued = select(deliveries.c.id).where(deliveries.c.state == QUEUED, deliveries.c.address.in_((ANNA, CARL)))

    async def waiting() -> bool:
        return len(await desk.read(lambda connection: connection.scalars(queued).all())) == 2

    await desk.until(waiting, "an answer and an acknowledgement are queued")
    assert set(await desk.stop_all()) == {0}
    left = await desk.write(as_it_was)

    sink.answer = "250 2.0.0 OK"
    await desk.up()
    await desk.settled()
    _, answer = sink.to(ANNA)
    reply = letter("It shines.", sender=ANNA, references=["<anna-1@mail.example>", answer.id])
    await desk.mail(reply, sender=ANNA)
    await desk.settled()

    assert not any(payload.startswith(b"Return-Path") for payload in left)
    assert (answer.text.splitlines()[0], answer.sender) == ("Change the bulb.", "help@desk.example")
    assert [mail.sender for mail in sink.to(CARL)] == [""]
    assert await desk.texts(ticket.number) == ["My lamp is dark.", "It shines."]
    story = await desk.story(ticket.number)
    assert (story.ticket.assignee, story.ticket.participants) == ("", ())
    old = await desk.read(lambda connection: found(connection, Sought(words=["lamp"])))
    assert [one.number for one in old] == [ticket.number]
    assert len(await desk.tickets()) == 2
