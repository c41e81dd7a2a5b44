"""Who a mail is from: strictly one mailbox, or nobody; and whose word about it counts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.channels.mail.headers import Headers
from ingest.channels.mail.identity import Trust, answer_address, is_address, mailbox_in, proof_of, wire_address
from store.records import Proof

TRUST = Trust("mx.desk.example", 0)


@pytest.mark.parametrize(
    ("value", "address", "name"),
    [
        (b"sara@customer.example", "sara@customer.example", ""),
        (b"<Sara@Customer.Example>", "sara@customer.example", ""),
        (b"Sara Ahmadi <sara@customer.example>", "sara@customer.example", "Sara Ahmadi"),
        (b'"Ahmadi, Sara" <sara@customer.example>', "sara@customer.example", "Ahmadi, Sara"),
        (b'"a \\"b\\" c" <sara@customer.example>', "sara@customer.example", 'a "b" c'),
        (b"[Project] Bot <bot@customer.example>", "bot@customer.example", "[Project] Bot"),
        (b"Sara (Sales) <sara@customer.example> (mobile)", "sara@customer.example", "Sara (Sales)"),
        (b"sara@customer.example (Sara)", "sara@customer.example", "Sara"),
        ("Żaneta <zaneta@przykład.example>".encode(), "zaneta@przykład.example", "Żaneta"),
        (b"=?utf-8?q?=C5=BBaneta?= <z@customer.example>", "z@customer.example", "Żaneta"),
        (b"=?utf-8?q?ceo=40bank.example?= <x@evil.example>", "x@evil.example", "ceo@bank.example"),
        (b"=?utf-8?q?a=0D=0ABcc:_b=40c?= <u@h.example>", "u@h.example", "a Bcc: b@c"),
        (b"bob@x.example <BOB@x.example>", "bob@x.example", ""),
        (b"root@localhost", "root@localhost", ""),
    ],
)
def test_from_that_is_one_mailbox(value: bytes, address: str, name: str) -> None:
    assert mailbox_in([value]) == (address, name)


@pytest.mark.parametrize(
    "values",
    [
        [],
        [b""],
        [b"a@b.example", b"c@d.example"],
        [b"alice@example.org <bob@evil.example>"],
        [b"alice@example.org(<bob@evil.example>"],
        [b"alice@example.org)bob@evil.example"],
        [b"alice@example.org\x00<bob@evil.example>"],
        [b"<alice@example.org>, <bob@evil.example>"],
        [b"<alice@example.org> <bob@evil.example>"],
        [b"ceo@bank.example, x@evil.example"],
        [b"ceo@bank.example x@evil.example"],
        [b'"ceo@bank.example"@evil.example'],
        [b"a@b@c.example"],
        [b"friends: a@b.example, c@d.example;"],
        [b"undisclosed-recipients:;"],
        [b"Mail Daemon <>"],
        [b"MAILER-DAEMON"],
        [b"a@[192.0.2.1]"],
        [b"a@b..example"],
        [b"a@-b.example"],
        [b"a@b_.example"],
        [b"\xff@b.example"],
        [b"a b@c.example"],
        [b"(" * 5_000],
        [b'"a' * 4_000],
        [b"x" * 9_000 + b"@b.example"],
    ],
)
def test_from_that_names_nobody(values: list[bytes]) -> None:
    assert mailbox_in(values) is None


@pytest.mark.parametrize(
    ("block", "proof"),
    [
        (b"", Proof.CLAIMED),
        (b"Authentication-Results: mx.desk.example; dmarc=pass header.from=customer.example", Proof.DOMAIN),
        (b"Authentication-Results: MX.Desk.Example 1; DMARC=Pass header.from=Customer.Example", Proof.DOMAIN),
        (
            b"Authentication-Results: mx.desk.example; dmarc=pass (x) header.from=customer.example; spf=fail",
            Proof.DOMAIN,
        ),
        (b"Authentication-Results: mx.desk.example; dmarc=fail header.from=customer.example", Proof.FAILED),
        (b"Authentication-Results: mx.desk.example; dmarc=none header.from=customer.example", Proof.CLAIMED),
        (b"Authentication-Results: mx.desk.example; dmarc=temperror header.from=customer.example", Proof.CLAIMED),
        (b"Authentication-Results: mx.desk.example; dmarc=pass header.from=evil.example", Proof.CLAIMED),
        (b"Authentication-Results: mx.desk.example; dmarc=pass", Proof.CLAIMED),
        (b"Authentication-Results: mx.desk.example; spf=pass; dkim=pass header.d=customer.example", Proof.CLAIMED),
        (b"Authentication-Results: mx.desk.example; x=(dmarc=pass header.from=customer.example)", Proof.CLAIMED),
        (b"Authentication-Results: mx.evil.example; dmarc=pass header.from=customer.example", Proof.CLAIMED),
        (b"Authentication-Results: mx.desk.example.evil; dmarc=pass header.from=customer.example", Proof.CLAIMED),
        (
            (
                b"Received: by mx.desk.example\r\n"
                b"Authentication-Results: mx.desk.example; dmarc=pass header.from=customer.example"
            ),
            Proof.CLAIMED,
        ),
        (
            (
                b"Authentication-Results: mx.desk.example; dmarc=pass header.from=customer.example\r\n"
                b"Authentication-Results: mx.desk.example; dmarc=fail header.from=customer.example"
            ),
            Proof.FAILED,
        ),
        (b"Authentication-Results: mx.desk.example; " + b"x=y; " * 5_000 + b"dmarc=pass", Proof.CLAIMED),
        (b"Authentication-Results: mx.desk.example; dmarc/1 = pass header.from=customer.example", Proof.DOMAIN),
        (b"Authentication-Results: mx.desk.example; dmarc/1=fail header.from=customer.example", Proof.FAILED),
        (b'Authentication-Results: mx.desk.example; dmarc=pass header.from="customer.example"', Proof.DOMAIN),
        (b'Authentication-Results: "mx.desk.example"; dmarc=pass header.from=customer.example', Proof.DOMAIN),
        (
            (
                b'Authentication-Results: mx.desk.example; spf=pass smtp.mailfrom="a; '
                b'dmarc=pass header.from=customer.example"@evil.example'
            ),
            Proof.CLAIMED,
        ),
        (
            (
                b"Authentication-Results: mx.desk.example; spf=pass (a (b) ; dmarc=pass "
                b"header.from=customer.example ) smtp.mailfrom=a@evil.example"
            ),
            Proof.CLAIMED,
        ),
        (
            b'Authentication-Results: mx.desk.example; x="(" ; dmarc=pass header.from=customer.example; y=")"',
            Proof.DOMAIN,
        ),
        (
            b'Authentication-Results: mx.desk.example; x="; dmarc=pass header.from=customer.example',
            Proof.CLAIMED,
        ),
        (
            b"Authentication-Results: mx.desk.example; dmarc=pass header.from=customer.example header.from=e.example",
            Proof.CLAIMED,
        ),
        (b"Authentication-Results: mx.desk.example; dmarc=pass-not header.from=customer.example", Proof.CLAIMED),
        (b"Authentication-Results: mx.desk.example; dmarc=pass x=header.from=customer.example", Proof.CLAIMED),
        (b"Authentication-Results: mx.desk.example; dmarc=pass my-header.from=customer.example", Proof.CLAIMED),
        (b"Authentication-Results: mx.desk.example/1; dmarc=pass header.from=customer.example", Proof.CLAIMED),
        (b"Authentication-Results : mx.desk.example; dmarc=fail header.from=customer.example", Proof.FAILED),
        (b"ARC-Authentication-Results: i=1; mx.desk.example; dmarc=pass header.from=customer.example", Proof.CLAIMED),
        (b"X-Authentication-Results: mx.desk.example; dmarc=pass header.from=customer.example", Proof.CLAIMED),
        (
            (
                b"Authentication-Results: mx.desk.example; dmarc=none header.from=customer.example\r\n"
                b"Authentication-Results: mx.desk.example; dmarc=pass header.from=customer.example"
            ),
            Proof.CLAIMED,
        ),
    ],
)
def test_proof(block: bytes, proof: Proof) -> None:
    sender = mailbox_in([b"sara@customer.example"])

    assert proof_of(Headers(block), sender, TRUST) is proof


def test_results_below_our_own_servers_are_believed_where_the_settings_say_how_many_there_are() -> None:
    headers = Headers(
        b"Received: by mail.desk.example\r\n"
        b"Authentication-Results: mx.desk.example; dmarc=pass header.from=customer.example\r\n"
        b"Received: from stranger.example\r\n"
        b"Authentication-Results: mx.desk.example; dmarc=fail header.from=customer.example"
    )
    sender = mailbox_in([b"sara@customer.example"])

    assert proof_of(headers, sender, Trust("mx.desk.example", 1)) is Proof.DOMAIN
    assert proof_of(headers, sender, Trust("mx.desk.example", 0)) is Proof.CLAIMED


def test_nobody_is_believed_without_a_name_in_the_settings() -> None:
    headers = Headers(b"Authentication-Results: ; dmarc=pass header.from=customer.example")

    assert proof_of(headers, mailbox_in([b"sara@customer.example"]), Trust("", 0)) is Proof.CLAIMED


def test_unreadable_from_is_anonymous_whatever_our_server_says() -> None:
    headers = Headers(b"Authentication-Results: mx.desk.example; dmarc=pass header.from=evil.example")

    assert proof_of(headers, None, TRUST) is Proof.ANONYMOUS


def test_international_domain_is_proven_in_either_spelling() -> None:
    headers = Headers(b"Authentication-Results: mx.desk.example; dmarc=pass header.from=xn--przykad-rjb.example")

    assert proof_of(headers, mailbox_in(["a@przykład.example".encode()]), TRUST) is Proof.DOMAIN


@pytest.mark.parametrize(
    ("proof", "answer"), [(Proof.DOMAIN, "team@partner.example"), (Proof.CLAIMED, "sara@customer.example")]
)
def test_reply_to_is_followed_for_proven_senders_alone(proof: Proof, answer: str) -> None:
    headers = Headers(b"Reply-To: Team <team@partner.example>")

    assert answer_address(headers, mailbox_in([b"sara@customer.example"]), proof, "") == answer


@pytest.mark.parametrize(
    ("envelope", "answer"), [("sara@customer.example", "sara@customer.example"), ("", ""), ("x", "")]
)
def test_nobody_is_answered_where_the_transport_says_it_came_from(envelope: str, answer: str) -> None:
    assert answer_address(Headers(b"Reply-To: a@b.example"), None, Proof.ANONYMOUS, envelope) == answer


@pytest.mark.parametrize(
    ("text", "yes"),
    [("a@b.example", True), ("a+b@c", True), ("a@b.example\r\n", False), ("a@" + "b" * 260, False), ("", False)],
)
def test_plain_address(text: str, yes: bool) -> None:
    assert is_address(text) is yes


def test_domain_on_the_wire_is_ascii() -> None:
    assert wire_address("info@przykład.example") == "info@xn--przykad-rjb.example"


@pytest.mark.parametrize(
    "block",
    [
        b"From: alice@example.org\r\nFrom: bob@evil.example",
        b"From: alice@example.org\r\nFrom : bob@evil.example",
        b"From : alice@example.org\r\nFROM: alice@example.org",
        b"From: alice@example.org\r\n\tx, bob@evil.example",
        b"From:\r\n alice@example.org\r\n <bob@evil.example>",
        b"Subject: nobody",
    ],
)
def test_a_header_with_more_or_less_than_one_from_names_nobody(block: bytes) -> None:
    assert mailbox_in(Headers(block).all("from")) is None


@given(st.binary(max_size=300))
@settings(max_examples=200)
def test_any_results_are_read_and_only_a_pass_for_the_domain_proves(value: bytes) -> None:
    headers = Headers(b"Authentication-Results: mx.desk.example; " + value.replace(b"\r", b"").replace(b"\n", b""))

    proof = proof_of(headers, mailbox_in([b"sara@customer.example"]), TRUST)

    assert proof is not Proof.DOMAIN or (b"pass" in value.lower() and b"customer.example" in value.lower())


def test_results_of_one_long_quote_or_comment_take_no_time() -> None:
    for piece in (b"(", b'"', b"()", b'"("', b"\\", b"dmarc=", b"header.from=", b'\\"', b"\\("):
        headers = Headers(b"Authentication-Results: mx.desk.example; " + piece * (8_000 // len(piece)))

        assert proof_of(headers, mailbox_in([b"sara@customer.example"]), TRUST) is Proof.CLAIMED
