"""What was typed into a form: reading and checking, as tables."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.channels.web.validate import MAX_NAME, Problem, Shape, Typed, mail_address, problems, read

SHAPE = Shape(
    fields=("topic", "affects", "message", "email", "name"),
    optional=frozenset({"name"}),
    topics=("access", "other"),
    longest_message=100,
)
GOOD = {"topic": "access", "affects": "me", "message": "Cannot log in", "email": "sara@acme.example", "name": "Sara"}


def found(**changes: str) -> list[tuple[str, str]]:
    return [(problem.field, problem.text) for problem in problems(Typed(**GOOD | changes), SHAPE)]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"name": ""}, []),
        ({"name": "x" * MAX_NAME}, []),
        ({"name": "x" * (MAX_NAME + 1)}, [("name", "name_long")]),
        ({"message": ""}, [("message", "message_missing")]),
        ({"message": " \n\t\u00a0 "}, [("message", "message_missing")]),
        ({"message": "x" * 100}, []),
        ({"message": "x" * 101}, [("message", "message_long")]),
        ({"email": ""}, [("email", "email_missing")]),
        ({"email": "sara"}, [("email", "email_wrong")]),
        ({"topic": ""}, [("topic", "topic_missing")]),
        ({"topic": "Access"}, [("topic", "topic_unknown")]),
        ({"topic": "constructor"}, [("topic", "topic_unknown")]),
        ({"affects": "department"}, []),
        ({"affects": "everyone"}, []),
        ({"affects": ""}, [("affects", "affects_missing")]),
        ({"affects": "Everyone"}, [("affects", "affects_unknown")]),
        ({"affects": "25"}, [("affects", "affects_unknown")]),
        ({"affects": "me\neveryone"}, [("affects", "affects_unknown")]),
        (
            {"topic": "", "message": "", "email": "x", "name": ""},
            [("topic", "topic_missing"), ("message", "message_missing"), ("email", "email_wrong")],
        ),
    ],
)
def test_each_field_says_what_is_wrong_in_the_order_of_the_page(
    changes: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    assert found(**changes) == expected


def test_a_message_that_is_too_long_says_by_how_much() -> None:
    (problem,) = problems(Typed(**GOOD | {"message": "x" * 130}), SHAPE)

    assert problem == Problem(field="message", text="message_long", count=130, limit=100)


def test_a_choice_that_may_be_left_open_may_not_be_another_one() -> None:
    shape = Shape(
        fields=("affects", "message"), optional=frozenset({"affects"}), topics=("access",), longest_message=100
    )

    assert problems(Typed(message="Help"), shape) == []
    assert [one.text for one in problems(Typed(message="Help", affects="all"), shape)] == ["affects_unknown"]


def test_a_field_that_the_form_does_not_ask_is_never_wrong() -> None:
    shape = Shape(fields=("message",), optional=frozenset(), topics=(), longest_message=100)

    assert problems(Typed(message="Help", email="nonsense", topic="nonsense", affects="nonsense"), shape) == []


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("sara@acme.example", "sara@acme.example"),
        ("  Sara@ACME.example\n", "sara@acme.example"),
        ("\u200esara@acme.example\u202c", "sara@acme.example"),
        ("sara.moradi+help@acme.example", "sara.moradi+help@acme.example"),
        ("o'neill@acme.example", "o'neill@acme.example"),
        ("anna@пример.example", "anna@xn--e1afmkfd.example"),
        ("", None),
        ("sara", None),
        ("sara@", None),
        ("@acme.example", None),
        ("sara@acme", None),
        ("sara@@acme.example", None),
        ("sara@acme..example", None),
        ("sara@.acme.example", None),
        ("sara@-acme.example", None),
        ("sara@acme.example.", None),
        (".sara@acme.example", None),
        ("sa..ra@acme.example", None),
        ("sa ra@acme.example", None),
        ("سارا@acme.example", None),
        ('"sara"@acme.example', None),
        ("sara@[192.0.2.7]", None),
        ("Sara <sara@acme.example>", None),
        ("sara@acme.example, bob@acme.example", None),
        ("sara@acme.example\nBcc: thief@evil.example", None),
        ("sara@acme.example\r", "sara@acme.example"),
        ("sa\x00ra@acme.example", None),
        ("x" * 65 + "@acme.example", None),
        ("x" * 64 + "@acme.example", "x" * 64 + "@acme.example"),
        ("sara@" + "a" * 64 + ".example", None),
        ("sara@" + "a." * 130 + "example", None),
    ],
)
def test_an_address_is_taken_in_one_form_or_not_at_all(text: str, address: str | None) -> None:
    assert mail_address(text) == address


@given(text=st.text(max_size=300))
def test_an_address_has_nothing_that_could_break_a_header(text: str) -> None:
    address = mail_address(text)

    assert address is None or (address.isascii() and address.isprintable() and not set(address) & set(' ,;:<>"()[]\\'))


@given(text=st.text(max_size=300))
def test_an_address_is_its_own_canonical_form(text: str) -> None:
    address = mail_address(text)

    assert address is None or mail_address(address) == address


@given(name=st.text(max_size=50), message=st.text(max_size=200))
def test_everything_typed_arrives_but_for_line_ends(name: str, message: str) -> None:
    body = urlencode({"name": name, "message": message}, encoding="utf-8", errors="replace").encode()

    typed = read(body, SHAPE, max_fields=10).typed

    assert (typed.name, typed.message) == (as_sent(name), as_sent(message))


def as_sent(text: str) -> str:
    return text.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"message=a+b%21", "a b!"),
        (b"message=%0D%0Aa%0Db", "\na\nb"),
        ("message=سلام".encode(), "سلام"),
        (b"message=%ff%fe", "\ufffd\ufffd"),
        (b"message=first&message=second", "first"),
        (b"message[]=a&message[0]=b&Message=c", ""),
        (b"message", ""),
        (b"", ""),
        (b"%6Dessage=encoded", "encoded"),
        (b"message=a;name=b", "a;name=b"),
    ],
)
def test_a_body_is_read_as_browsers_write_it(body: bytes, message: str) -> None:
    assert read(body, SHAPE, max_fields=10).typed.message == message


def test_fields_that_the_form_does_not_ask_are_left_out() -> None:
    shape = Shape(fields=("message",), optional=frozenset(), topics=(), longest_message=100)

    posted = read(b"message=a&email=b%40c.example&website=d&submission=e", shape, max_fields=10)

    assert posted.typed == Typed(message="a")
    assert (posted.trap, posted.submission) == ("d", "e")


def test_more_fields_than_allowed_are_refused_before_they_are_read() -> None:
    with pytest.raises(ValueError, match="fields"):
        read(b"a&" * 50_000, SHAPE, max_fields=50)
