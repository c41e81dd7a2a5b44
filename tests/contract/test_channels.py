"""The contract of every channel: one suite, which finds channels and their golden payloads by itself.

A channel of type `x` (`ingest.channels.x`) brings a folder `tests/golden/x/`, and no test code:

    settings.json            what the suite needs to know once (`Golden`):
                               settings      the channel's entry in the settings file, without `type`; a secret is
                                             written "${value}", as if the loader took it from the environment
                               content_type  of the payloads
                               envelope      what the transport knows about them, as `store.records.Envelope`
                               address       where an answer can go, as in `ReplyPath.address`; left out by a channel
                                             that sends nothing, whose `prepare` then raises Permanent
    <case>.eml|.json|.raw    a payload, byte for byte as the channel receives it
    <case>.envelope.json     an envelope of that case alone, instead of the folder's; seldom needed
    <case>.expected.json     the records that it decodes to, as a JSON list, defaults left out

The case's name is the id of the raw message, the channel is called "golden", and it is always `RECEIVED`. To write the
`expected.json` of new cases, or of changed ones:

    DESKWIRE_UPDATE_GOLDEN=1 pytest tests/contract/test_channels.py -k golden_payload

which fails on purpose, so that it can never pass in CI: read the difference line by line, then run without it. A
payload is written by hand and as small as the thing that it shows.
"""

import importlib
import json
import os
import pkgutil
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, SecretStr

import ingest.channels
from ingest.channel import Capabilities, Channel, Parts, Site, module_of
from store.codec import decode, derived_id, encode
from store.database import open_database
from store.errors import Permanent
from store.outgoing import Outgoing, Purpose
from store.records import Action, Envelope, Inbound, RawMessage
from store.secrets import FromEnvironment

Record = Inbound | Action

FOLDER = Path(__file__).parents[1] / "golden"
RECEIVED = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
PAYLOADS = (".eml", ".json", ".raw")
NOTES = (".expected.json", ".envelope.json")  # What stands beside a payload; never one itself.


