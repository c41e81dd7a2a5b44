"""Outlook's winmail.dat, built byte by byte; whatever is wrong with one, what was read before it counts."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.channels.mail.rtf import rtf_to_text, uncompressed
from ingest.channels.mail.tnef import is_winmail, read_winmail

START = b"\x78\x9f\x3e\x22\x01\x00"


def attribute(level: int, tag: int, content: bytes) -> bytes:
    return struct.pack("<BHHI", level, tag, 6, len(content)) + content + struct.pack("<H", sum(content) & 0xFFFF)


def properties(*values: bytes) -> bytes:
    return struct.pack("<I", len(values)) + b"".join(values)


def padded(content: bytes) -> bytes:
    return struct.pack("<I", len(content)) + content + bytes(-len(content) % 4)


def value(kind: int, identifier: int, content: bytes) -> bytes:
    return struct.pack("<HHI", kind, identifier, 1) + padded(content)


def named(content: bytes) -> bytes:
    name = "Keywords".encode("utf-16-le")
    return (
        struct.pack("<HH", 0x1F, 0x8001)
        + bytes(16)
        + struct.pack("<I", 1)
        + padded(name)
        + struct.pack("<I", 1)
        + (padded(content))
    )


def file(*attributes: bytes) -> bytes:
    return attribute(2, 0x9002, bytes(14)) + b"".join(attributes)


TITLE, DATA, PROPERTIES = 0x8010, 0x800F, 0x9005
LONG_NAME = value(0x1F, 0x3707, "Wartungsplan größer.txt".encode("utf-16-le") + b"\0\0")
RTF = rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}{\*\generator x}\pard Gr\'fc\'dfe\par \u322?\'f3d\tab end\line}"


def test_files_have_their_long_names_and_all_of_their_bytes() -> None:
    data = (
        START
        + file(
            attribute(2, TITLE, b"WARTUN~1.TXT\0"),
            attribute(2, DATA, b"plan"),
            attribute(2, PROPERTIES, properties(struct.pack("<HHI", 0x03, 0x3705, 1), LONG_NAME)),
        )
        + file(attribute(2, TITLE, b"b.bin\0"), attribute(2, DATA, bytes(1000)))
    )

    winmail = read_winmail(data)

    assert winmail is not None
    assert [(file.name, len(file.content)) for file in winmail.files] == [
        ("Wartungsplan größer.txt", 4),
        ("b.bin", 1000),
    ]


def test_properties_of_many_values_and_with_names_are_passed_over() -> None:
    many = struct.pack("<HHI", 0x101F, 0x3001, 2) + padded(b"a\0") + padded(b"bc\0\0")
    data = START + attribute(1, 0x9003, properties(many, named(b"x\0"), value(0x1E, 0x1000, b"the words\0")))

    winmail = read_winmail(data)

    assert winmail is not None
    assert winmail.text == "the words"


def test_an_object_is_kept_as_it_is_stored() -> None:
    data = START + file(
        attribute(2, TITLE, b"Untitled\0"),
        attribute(2, PROPERTIES, properties(struct.pack("<HHI", 0x0D, 0x3701, 1) + padded(b"i" * 16 + b"content"))),
    )

    winmail = read_winmail(data)

    assert winmail is not None
    assert [(file.name, file.content) for file in winmail.files] == [("Untitled", b"i" * 16 + b"content")]


@pytest.mark.parametrize("form", [b"MELA", b"LZFu"])
def test_the_text_is_taken_out_of_rich_text(form: bytes) -> None:
    packed = RTF if form == b"MELA" else b"".join(b"\0" + RTF[at : at + 8] for at in range(0, len(RTF), 8))
    rich = struct.pack("<II4sI", len(packed) + 12, len(RTF), form, zlib.crc32(packed)) + packed
    data = START + attribute(1, 0x9003, properties(value(0x102, 0x1009, rich)))

    winmail = read_winmail(data)

    assert winmail is not None
    assert winmail.text == "Grüße\nłód\tend\n"


def test_a_reference_repeats_what_stood_before() -> None:
    place = 207  # Where the window goes on after the text that it begins with.
    packed = b"\x18abc" + struct.pack(">H", place << 4 | 1) + struct.pack(">H", (place + 6) << 4)

    assert uncompressed(struct.pack("<II4sI", len(packed), 6, b"LZFu", 0) + packed) == b"abcabc"


def test_html_packed_into_rich_text_is_its_words() -> None:
    rich = rb"{\rtf1\fromhtml1{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 Hello{\*\htmltag72 </p>}\htmlrtf }\par \htmlrtf0}"

    assert rtf_to_text(rich).strip() == "Hello"


@pytest.mark.parametrize(
    ("kind", "name", "yes"),
    [
        ("application/ms-tnef", "", True),
        ("application/vnd.ms-tnef", "x", True),
        ("application/octet-stream", "WINMAIL.DAT", True),
        ("application/octet-stream", "winmail.exe", False),
        ("text/plain", "winmail.dat", False),
    ],
)
def test_a_winmail_is_known_by_its_type_or_its_name(kind: str, name: str, yes: bool) -> None:
    assert is_winmail(kind, name) is yes


def test_what_stands_before_a_cut_counts() -> None:
    whole = (
        START
        + file(attribute(2, TITLE, b"a.txt\0"), attribute(2, DATA, b"first"))
        + file(attribute(2, TITLE, b"b.txt\0"), attribute(2, DATA, b"second"))
    )

    winmail = read_winmail(whole[:-3])

    assert winmail is not None
    assert [(file.name, file.content) for file in winmail.files] == [("a.txt", b"first"), ("b.txt", b"")]


def test_what_is_no_winmail_is_none() -> None:
    assert read_winmail(b"PK\x03\x04") is None


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_any_bytes_give_a_result(message: bytes, rest: bytes) -> None:
    assert read_winmail(START + attribute(1, 0x9003, message) + rest) is not None
    rtf_to_text(message)
    uncompressed(struct.pack("<II4sI", 9, 99, b"LZFu", 0) + rest)


def test_rich_text_of_braces_alone_is_read_for_so_long_and_no_longer() -> None:
    assert rtf_to_text(b"{Hello" + b"{}" * 90_000 + b" there}") == "Hello there"
    assert rtf_to_text(b"{Hello" + b"{}" * 500_000 + b" there}") == "Hello"
