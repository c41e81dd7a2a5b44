"""The settings reach the stages in their own words."""

from datetime import timedelta
from pathlib import Path

from config.load import read
from config.opened import offered, open_channels
from config.settings import Configuration
from config.stores import Stores
from config.translate import notifying_policy
from notifier.policy import Destination, Outlet, Policy
from store.blobs_file import FileBlobs
from store.bus_settings import BusSettings
from store.bus_sqlite import SqliteBus
from store.database import open_database
from store.originals import Originals

TEXT = """\
version: 1
site: {name: Nordwind, languages: [en, fa]}
listeners: {smtp: {listen: "127.0.0.1:2525"}}
channels:
  mail: {type: mail, address: Help@desk.example, receive: {smtp: {}}, send: {smtp: "relay.example:587"}}
  alerts: {type: mail, address: alerts@desk.example, receive: {smtp: {}}, acknowledge: never}
  bot: {type: telegram, token: "${BOT_TOKEN}"}
  form: {type: web, reply_through: mail}
teams:
  help: {workspace: {telegram: -1002233445566}}
  apps: {workspace: {mail: Apps@desk.example}}
route: {team: help}
customer: {caps: {unproven: 2, proven: 5, window: 2h}}
"""
ENVIRONMENT = {"BOT_TOKEN": "801234567:AAEabcdefghijklmnopqrstuvwxyz012345"}


def policy(text: str, folder: Path) -> Policy:
    configuration: Configuration = read(text, name="deskwire.yaml", folder=folder, environment=ENVIRONMENT)
    database, bus = open_database("sqlite::memory:"), SqliteBus(folder / "log.db", BusSettings())
    blobs = FileBlobs(folder)
    stores = Stores(database, bus, blobs, Originals(database, bus, blobs), b"k" * 32)
    return notifying_policy(configuration, open_channels(configuration, stores, None))


def test_a_channel_whose_customers_are_not_acknowledged_says_so_to_the_plan(tmp_path: Path) -> None:
    outlets = policy(TEXT, tmp_path).outlets

    assert outlets == {
        "mail": Outlet(mails=True),
        "alerts": Outlet(mails=True, acknowledge=False),
        "bot": Outlet(mails=False),
        "form": Outlet(mails=False),
    }


def test_a_team_hears_by_the_one_channel_that_can_send_where_it_works(tmp_path: Path) -> None:
    """The other mail channel only receives."""
    found = policy(TEXT, tmp_path)

    assert found.teams == {
        "help": Destination(channel="bot", kind="telegram", address="-1002233445566"),
        "apps": Destination(channel="mail", kind="mail", address="apps@desk.example"),
    }
    assert found.default_team == "help"


def test_a_team_hears_by_the_first_channel_that_sends_mail_unless_it_names_another(tmp_path: Path) -> None:
    second = '  second: {type: mail, address: b@desk.example, send: {smtp: "relay.example:587"}}\n  bot:'
    text = TEXT.replace("  bot:", second)
    named = text.replace("Apps@desk.example}", "Apps@desk.example, channel: second}")

    assert policy(text, tmp_path).teams["apps"].channel == "mail"
    assert policy(named, tmp_path).teams["apps"].channel == "second"


def test_limits_of_courtesy_and_our_own_addresses_reach_the_plan(tmp_path: Path) -> None:
    found = policy(TEXT, tmp_path)

    assert (found.unproven_cap, found.proven_cap, found.window) == (2, 5, timedelta(hours=2))
    assert found.own == {("mail", "help@desk.example"), ("mail", "alerts@desk.example"), ("telegram", "801234567")}
    assert found.acknowledge


def test_acknowledgements_can_be_switched_off_for_the_whole_desk(tmp_path: Path) -> None:
    assert not policy(TEXT.replace("customer: {", "customer: {acknowledge: never, "), tmp_path).acknowledge


def test_what_fits_nothing_else_is_offered_last() -> None:
    classify = """
classify:
  categories:
    other: {en: Something else, fa: سایر}
    network: {en: Network, fa: شبکه}
    access: {en: Sign-in, fa: ورود}
"""
    configuration = read(TEXT + classify, name="deskwire.yaml", folder=Path(), environment=ENVIRONMENT)

    assert list(offered(configuration)) == ["network", "access", "other"]
    assert offered(configuration)["access"] == {"en": "Sign-in", "fa": "ورود"}