class Golden(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A folder's `settings.json`."""

    settings: dict[str, object]
    content_type: str
    envelope: Envelope = Envelope()
    address: str = ""


class Case(NamedTuple):
    """One golden payload."""

    kind: str
    name: str
    path: Path


KINDS = sorted(path.parent.name for path in FOLDER.glob("*/settings.json"))
CASES = [
    Case(kind, path.name.removesuffix(path.suffix), path)
    for kind in KINDS
    for path in sorted((FOLDER / kind).iterdir())
    if path.suffix in PAYLOADS and not path.name.endswith(NOTES) and path.name != "settings.json"
]

each_kind = pytest.mark.parametrize("kind", KINDS)
each_case = pytest.mark.parametrize("case", CASES, ids=[f"{case.kind}-{case.name}" for case in CASES])


def golden(kind: str) -> Golden:
    return msgspec.json.decode((FOLDER / kind / "settings.json").read_bytes(), type=Golden)


def settings_of(kind: str) -> BaseModel:
    return module_of(kind).Settings.model_validate(loaded(golden(kind).settings))


def loaded(value: object) -> object:
    if isinstance(value, dict):
        return {name: loaded(field) for name, field in value.items()}
    if isinstance(value, str) and value.startswith("${"):
        return FromEnvironment(value.removeprefix("${").removesuffix("}"))
    return value


def channel_of(kind: str, name: str = "golden") -> Channel:
    """Opened on a database that is never connected to: opening does no I/O."""
    site = Site(name="Nordwind Help Desk", url="https://desk.example.org", languages=("en",), time_zone="UTC")
    parts = Parts(site=site, key=b"k" * 32, database=open_database("sqlite::memory:"), smtp=None)
    return module_of(kind).open_channel(name, settings_of(kind), parts)


def decoder_of(kind: str) -> Callable[[RawMessage, msgspec.Struct], Sequence[Record]]:
    module, function = module_of(kind).DECODER.split(":")
    return getattr(importlib.import_module(module), function)


def raw_of(case: Case, payload: bytes | None = None) -> RawMessage:
    own = case.path.parent / f"{case.name}.envelope.json"
    outer = golden(case.kind)
    return RawMessage(
        id=case.name,
        channel="golden",
        received_at=RECEIVED,
        content_type=outer.content_type,
        payload=case.path.read_bytes() if payload is None else payload,
        envelope=msgspec.json.decode(own.read_bytes(), type=Envelope) if own.exists() else outer.envelope,
    )


def decoded(case: Case, raw: RawMessage) -> list[Record]:
    return list(decoder_of(case.kind)(raw, channel_of(case.kind).decoding))


def outgoing(kind: str, **changes: object) -> Outgoing:
    plain = Outgoing(
        key="effect-1",
        delivery="delivery-1",
        purpose=Purpose.ANSWER,
        address=golden(kind).address,
        subject="Printer",
        text="It works again.",
        references=("<question@customer.example>",),
        ticket=482917,
        actor="0123456789",
        at=RECEIVED,
    )
    return msgspec.structs.replace(plain, **changes)


# What a module of a channel declares.


@pytest.mark.parametrize("kind", [found.name for found in pkgutil.iter_modules(ingest.channels.__path__)])
def test_every_built_in_channel_has_golden_payloads(kind: str) -> None:
    assert kind in {case.kind for case in CASES}


@each_kind
def test_module_declares_settings_open_channel_and_decoder(kind: str) -> None:
    module: ModuleType = module_of(kind)

    assert issubclass(module.Settings, BaseModel)
    assert callable(module.open_channel)
    assert callable(decoder_of(kind))


@each_kind
def test_settings_refuse_unknown_keys_and_are_frozen_and_described(kind: str) -> None:
    model = module_of(kind).Settings

    assert model.model_config.get("extra") == "forbid"
    assert model.model_config.get("frozen") is True
    assert [name for name, field in model.model_fields.items() if not field.description] == []


@each_kind
def test_opened_channel_has_its_name_and_capabilities(kind: str) -> None:
    channel = channel_of(kind, "some-name")

    assert channel.name == "some-name"
    assert isinstance(channel.capabilities, Capabilities)
    assert channel.capabilities.longest_text > 0
    assert isinstance(list(channel.routes()), list)


@each_kind
def test_no_secret_of_the_settings_enters_the_child(kind: str) -> None:
    inside = msgspec.json.encode(channel_of(kind).decoding).decode()

    assert [secret for secret in secrets_in(settings_of(kind)) if secret in inside] == []
    assert "k" * 32 not in inside


def secrets_in(model: BaseModel) -> list[str]:
    found: list[str] = []
    for _, value in model:
        if isinstance(value, SecretStr):
            found.append(value.get_secret_value())
        elif isinstance(value, BaseModel):
            found.extend(secrets_in(value))
    return [secret for secret in found if secret]


@each_kind
def test_decoding_settings_survive_the_way_into_the_child(kind: str) -> None:
    decoding = channel_of(kind).decoding

    assert msgspec.json.decode(msgspec.json.encode(decoding), type=type(decoding)) == decoding


# Decoding.


@each_case
def test_golden_payload_decodes_to_its_expected_records(case: Case) -> None:
    expected = case.path.parent / f"{case.name}.expected.json"
    written = msgspec.json.format(msgspec.json.encode(decoded(case, raw_of(case))), indent=2) + b"\n"

    if os.environ.get("DESKWIRE_UPDATE_GOLDEN"):
        expected.write_bytes(written)
        pytest.fail(f"{expected.name} was written: read the difference, then run without DESKWIRE_UPDATE_GOLDEN")

    assert json.loads(written) == json.loads(expected.read_bytes())


@each_case
def test_decoding_twice_gives_the_same_records(case: Case) -> None:
    raw = raw_of(case)

    assert decoded(case, raw) == decoded(case, raw)


@each_case
def test_records_survive_the_topic(case: Case) -> None:
    for record in decoded(case, raw_of(case)):
        assert decode(encode(record), Record) == record


@each_case
def test_ids_derive_from_the_raw_and_its_order(case: Case) -> None:
    raw = raw_of(case)

    records = decoded(case, raw)

    assert [record.id for record in records] == [derived_id(raw.id, str(index)) for index in range(len(records))]
    assert {record.raw for record in records if not isinstance(record, Action)} <= {raw.id}


@each_case
def test_second_delivery_has_other_ids_and_the_same_fingerprints(case: Case) -> None:
    raw = raw_of(case)
    later = msgspec.structs.replace(raw, id="again", received_at=datetime(2026, 11, 24, tzinfo=UTC))

    first, second = decoded(case, raw), decoded(case, later)

    assert fingerprints(first) == fingerprints(second)
    assert {record.id for record in first}.isdisjoint(record.id for record in second)


@each_case
def test_fingerprints_of_two_channels_differ(case: Case) -> None:
    raw = raw_of(case)

    first = fingerprints(decoded(case, raw))
    second = fingerprints(decoded(case, msgspec.structs.replace(raw, channel="other")))

    assert set(first).isdisjoint(second)


@each_kind
def test_no_two_golden_payloads_have_one_fingerprint(kind: str) -> None:
    all_of_them = [
        found for case in CASES if case.kind == kind for found in set(fingerprints(decoded(case, raw_of(case))))
    ]

    assert len(all_of_them) == len(set(all_of_them))


def fingerprints(records: Sequence[Record]) -> list[str]:
    return [record.fingerprint for record in records if not isinstance(record, Action)]


@each_kind
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_damaged_payloads_never_raise_and_give_records_that_can_be_stored(kind: str, data: st.DataObject) -> None:
    case = data.draw(st.sampled_from([case for case in CASES if case.kind == kind]))
    whole = case.path.read_bytes()
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, len(whole)))
    filling = data.draw(st.binary(max_size=40) | st.sampled_from([whole[start:end] * 3, b"\r\n\r\n", b"\x00", b'"<(']))
    damaged = whole[:start] + filling + (b"" if data.draw(st.booleans()) else whole[end:])

    for record in decoded(case, raw_of(case, damaged)):
        assert decode(encode(record), Record) == record


