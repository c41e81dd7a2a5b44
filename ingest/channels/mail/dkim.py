"""Signs a composed mail, so that receivers know that our domain vouches for it (RFC 6376, 8463). Pure.

The key's library does the arithmetic; the canonical form is written here, because the libraries that sign whole mails
put their own clock into the signature, and a mail that is composed again must have the same bytes.
"""

import base64
import hashlib
import re
from datetime import datetime
from typing import NamedTuple

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from ingest.channels.mail.headers import split_header

FIELD = "DKIM-Signature"

# Each is named once more than it stands in the mail, so that nobody on the way can add one (RFC 6376, 8.15).
SIGNED = (
    *("From", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References"),
    *("Auto-Submitted", "MIME-Version", "Content-Type"),
)

_LEAST_BITS = 1024  # RFC 8301, 3.2: a signer must not use less, and should use 2048.
_VALUE = 72  # Characters of the signature on one line.
_UNFOLDED = re.compile(rb"\r\n(?=[ \t])")
_BLANKS = re.compile(rb"[ \t]+")

PrivateKey = RSAPrivateKey | Ed25519PrivateKey


class Signer(NamedTuple):
    """In whose name mails are signed, and with what."""

    domain: str  # As DNS knows it; the public key stands at `selector`._domainkey.`domain`.
    selector: str
    key: PrivateKey


def private_key(pem: str) -> PrivateKey:
    """The key in a PEM file, RSA or Ed25519; raises ValueError, which says what to do, for anything else."""
    try:
        key = load_pem_private_key(pem.encode("utf-8", "replace"), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ValueError(
            "it holds no private key in PEM form without a password: make one with "
            "openssl genrsa -out dkim.pem 2048, or openssl genpkey -algorithm ed25519 -out dkim.pem"
        ) from error
    if isinstance(key, Ed25519PrivateKey):
        return key
    if isinstance(key, RSAPrivateKey) and key.key_size >= _LEAST_BITS:
        return key
    bits = f"RSA with {key.key_size} bits" if isinstance(key, RSAPrivateKey) else "neither RSA nor Ed25519"
    raise ValueError(f"its key is {bits}, which receivers do not accept: use RSA with 2048 bits, or Ed25519")


def signature(mail: bytes, signer: Signer, at: datetime) -> bytes:
    """The field that signs a whole mail and stands before it; the same for the same mail, key and `at`."""
    block, body = split_header(mail)
    fields = {name: field for field in _UNFOLDED.sub(b"", block).split(b"\r\n") for name in [_name_of(field)]}
    present = [name for name in SIGNED if name.lower().encode() in fields]
    field = _unsigned(signer, at, present, _digest(body))
    data = b"".join([_relaxed(fields[name.lower().encode()]) + b"\r\n" for name in present])
    # RFC 6376, 3.7: the field itself comes last, without its value of b= and without a line end.
    value = base64.b64encode(_signed(signer.key, data + _relaxed(_UNFOLDED.sub(b"", field)))).decode("ascii")
    lines = [value[at : at + _VALUE] for at in range(0, len(value), _VALUE)]
    return field + "\r\n ".join(lines).encode("ascii") + b"\r\n"


def _unsigned(signer: Signer, at: datetime, present: list[str], digest: str) -> bytes:
    """The field up to "b=", folded."""
    algorithm = "rsa-sha256" if isinstance(signer.key, RSAPrivateKey) else "ed25519-sha256"
    named = [name for name in SIGNED for _ in range(2 if name in present else 1)]
    halves = ":".join(named[: len(named) // 2]), ":".join(named[len(named) // 2 :])
    tags = (
        f"v=1; a={algorithm}; c=relaxed/relaxed;",
        f"d={signer.domain}; s={signer.selector}; t={int(at.timestamp())};",
        f"h={halves[0]}:",
        f"{halves[1]};",
        f"bh={digest};",
        "b=",
    )
    folded = "\r\n ".join(tags)
    return f"{FIELD}: {folded}".encode("ascii")


def _digest(body: bytes) -> str:
    """RFC 6376, 3.4.4 and 3.7: of the body without blanks at the ends of lines and without empty lines at its end."""
    lines = _BLANKS.sub(b" ", body).replace(b" \r\n", b"\r\n").rstrip(b"\r\n")
    return base64.b64encode(hashlib.sha256(lines + b"\r\n" if lines else b"").digest()).decode("ascii")


def _relaxed(field: bytes) -> bytes:
    """RFC 6376, 3.4.2, of a field that is unfolded already."""
    name, _, value = field.partition(b":")
    return name.strip().lower() + b":" + _BLANKS.sub(b" ", value).strip(b" ")


def _name_of(field: bytes) -> bytes:
    return field.partition(b":")[0].strip().lower()


def _signed(key: PrivateKey, data: bytes) -> bytes:
    if isinstance(key, RSAPrivateKey):
        return key.sign(data, PKCS1v15(), SHA256())
    return key.sign(hashlib.sha256(data).digest())  # RFC 8463, 3: the hash is what is signed.
