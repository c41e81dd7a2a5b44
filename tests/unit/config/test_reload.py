"""New settings are taken over by all parts of a process or by none."""

import asyncio
from collections.abc import Callable

import pytest

from config.load import BadSettings
from config.reload import Reloader
from config.settings import Configuration
from store.errors import Permanent
from tests.unit.config.test_changes import configured, edited

SECOND = ("unproven: 1", "unproven: 2")


class Part:
    """What a stage has of the settings."""

    def __init__(self) -> None:
        self.has = 1

    def take(self, fresh: Configuration) -> Callable[[], None]:
        unproven = fresh.settings.customer.caps.unproven

        def commit() -> None:
            self.has = unproven

        return commit


def refusing(fresh: Configuration) -> Callable[[], None]:
    raise Permanent(f"there are no texts for {fresh.settings.site.name}")


async def test_every_part_works_by_the_new_settings() -> None:
    parts = [Part(), Part()]
    reloader = Reloader(configured(), lambda: edited(SECOND), [part.take for part in parts])

    assert await reloader.reload() == "customer: caps unproven 1 -> 2"
    assert [part.has for part in parts] == [2, 2]
    assert await reloader.reload() == ""


async def test_a_part_that_cannot_take_them_keeps_all_from_it() -> None:
    part = Part()
    reloader = Reloader(configured(), lambda: edited(SECOND), [part.take, refusing])

    with pytest.raises(Permanent, match="there are no texts for Nordwind"):
        await reloader.reload()
    assert part.has == 1


async def test_a_file_that_does_not_pass_is_told_and_changes_nothing() -> None:
    part = Part()
    reloader = Reloader(configured(), lambda: edited(("team: help\n", "team: hlep\n")), [part.take])

    with pytest.raises(BadSettings, match=r"error\[unknown-team\]") as told:
        await reloader.told_in_log()
    assert part.has == 1
    assert str(told.value).endswith("in deskwire.yaml. Nothing was taken over: the desk goes on as before.")


async def test_reloads_wait_for_each_other() -> None:
    reading: list[str] = []

    def reread() -> Configuration:
        reading.append("begins")
        fresh = edited(SECOND)
        reading.append("ends")
        return fresh

    reloader = Reloader(configured(), reread, [])
    await asyncio.gather(reloader.reload(), reloader.reload(), reloader.reload())

    assert reading == ["begins", "ends"] * 3
