"""Parts, files and texts of a mail; golden payloads show the ordinary ones."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.channels.mail.attachments import attachment_bytes
from ingest.channels.mail.content import content_of_mail
from ingest.channels.mail.html import html_to_text
from ingest.channels.mail.mime import between, parse, walk
from ingest.channels.mail.names import safe_name


def multipart(*parts: bytes, boundary: bytes = b"b") -> bytes:
    pieces = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    return b"Content-Type: multipart/mixed; boundary=" + boundary + b"\r\n\r\n" + pieces + b"--" + boundary + b"--\r\n"


@pytest.mark.parametrize(
    ("body", "pieces"),
    [
        (b"--b\r\none\r\n--b\r\ntwo\r\n--b--", [b"one", b"two"]),
        (b"pre\r\n--b\r\none\r\n--b--\r\nepilogue", [b"one"]),
        (b"--b  \r\none\r\n--b", [b"one", b""]),
        (b"--b\r\none", [b"one"]),
        (b"--b\r\none--b--\r\n", [b"one"]),
        (b"--b\r\none--b-- two", [b"one--b-- two"]),
        (b"--b\r\n\r\n--b\r\n--b--", [b"", b""]),
        (b"--bb\r\nno\r\n--b\r\nyes\r\n--b--", [b"yes"]),
        (b"x--b\r\nno", []),
        (b"--b--\r\n--b\r\nafter the end", []),
        (b"--b\r\n x --b\r\n--b--", [b" x --b"]),
        (b"", []),
    ],
)
def test_pieces_stand_between_delimiter_lines(body: bytes, pieces: list[bytes]) -> None:
    assert between(body, b"b", 1_000) == pieces


def test_parts_are_numbered_depth_first_and_found_again() -> None:
    inner = multipart(b"\r\ninner one", b"Content-Type: image/png\r\n\r\nPNG", boundary=b"c")
    payload = multipart(b"\r\nouter one", inner, b"Content-Type: application/pdf\r\n\r\nPDF")

    tree = parse(payload)

    assert [part.number for part in walk(tree.root)] == [0, 1, 2, 3, 4, 5]
    content = content_of_mail(tree)
    assert [file.part for file in content.attachments] == [4, 5]
    assert [attachment_bytes(payload, number) for number in (4, 5, 9)] == [b"PNG", b"PDF", None]
    assert content.text == "outer one\n\ninner one"


def test_thousand_parts_are_read_and_the_mail_says_that_there_were_more() -> None:
    tree = parse(multipart(*[b"Content-Type: image/png\r\n\r\nx"] * 5_000))

    assert sum(1 for _ in walk(tree.root)) == 1_000
    assert "1000 parts" in tree.cut
    assert len(content_of_mail(tree).attachments) == 100


@pytest.mark.parametrize(
    "payload",
    [
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(5_000)),
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        + b"--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" * 5_000,
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b" * 1_000_000,
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"\r\n--bx" * 500_000,
        multipart(*[b"x"] * 100_000),
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(45))
        + b"x\r\n" * 700_000,
        b"Content-Type: message/rfc822\r\n\r\n" * 5_000,
        b"Content-Type: text/plain" + b"; x=" * 2_000 + b"\r\n\r\nx",
        b"Content-Type: text/plain; " + b"; ".join(b"a*%d=x" % n for n in range(800)) + b"\r\n\r\nx",
        b"Subject: " + b"=?utf-8?q?a?= " * 50_000 + b"\r\n\r\nx",
        b"From: " + b'"a' * 4_000 + b"\r\n\r\nx",
        b"".join(b"X-%d: v\r\n" % n for n in range(100_000)) + b"\r\nx",
        b"Content-Type: text/html\r\n\r\n" + b"<div>" * 200_000,
        b"Content-Type: text/html\r\n\r\n" + b'<a x="' * 50_000,
        b"Content-Type: text/html\r\n\r\n" + b"<" * 1_000_000,
        b"Content-Type: text/html\r\n\r\n<" + b"a" * 1_000_000,
        b"Content-Type: text/html\r\n\r\n" + b"<b><i></x></x>" * 9_000,
    ],
)
def test_bombs_are_read_in_a_moment(payload: bytes) -> None:
    started = time.process_time()

    content_of_mail(parse(payload))

    assert time.process_time() - started < 2


@given(st.lists(st.sampled_from([b"--b", b"\r\n", b"--", b"x", b" ", b"b"]), max_size=30).map(b"".join))
@example(b"--b\r\n--b--b--")
@example(b"--b\r\n--b--b----b--")
def test_pieces_never_hold_a_delimiter_line(body: bytes) -> None:
    for piece in between(body, b"b", 1_000):
        assert not any(line.rstrip(b" \t") in (b"--b", b"--b--") for line in piece.split(b"\r\n"))


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\x.exe", "x.exe"),
        (".htaccess", "htaccess"),
        ("\u200b.htaccess", "htaccess"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("a\x00b.txt", "ab.txt"),
        ("a\r\nX-Evil: 1.txt", "a X-Evil 1.txt"),
        ("CON", "_CON"),
        ("lpt1.txt", "_lpt1.txt"),
        ("  счёт  .pdf. ", "счёт .pdf"),
        ("...", ""),
        ("", ""),
        ("/", ""),
        ("a" * 5_000 + ".txt", "a" * 116 + ".txt"),
        ("\ud800x", "x"),
    ],
)
def test_names_of_files_are_safe_to_show_and_to_save(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@given(st.text())
def test_every_safe_name_is_safe_already(name: str) -> None:
    once = safe_name(name)

    assert safe_name(once) == once
    assert "/" not in once
    assert len(once) <= 121


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("<div><div>a</div></div><div>b</div>", "a\nb"),
        ("a <b>b</b>  <i>c</i>\n d", "a b c d"),
        ("<ul><li>one</li><li>two</li></ul>", "- one\n- two"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("<pre>a  b\n  c</pre>", "a  b\nc"),
        ("x<blockquote>quoted<br>more</blockquote>y", "x\n> quoted\n> more\ny"),
        ('<a href="https://x.example/">x.example</a>', "x.example"),
        ('<a href="https://x.example/?id=1">here</a>', "here (https://x.example/?id=1)"),
        ('<a href="mailto:Ola@x.example">ola@x.example</a>', "ola@x.example"),
        ('<a href="mailto:ola%2Bt1@x.example?subject=a">Claim</a>', "Claim (ola+t1@x.example)"),
        ('<a href="mailto:?subject=a">tell a friend</a>', "tell a friend"),
        ('<a href="javascript:alert(1)">here</a>', "here"),
        ("<style>p{}</style><script>x</script><title>t</title>y", "y"),
        ("<p style='DISPLAY : NONE'>hidden</p>shown", "shown"),
        ("&lt;b&gt; &amp;nbsp; &#1078;", "<b> &nbsp; ж"),
        ("<p>unclosed <b>tags", "unclosed tags"),
        ("no tags at all", "no tags at all"),
        ("", ""),
        ("<div>" * 300 + "deep &amp; kept", "deep & kept"),
    ],
)
def test_html_reads_like_what_its_reader_sees(html: str, text: str) -> None:
    assert html_to_text(html) == text


@given(st.text(alphabet="<>/ab=\"' &;!-pdiv", max_size=200))
def test_html_of_any_shape_gives_text(html: str) -> None:
    html_to_text(html)
