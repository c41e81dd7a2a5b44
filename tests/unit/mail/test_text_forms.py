"""The forms that a text is wrapped in: broken lines, files in the middle of it, charsets that are wrong."""

import binascii

import pytest

from ingest.channels.mail.charset import html_to_str, to_text
from ingest.channels.mail.flowed import unflow
from ingest.channels.mail.mojibake import mended
from ingest.channels.mail.uuencode import cut_files, decode_part


@pytest.mark.parametrize(
    ("text", "paragraphs"),
    [
        ("one \ntwo\nthree", "one two\nthree"),
        ("> one \n> two\nanswer", "> one two\nanswer"),
        ("> one \n>> two", "> one \n>> two"),
        ("words \n-- \nSara", "words \n-- \nSara"),
        (" >not quoted\n From here", ">not quoted\nFrom here"),
        ("open ", "open "),
        ("", ""),
    ],
)
def test_flowed_lines_are_whole_paragraphs(text: str, paragraphs: str) -> None:
    assert unflow(text) == paragraphs


def test_the_space_that_breaks_a_line_goes_where_the_mail_says_so() -> None:
    assert unflow("日本 \n語", without_space=True) == "日本語"


def uuencoded(content: bytes) -> bytes:
    lines = [binascii.b2a_uu(content[start : start + 45]) for start in range(0, len(content), 45)]
    return b"".join(lines).replace(b"\n", b"\r\n")


FILE = bytes(range(256))


@pytest.mark.parametrize("end", [b"`\r\nend\r\n", b" \r\nend\r\n", b"end\r\n", b""])
def test_a_uuencoded_file_is_cut_out_of_the_text(end: bytes) -> None:
    data = b"see below\r\nbegin 644 two words.bin\r\n" + uuencoded(FILE) + end

    text, files = cut_files(data)

    assert text == b"see below\r\n"
    assert [(file.name, file.content) for file in files] == [("two words.bin", FILE)]


@pytest.mark.parametrize(
    "text",
    [
        b"begin 644 of them\r\nand we saw nothing\r\n",
        b"begin with the manual\r\n",
        b"we begin 644 x\r\n" + uuencoded(FILE),
        b"begin 644 x\r\n\r\nend\r\n",
        b"BEGIN 644 x\r\n" + uuencoded(FILE),
    ],
)
def test_words_that_look_like_a_uuencoded_file_stay_words(text: bytes) -> None:
    assert cut_files(text) == (text, ())


def test_spaces_that_were_lost_at_the_end_of_a_line_do_not_lose_the_file() -> None:
    content = b"words and" + bytes(4)

    assert decode_part(b"begin 644 x\n" + binascii.b2a_uu(content).rstrip() + b"\nend\n") == content


@pytest.mark.parametrize(
    ("data", "declared", "text"),
    [
        ("Größe".encode(), "iso-8859-1", "Größe"),
        ("Größe".encode(), "us-ascii", "Größe"),
        ("Größe".encode(), '"UTF8"', "Größe"),
        ("żółć".encode("iso8859-2"), "iso-8859-2", "żółć"),
        ("“x”".encode("cp1252"), "iso-8859-1", "“x”"),
        ("中文邮件".encode("gb18030"), "gb2312", "中文邮件"),
        ("镕".encode("gbk"), "gb2312", "镕"),
        ("香港".encode("big5"), "big5", "香港"),
        ("똠".encode("cp949"), "ks_c_5601-1987", "똠"),
        ("①".encode("cp932"), "shift_jis", "①"),
        (b"\x1b$B-!\x1b(B", "iso-2022-jp", "①"),
        ("漢字カナ".encode("iso2022_jp"), "", "漢字カナ"),
        (b"\x1b(I6E\x1b(B\x1b$B-!\x1b(B", "iso-2022-jp", "ｶﾅ①"),
        ("words".encode("utf-16-be"), "utf-16", "words"),
        ("words".encode("utf-16-le"), "", "words"),
        ("słowa tu".encode("utf-16-be"), "", "słowa tu"),
        ("słowa".encode("utf-16"), "utf-16", "słowa"),
        (b"+ANw-ber", "unicode-1-1-utf-7", "Über"),
        ("Привет, как дела? Принтер не работает".encode("cp1251"), "", "Привет, как дела? Принтер не работает"),
        ("机房环境法规".encode("gbk"), "", "机房环境法规"),
        ("grüße aus köln, übermorgen früh".encode() + b"\xff", "", "grüße aus köln, übermorgen früh\ufffd"),
        ("中文邮件".encode("gbk") + b"\xff", "gb2312", "中文邮件\ufffd"),
        (b"plain", "rot13", "plain"),
        (b"plain", "8bit", "plain"),
        (b"plain", "\x00", "plain"),
        (b"", "utf-16", ""),
    ],
)
def test_bytes_are_the_text_that_was_meant(data: bytes, declared: str, text: str) -> None:
    assert to_text(data, declared) == text


@pytest.mark.parametrize(
    ("head", "declared"),
    [
        (b'<meta charset="windows-1251">', ""),
        (b'<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">', "x-unknown"),
    ],
)
def test_html_names_its_charset_itself_where_the_mail_does_not(head: bytes, declared: str) -> None:
    assert html_to_str(head + "Да".encode("cp1251"), declared).endswith("Да")


@pytest.mark.parametrize(
    ("twice", "meant"),
    [
        ("Ã„rger mit GrÃ¶ÃŸe", "Ärger mit Größe"),
        ("â€œquotedâ€\x9d", "“quoted”"),
        ("Größe", "Größe"),
        ("Ã„rger and Größe", "Ã„rger and Größe"),
        ("żółć ó ż", "żółć ó ż"),
        ("Ãchte", "Ãchte"),
    ],
)
def test_text_that_was_encoded_twice_is_read_right(twice: str, meant: str) -> None:
    assert mended(twice) == meant
