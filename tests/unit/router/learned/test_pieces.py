"""What a model sees of a message: its words however they are typed, and its sender as a digest alone."""

from router.learned.pieces import MOST_TEXT, pieces, sender_key
from store.records import Address
from tests.unit.router.given import message

KEY = b"of this test"


def test_the_sender_s_own_name_is_no_word_of_the_message() -> None:
    ann = Address(kind="mail", value="ann.kowalska@acme.example", name="Ann Kowalska")

    found = pieces(message(sender=ann, text="Regards, Kowalska. The VPN is down."), KEY)

    assert "kowalska" not in found["word"]
    assert "vpn" in found["word"]


def test_a_sender_is_kept_as_a_digest_that_needs_the_key() -> None:
    one, other = pieces(message(), KEY)["sender"], pieces(message(), b"another key")["sender"]

    assert len(one) == 1
    assert one != other
    assert not any("ann" in piece for piece in one)


def test_nobody_is_a_sender_where_the_address_is_empty() -> None:
    assert pieces(message(sender=Address(kind="mail", value="")), KEY)["sender"] == {}


def test_letters_that_are_typed_for_each_other_are_the_same_word() -> None:
    arabic = pieces(message(text="كلمه عبور من خطا مي‌دهد"), KEY)["word"]
    persian = pieces(message(text="کلمه عبور من خطا می‌دهد"), KEY)["word"]

    assert arabic == persian


def test_a_text_is_looked_at_up_to_a_length() -> None:
    far = pieces(message(text="x " * MOST_TEXT + "zebra"), KEY)

    assert "zebra" not in far["word"]


def test_numbers_do_not_change_a_template() -> None:
    one = pieces(message(subject="Disk 12 is full"), KEY)["template"]
    other = pieces(message(subject="Disk 7 is full"), KEY)["template"]

    assert "disk 0 is full" in one & other


def test_a_message_without_a_subject_has_no_template() -> None:
    assert pieces(message(subject=""), KEY)["template"] == {}


def test_a_word_of_any_length_is_taken_apart_up_to_its_limit() -> None:
    assert sum(pieces(message(subject="", text="a" * 5_000), KEY)["part"].values()) < 200


def test_the_key_of_senders_is_another_for_another_secret() -> None:
    assert sender_key(b"one") != sender_key(b"another")
    assert b"one" not in sender_key(b"one")