# Preparing.


@each_kind
def test_preparing_twice_gives_the_same_bytes(kind: str) -> None:
    if not golden(kind).address:
        with pytest.raises(Permanent):
            channel_of(kind).prepare(outgoing(kind))
        return

    assert channel_of(kind).prepare(outgoing(kind)) == channel_of(kind).prepare(outgoing(kind))


@each_kind
@pytest.mark.parametrize("purpose", list(Purpose))
@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r", "\x85", "\u2028", "\x0b", "\x00\r\n"])
@pytest.mark.parametrize("field", ["subject", "key", "delivery", "language", "actor", "address", "references"])
def test_no_field_can_add_a_line_to_what_is_sent(kind: str, purpose: Purpose, line_end: str, field: str) -> None:
    hostile = f"x{line_end}Bcc: thief@evil.example"
    value: object = (hostile, "<a@b>" + hostile) if field == "references" else hostile

    try:
        payload = channel_of(kind).prepare(outgoing(kind, purpose=purpose, **{field: value}))
    except Permanent:
        return

    assert not re.search(rb"[\r\n]\s*Bcc:", payload)


@each_kind
def test_text_over_the_longest_is_cut(kind: str) -> None:
    """Splitting a text into several messages is the notifier's, which knows `longest_text`."""
    channel = channel_of(kind)
    if not golden(kind).address:
        return

    longest = channel.prepare(outgoing(kind, text="x" * channel.capabilities.longest_text))
    longer = channel.prepare(outgoing(kind, text="x" * (3 * channel.capabilities.longest_text)))

    assert len(longer) <= len(longest) + 1024
