"""Files that unpack to more than they are: a mail lists them as they are stored, and nothing looks inside (row S19)."""

import gzip
import io
import time
import zipfile
import zlib
from base64 import encodebytes
from datetime import UTC, datetime

import pytest

from ingest.channels.mail.attachments import attachment_bytes
from ingest.channels.mail.decode import Decoding, message_of
from store.records import Envelope, RawMessage

ZEROS = bytes(50_000_000)


def zipped(content: bytes, name: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return made.getvalue()


def pdf(stream: bytes) -> bytes:
    head = b"%PDF-1.4\n1 0 obj\n<< /Filter /FlateDecode >>\nstream\n"
    return head + zlib.compress(stream) + b"\nendstream\nendobj\n%%EOF\n"


def armoured(content: bytes) -> bytes:
    return b"-----BEGIN PGP MESSAGE-----\n\n" + encodebytes(content) + b"-----END PGP MESSAGE-----\n"


FILES = {
    "figures.zip": ("application/zip", zipped(ZEROS, "figures.csv")),
    "zips.zip": ("application/zip", zipped(zipped(zipped(ZEROS, "a"), "b.zip"), "c.zip")),
    "log.gz": ("application/gzip", gzip.compress(ZEROS)),
    "page.svgz": ("image/svg+xml", gzip.compress(b"<svg>" * 1_000_000)),
    "letter.pdf": ("application/pdf", pdf(ZEROS)),
    "smime.p7m": ("application/pkcs7-mime; smime-type=compressed-data", zlib.compress(ZEROS)),
    "message.asc": ("application/pgp-encrypted", armoured(zlib.compress(ZEROS))),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_listed_with_the_size_that_it_has_and_never_unpacked(name: str) -> None:
    kind, content = FILES[name]
    assert len(content) < 200_000
    payload = (
        b"From: sara@customer.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\n\r\nPlease look.\r\n--b\r\n"
        + f'Content-Type: {kind}\r\nContent-Disposition: attachment; filename="{name}"\r\n'.encode()
        + b"Content-Transfer-Encoding: base64\r\n\r\n"
        + encodebytes(content).replace(b"\n", b"\r\n")
        + b"--b--\r\n"
    )
    raw = RawMessage(
        id="raw",
        channel="mail",
        received_at=datetime(2026, 3, 2, tzinfo=UTC),
        content_type="message/rfc822",
        payload=payload,
        envelope=Envelope(sender="sara@customer.example"),
    )
    began = time.process_time()

    message = message_of(raw, Decoding(addresses=("help@desk.example",)))

    assert time.process_time() - began < 1
    assert message.text == "Please look."
    assert [(file.name, file.size) for file in message.attachments] == [(name, len(content))]
    assert attachment_bytes(payload, message.attachments[0].part, message.attachments[0].member) == content
