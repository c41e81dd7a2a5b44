"""What we sign is read back by another implementation of the RFC, which gets our public key as DNS would give it."""

import base64
from datetime import UTC, datetime
from pathlib import Path

import dkim
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ingest.channels.mail.channel import Settings
from ingest.channels.mail.compose import Sender, compose
from ingest.channels.mail.dkim import PrivateKey, Signer, private_key
from store.outgoing import Outgoing, OutgoingFile, Purpose

AT = datetime(2025, 11, 24, 8, 0, tzinfo=UTC)  # Verifiers refuse what was signed in their future.
KEYS: dict[str, PrivateKey] = {
    "rsa": generate_rsa(public_exponent=65537, key_size=2048),
    "ed25519": Ed25519PrivateKey.generate(),
}


def signed(kind: str = "rsa", **changes: object) -> bytes:
    """A mail as the relay gets it."""
    sender = Sender(
        address="help@desk.example",
        name="Nordwind, Biuro Pomocy „Żółw”",
        key=b"k" * 32,
        loop="our-loop",
        plus_addressing=True,
        signer=Signer("desk.example", "s1", KEYS[kind]),
    )
    outgoing = Outgoing(
        key="effect-1",
        delivery="delivery-1",
        purpose=Purpose.ANSWER,
        address="sara@customer.example",
        subject="Re: Drukarka nie działa, nie mogę pracować " * 3,
        text="It works  again. \n\nTwo\tblanks.  \n\n\n",
        references=("<question@customer.example>",),
        ticket=482917,
        others=("max@other.example", "ewa@other.example"),
        files=(OutgoingFile(name="a.png", content_type="image/png", content=bytes(range(256))),),
        actor="0123456789",
        at=AT,
    )
    return compose(msgspec.structs.replace(outgoing, **changes), sender).partition(b"\r\n")[2]


def verifies(mail: bytes, kind: str = "rsa") -> bool:
    def dns(name: bytes, timeout: float = 5) -> bytes:
        assert name == b"s1._domainkey.desk.example."
        return f"v=DKIM1; k={kind}; p={published(KEYS[kind])}".encode()

    try:
        return bool(dkim.DKIM(mail).verify(dnsfunc=dns))
    except dkim.ValidationError:  # Of a body that is not the signed one.
        return False


def published(key: PrivateKey) -> str:
    """RFC 6376, 3.6.1, for RSA; RFC 8463, 4, for Ed25519."""
    public = key.public_key()
    if isinstance(key, RSAPrivateKey):
        form = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    else:
        form = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return base64.b64encode(form).decode()


def pem(key: PrivateKey, form: PrivateFormat = PrivateFormat.PKCS8) -> str:
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
@pytest.mark.parametrize("purpose", list(Purpose))
def test_others_verify_what_we_sign(kind: str, purpose: Purpose) -> None:
    assert verifies(signed(kind, purpose=purpose), kind)


@given(subject=st.text(max_size=80), text=st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_any_words_can_be_signed(subject: str, text: str) -> None:
    assert verifies(signed("ed25519", subject=subject, text=text), "ed25519")


@pytest.mark.parametrize(
    ("sent", "arrived"),
    [
        (b"It works", b"It fails"),
        (b"Re: ", b"Xe: "),
        (b"To: sara@", b"To: eve@"),
        (b"max@other.example", b"eve@other.example"),
        (b"From: ", b"From: eve@evil.example\r\nFrom: "),
        (b"Subject: ", b"Subject: Buy\r\nSubject: "),
        (b"MIME-Version: 1.0\r\n", b"MIME-Version: 1.0\r\nAuto-Submitted: auto-generated\r\n"),
        (b"AAECAwQF", b"AAECAwQG"),
    ],
    ids=["text", "subject", "to", "cc", "second From", "second Subject", "field that was not there", "file"],
)
def test_whatever_is_changed_on_the_way_shows(sent: bytes, arrived: bytes) -> None:
    mail = signed(subject="Re: Printer")
    assert sent in mail

    changed = mail.replace(sent, arrived, 1)

    assert verifies(mail)
    assert not verifies(changed)


def test_what_relays_do_to_blanks_and_folds_does_not_matter() -> None:
    mail = signed(subject="Re: Printer on the third floor")

    assert verifies(mail.replace(b"Subject: Re: Printer", b"subject:  Re:\r\n\tPrinter") + b"\r\n\r\n")


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_the_same_message_has_the_same_signature(kind: str) -> None:
    assert signed(kind) == signed(kind)
    assert f"t={int(AT.timestamp())};".encode() in signed(kind)


def test_lines_of_the_signature_stay_short() -> None:
    field = signed()[: signed().index(b"\r\nDate: ")]

    assert max(map(len, field.split(b"\r\n"))) < 200


@pytest.mark.parametrize(
    "key", [pem(KEYS["rsa"]), pem(KEYS["rsa"], PrivateFormat.TraditionalOpenSSL), pem(KEYS["ed25519"])]
)
def test_keys_are_read_as_openssl_writes_them(key: str) -> None:
    assert private_key(key)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no private key"),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "no private key"),
        (pem(generate_private_key(SECP256R1())), "neither RSA nor Ed25519"),
    ],
)
def test_a_file_without_a_usable_key_is_refused_with_what_to_do(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        private_key(text)


def entry(folder: Path, mode: int = 0o600, **changes: object) -> dict[str, object]:
    file = folder / "dkim.pem"
    file.write_text(pem(KEYS["ed25519"]))
    file.chmod(mode)
    settings = {"selector": "s1", "key": f"file:{file}", **changes}
    return {"address": "help@mail.desk.example", "send": {"smtp": "relay.example:25", "dkim": settings}}


@pytest.mark.parametrize("domain", ["", "desk.example", "mail.desk.example"])
def test_the_domain_is_the_address_s_or_one_above_it(tmp_path: Path, domain: str) -> None:
    send = Settings.model_validate(entry(tmp_path, domain=domain)).send

    assert send is not None
    assert "PRIVATE" not in repr(send)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"domain": "other.example"}, "receivers look for the domain of the address"),
        ({"domain": "k.example"}, "receivers look for the domain of the address"),
        ({"domain": "desk example"}, "is no domain"),
        ({"selector": "s1._domainkey; x"}, "is no selector"),
        ({"mode": 0o644}, "can be read by other users"),
        ({"key": "file:/nowhere/dkim.pem"}, "cannot be read"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, changes: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Settings.model_validate(entry(tmp_path, **changes))
