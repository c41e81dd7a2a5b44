"""The embedded log when its process is killed, its disk is full, its file is damaged or another process joins in."""

import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from store.bus import Entry
from store.bus_settings import BusSettings
from store.bus_sqlite import SqliteBus
from store.errors import Permanent, StorageBroken, Temporary

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = BusSettings(partitions=4, publish_timeout="5s")
TOPIC = "deskwire.raw"

# Eight publishers at once; each prints a record's name once it is acknowledged.
PUBLISHER = """
import asyncio, sys
from pathlib import Path
from store.bus import Entry
from store.bus_settings import BusSettings
from store.bus_sqlite import SqliteBus

async def publish(bus, name):
    number = 0
    while True:
        word = f"{name}:{number}"
        await bus.publish("deskwire.raw", [Entry(name, word.encode())])
        print(word, flush=True)
        number += 1

async def main(path, life):
    bus = SqliteBus(Path(path), BusSettings(partitions=4))
    await bus.start()
    await asyncio.gather(*(publish(bus, f"{life}.{number}") for number in range(8)))

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[SqliteBus]:
    opened = SqliteBus(tmp_path / "log.db", SETTINGS)
    await opened.start()
    yield opened
    await opened.close()


async def stored_words(path: Path) -> tuple[list[str], bool]:
    """Every record of the log, and whether the offsets of each partition have no gap."""
    bus = SqliteBus(path, SETTINGS)
    await bus.start()
    consumer = await bus.consumer("readers", [TOPIC])
    for at in consumer.assignment():
        await consumer.seek(at, None)
    records = []
    while found := await consumer.fetch(500, 0.0):
        records += found
    whole = all(
        [record.offset for record in records if record.at == at] == list(range(first, after))
        for at, (first, after) in (await bus.ends(TOPIC)).items()
    )
    await bus.close()
    return [record.value.decode() for record in records], whole


async def test_a_killed_publisher_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    acknowledged: list[str] = []
    for life in range(4):
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-c", PUBLISHER, str(path), str(life), stdout=asyncio.subprocess.PIPE, cwd=ROOT
        )
        assert child.stdout is not None
        acknowledged += [(await child.stdout.readline()).decode().strip() for _ in range(150 + 37 * life)]
        os.kill(child.pid, signal.SIGKILL)
        # The last line may be torn; it was acknowledged all the same, but its name is not whole.
        rest = (await child.stdout.read()).decode()
        acknowledged += rest.splitlines()[: rest.count("\n")]
        await child.wait()

    words, whole = await stored_words(path)

    assert whole
    assert len(set(words)) == len(words)
    assert set(acknowledged) <= set(words)
    assert len(words) - len(acknowledged) <= 4 * 9  # What was on its way when each life ended.
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


async def test_a_full_disk_is_temporary_and_publishing_goes_on_when_there_is_room(bus: SqliteBus) -> None:
    await bus.publish(TOPIC, [Entry("a", b"1")])
    # SQLite's own bound of a file's size answers as a full disk does: SQLITE_FULL.
    pages = await bus._writer.run(lambda log: int(log.execute("PRAGMA max_page_count = 1").fetchone()[0]))

    with pytest.raises(Temporary, match=r"disk of .* is full"):
        await bus.publish(TOPIC, [Entry("a", bytes(400_000))])
    await bus._writer.run(lambda log: int(log.execute("PRAGMA max_page_count = 1000000").fetchone()[0]))
    await bus.publish(TOPIC, [Entry("a", b"2")])

    assert pages > 0
    assert sum(after for _, after in (await bus.ends(TOPIC)).values()) == 2


async def test_a_write_that_the_disk_fails_ends_the_log(tmp_path: Path) -> None:
    code = f"""
import asyncio, resource, signal, sys
from pathlib import Path
from store.bus import Entry
from store.bus_settings import BusSettings
from store.bus_sqlite import SqliteBus
from store.errors import StorageBroken

async def main():
    bus = SqliteBus(Path({str(tmp_path / "log.db")!r}), BusSettings(partitions=4))
    await bus.start()
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
    for value in (bytes(400_000), b"small"):
        try:
            await bus.publish("deskwire.raw", [Entry("a", value)])
        except StorageBroken as error:
            print("broken", "SQLITE_IOERR_WRITE" in str(error))

asyncio.run(main())
"""
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE, cwd=ROOT)
    output, _ = await child.communicate()

    assert output.decode().split("\n") == ["broken True", "broken True", ""]


async def test_a_file_that_is_no_log_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    path.write_bytes(b"this is not a database, and it is long enough to have a header" * 100)

    with pytest.raises(StorageBroken, match="SQLITE_NOTADB"):
        await SqliteBus(path, SETTINGS).start()


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StorageBroken, match=r"log\.db cannot be opened"):
        await SqliteBus(tmp_path / "file" / "log.db", SETTINGS).start()


async def test_a_log_of_a_newer_release_is_refused(bus: SqliteBus, tmp_path: Path) -> None:
    await bus._writer.run(lambda log: log.execute("PRAGMA user_version = 99").rowcount)

    with pytest.raises(Permanent, match="layout 99"):
        await SqliteBus(tmp_path / "log.db", SETTINGS).start()


async def test_a_second_process_publishes_into_the_same_log(bus: SqliteBus, tmp_path: Path) -> None:
    other = SqliteBus(tmp_path / "log.db", SETTINGS)
    await other.start()
    consumer = await bus.consumer("readers", [TOPIC])
    for at in consumer.assignment():
        await consumer.seek(at, None)

    await asyncio.gather(*(one.publish(TOPIC, [Entry("a", b"x")] * 3) for one in (bus, other) for _ in range(30)))
    got = []
    while found := await consumer.fetch(500, 0.2):
        got += found
    await other.close()

    assert [record.offset for record in got] == list(range(180))


async def test_a_lock_that_is_held_too_long_is_temporary(tmp_path: Path) -> None:
    bus = SqliteBus(tmp_path / "log.db", SETTINGS, busy_timeout=0.2)
    await bus.start()
    with sqlite3.connect(tmp_path / "log.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Temporary, match="SQLITE_BUSY"):
            await bus.publish(TOPIC, [Entry("a", b"1")])
        other.execute("COMMIT")
    other.close()

    await bus.publish(TOPIC, [Entry("a", b"2")])
    await bus.close()


async def test_a_publish_that_gives_up_while_it_waits_is_not_written(tmp_path: Path) -> None:
    bus = SqliteBus(tmp_path / "log.db", BusSettings(partitions=4, publish_timeout="0.3s"))
    await bus.start()
    with sqlite3.connect(tmp_path / "log.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        first = asyncio.create_task(bus.publish(TOPIC, [Entry("a", b"unknown")]))
        await asyncio.sleep(0.1)  # The writer's thread has taken it, and waits for the lock.
        with pytest.raises(Temporary, match=r"has not taken a record within 0\.3s"):
            await bus.publish(TOPIC, [Entry("a", b"given up")])
        with pytest.raises(Temporary):
            await first
        other.execute("COMMIT")
    other.close()
    await bus.publish(TOPIC, [Entry("a", b"after")])
    await bus.close()

    assert (await stored_words(tmp_path / "log.db"))[0] == ["unknown", "after"]
