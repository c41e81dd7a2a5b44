"""The benchmark's mails are the same for everybody, or figures could not be compared."""

from collections import Counter
from pathlib import Path

from bench.client import dotted
from bench.gen_workload import generate


def test_one_seed_makes_the_same_mails(tmp_path: Path) -> None:
    listed = generate(tmp_path / "one", 40)
    again = generate(tmp_path / "other", 40)

    assert again == listed
    for mail in listed:
        assert (tmp_path / "one" / mail["file"]).read_bytes() == (tmp_path / "other" / mail["file"]).read_bytes()


def test_another_seed_makes_other_mails(tmp_path: Path) -> None:
    assert generate(tmp_path / "one", 40) != generate(tmp_path / "other", 40, seed=7)


def test_the_mix_is_what_the_readme_says(tmp_path: Path) -> None:
    listed = generate(tmp_path / "mails", 40)

    assert Counter(mail["kind"] for mail in listed) == {"plain": 24, "alt": 10, "attach": 4, "reply": 2}
    replies = [mail for mail in listed if mail["reply_to"] is not None]
    assert all(mail["from"] == listed[mail["reply_to"]]["from"] for mail in replies)
    assert all(mail["reply_to"] < mail["i"] for mail in replies)


def test_a_line_that_begins_with_a_dot_survives_the_wire() -> None:
    assert dotted(b".\r\n..\r\nx") == b"..\r\n...\r\nx\r\n.\r\n"
