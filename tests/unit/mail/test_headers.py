"""Fields of a header, found and read without trusting them."""

import pytest

from ingest.channels.mail.charset import to_text
from ingest.channels.mail.headers import MAX_LINE, Headers, decode_words, one_line, split_header
from ingest.channels.mail.parameters import parse_parameters


@pytest.mark.parametrize(
    ("block", "subject"),
    [
        (b"Subject: one line", "one line"),
        (b"Subject:\r\n folded\r\n\tthree times", "folded three times"),
        (b"SUBJECT : a space before the colon", "a space before the colon"),
        (b"Subject: first\r\nSubject: second", "first"),
        (b"From a@b Mon Jan 1\r\nSubject: after an mbox line", "after an mbox line"),
        (b"no colon here\r\nSubject: after garbage", "after garbage"),
        (b"To: x", ""),
        (b"Subject: nul \x00 and bell \x07", "nul and bell"),
        ("Subject: żółw".encode(), "żółw"),
        ("Subject: a\u2028b\x85c".encode(), "a b c"),
        (b"Subject: " + b"x" * 100_000, "x" * MAX_LINE),
    ],
)
def test_line(block: bytes, subject: str) -> None:
    assert Headers(block).line("subject") == subject


@pytest.mark.parametrize(
    ("text", "decoded"),
    [
        ("plain", "plain"),
        ("=?utf-8?q?a_b?=", "a b"),
        ("=?utf-8*en?b?xbs=?= x", "Ż x"),
        ("=?utf-8?q?=C5?= =?utf-8?q?=BB?=", "Ż"),
        ("=?utf-8?q?a?=b=?utf-8?q?c?=", "abc"),
        ("=?utf-8?q?a?= (b) =?utf-8?q?c?=", "a (b) c"),
        ("=?koi8-r?q?=F1?==?utf-8?q?=C5=BB?=", "ЯŻ"),
        ("=?utf-8?q?a?", "=?utf-8?q?a?"),
        ("=?utf-8?x?a?=", "=?utf-8?x?a?="),
        ("=?utf-8?b?####?=", ""),
        ("=?utf-8?b?YWJ?=", "ab"),
        ("=?utf-8?b?Y?=", ""),
        ("a =?hex?q?616263?=", "a 616263"),
    ],
)
def test_encoded_words(text: str, decoded: str) -> None:
    assert decode_words(text) == decoded


def test_only_the_first_five_hundred_encoded_words_are_decoded() -> None:
    decoded = decode_words("=?utf-8?q?a?= " * 50_000)

    assert decoded.startswith("a" * 500)
    assert decoded.count("=?utf-8?q?a?=") == 49_500


@pytest.mark.parametrize(
    ("block", "ids"),
    [
        (b"References: <a@b> <c@d>\r\n <a@b>", ("<a@b>", "<c@d>")),
        (b"References: <a b@c> <<x@y>> (<z@z>)", ("<x@y>", "<z@z>")),
        (b"References: <<<<<<", ()),
        (b"References: <" + b"x" * 300 + b"@y>", ()),
        (b"References: <\xff@y> <ok@y>", ("<ok@y>",)),
    ],
)
def test_ids(block: bytes, ids: tuple[str, ...]) -> None:
    assert Headers(block).ids("references") == ids


def test_header_beyond_the_limits_is_read_in_part_and_says_so() -> None:
    many = Headers(b"\r\n".join(b"X-%d: v" % number for number in range(100_000)))
    long = Headers(b"X: " + b"v" * 1_000_000)

    assert many.cut
    assert long.cut
    assert len(many.fields) <= 1_000
    assert not Headers(b"Subject: x").cut


def test_field_with_a_grammar_that_is_too_long_is_not_parsed() -> None:
    assert Headers(b"From: " + b'"a' * 10_000).first("from") == b""


@pytest.mark.parametrize(
    ("payload", "parts"),
    [
        (b"A: b\r\n\r\nbody", (b"A: b", b"body")),
        (b"A: b", (b"A: b", b"")),
        (b"\r\nbody", (b"", b"body")),
        (b"", (b"", b"")),
    ],
)
def test_header_ends_at_the_first_empty_line(payload: bytes, parts: tuple[bytes, bytes]) -> None:
    assert split_header(payload) == parts


@pytest.mark.parametrize(
    ("field", "value", "name", "found"),
    [
        (b"text/plain; charset=utf-8", "text/plain", "charset", "utf-8"),
        (b'TEXT/Plain; Charset="utf-8"; x', "text/plain", "charset", "utf-8"),
        (b'a/b; name="x;y\\"z"', "a/b", "name", 'x;y"z'),
        (b'a/b; name="open', "a/b", "name", "open"),
        (b"a/b; name*=utf-8'en'%C5%BB", "a/b", "name", "Ż"),
        (b"a/b; name*=iso-8859-2''%AF", "a/b", "name", "Ż"),
        (b'a/b; name*0="one "; name*1="two"', "a/b", "name", "one two"),
        (b"a/b; name*1*=%20b; name*0*=utf-8''a", "a/b", "name", "a b"),
        (b'a/b; name="=?utf-8?q?=C5=BB?="', "a/b", "name", "Ż"),
        (b"a/b; name*=%ff", "a/b", "name", "ÿ"),
        (b";;;=", "", "name", ""),
        (b"", "", "name", ""),
    ],
)
def test_parameters(field: bytes, value: str, name: str, found: str) -> None:
    got, parameters = parse_parameters(field)

    assert got == value
    assert parameters.get(name, "") == found


@pytest.mark.parametrize(
    "name", ["", "utf-8", "nonsense", "hex", "rot13", "zip", "punycode", "idna", "undefined", "a\x00b"]
)
def test_any_charset_gives_text_that_can_be_stored(name: str) -> None:
    for data in (b"abc", "żółw".encode(), b"\xff\xfe\x00\xd8", b"+2AA-", bytes(range(256))):
        to_text(data, name).encode()


@pytest.mark.parametrize(
    ("text", "charset", "declared"),
    [
        ("żółw", "utf-8", "us-ascii"),
        ("żółw", "utf-8", "iso-8859-1"),
        ("żółw", "iso-8859-2", "iso-8859-2"),
        ("Привет", "koi8-r", "KOI8-R"),
        ("“quotes”", "cp1252", "iso-8859-1"),
        ("سلام", "utf-16", "utf-16"),
        ("日本語", "iso2022_jp", "ISO-2022-JP"),
        ("שלום", "iso-8859-8", "iso-8859-8-i"),
        ("Здравствуйте, сломался принтер, помогите пожалуйста", "cp1251", ""),
        ("Здравствуйте, сломался принтер, помогите пожалуйста", "cp1251", "utf-8"),
    ],
)
def test_charsets_that_mailers_write(text: str, charset: str, declared: str) -> None:
    assert to_text(text.encode(charset), declared) == text


def test_a_line_is_one_line() -> None:
    assert one_line(" a\r\nb\tc\x00\u2029d\ud800 ") == "a b c d"
