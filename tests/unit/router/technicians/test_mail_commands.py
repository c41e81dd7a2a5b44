"""The command grammar of technicians' mail, in four languages; nothing is decided here but what was written."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.technicians.mail_commands import Command, Vocabulary, parse
from router.technicians.mail_names import ALIASES, COMMANDS, LATER, folded

KNOWN = Vocabulary(
    ("P1", "P2", "P3", "P4"),
    ("help", "network"),
    ("en", "fa", "pl", "ru"),
    ("network", "other"),
    {"ola": "ola", "ola nowak": "ola", "ivan": "ivan"},
)


def commands(text: str) -> list[tuple[str, str]]:
    return [tuple(one) for one in parse(text, KNOWN).commands]


def wrong(text: str) -> list[tuple[int, str, str]]:
    return [(one.line, one.code, one.guess) for one in parse(text, KNOWN).wrong]


def test_a_mail_without_commands_is_its_text() -> None:
    letter = parse("Hello Sara,\n\nit is open again.\n# 1 heading\n", KNOWN)

    assert (letter.commands, letter.wrong, letter.text) == ((), (), "Hello Sara,\n\nit is open again.\n# 1 heading")


@pytest.mark.parametrize(
    ("written", "name", "value"),
    [
        ("#claim", "claim", ""),
        ("#CLAIM", "claim", ""),
        ("\uff03claim", "claim", ""),  # Full width.
        ("  #claim  ", "claim", ""),
        ("\u200f#claim", "claim", ""),  # Behind a mark of direction, as Persian mail programs put it.
        ("#p 1", "p", "P1"),
        ("#p1", "p", "P1"),
        ("#p: 1", "p", "P1"),
        ("#p\uff1a1", "p", "P1"),
        ("#p P1", "p", "P1"),
        ("#p p1", "p", "P1"),
        ("#p \u06f1", "p", "P1"),  # Persian digits ...
        ("#p\u0661", "p", "P1"),  # ... and Arabic ones.
        ("#priority 2", "p", "P2"),
        ("#priorytet 2", "p", "P2"),
        ("#приоритет 2", "p", "P2"),
        ("#اولویت ۲", "p", "P2"),
        ("#team network", "team", "network"),
        ("#team NETWORK", "team", "network"),
        ("#zespół network", "team", "network"),
        ("#zespol network", "team", "network"),  # Without accents, as from a keyboard that has none.
        ("#команда network", "team", "network"),
        ("#تیم network", "team", "network"),
        ("#give ola", "give", "ola"),
        ("#give @Ola Nowak", "give", "ola"),
        ("#przekaż Ivan", "give", "ivan"),
        ("#передать ola", "give", "ola"),
        ("#واگذار ola", "give", "ola"),
        ("#esc", "esc", ""),
        ("#eskaluj nobody answers", "esc", "nobody answers"),
        ("#dup 100009", "dup", "100009"),
        ("#дубль #۱۰۰۰۰۹", "dup", "100009"),
        ("#wait", "wait", ""),
        ("#wait 2d", "wait", "2d"),
        ("#czekam: 4h", "wait", "4h"),
        ("#منتظر ۲d", "wait", "2d"),
        ("#cat other", "cat", "other"),
        ("#категория network", "cat", "network"),
        ("#otworz", "reopen", ""),
        ("#lang pl", "lang", "pl"),
        ("#язык pl", "lang", "pl"),
        ("#note", "note", ""),
        ("#notatka", "note", ""),
        ("#заметка", "note", ""),
        ("#Заметка", "note", ""),
        ("#یادداشت", "note", ""),
        ("#يادداشت", "note", ""),  # With the Arabic yeh.
        ("#حل‌شد", "done", ""),
        ("#حلشد", "done", ""),  # Without its joiner.
        ("#gotowe", "done", ""),
        ("#готово", "done", ""),
        ("#wyślij", "send", ""),
        ("#pomoc", "help", ""),
        ("#помощь", "help", ""),
        ("#کمک", "help", ""),
    ],
)
def test_a_command_is_known_by_all_of_its_spellings(written: str, name: str, value: str) -> None:
    assert commands(written) == [(name, value)]
    assert wrong(written) == []


@pytest.mark.parametrize(
    ("text", "names", "left"),
    [
        ("#claim\n#p 1\n\nHello", ["claim", "p"], "Hello"),
        ("\n\n#claim\n\n\n#p 1\nHello\n\nSara", ["claim", "p"], "Hello\n\nSara"),  # HTML puts blank lines in between.
        ("#note\nShe called.", ["note"], "She called."),
        ("#note She called.\nTwice.", ["note"], "She called.\nTwice."),
        ("#done: It works again.", ["done"], "It works again."),
        ("#claim", ["claim"], ""),
        ("Hello #claim", [], "Hello #claim"),
        ("#1 is done", [], "#1 is done"),
    ],
)
def test_the_block_ends_where_the_text_begins(text: str, names: list[str], left: str) -> None:
    letter = parse(text, KNOWN)

    assert ([one.name for one in letter.commands], letter.text, letter.wrong) == (names, left, ())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("#prioritty 1", [(1, "unknown", "#p 1")]),
        ("#prioritty ۱", [(1, "unknown", "#p 1")]),
        ("#slove", [(1, "unknown", "#done")]),
        ("#notatke", [(1, "unknown", "#note")]),
        ("#qqqqqqqq", [(1, "unknown", "")]),
        ("#p", [(1, "missing", "P1, P2, P3, P4")]),
        ("#p 9", [(1, "unknown-value", "P1, P2, P3, P4")]),
        ("#team netwrok", [(1, "unknown-value", "#team network")]),
        ("#lang polish", [(1, "unknown-value", "en, fa, pl, ru")]),
        ("#claim 482917", [(1, "unwanted", "#claim")]),
        ("#wait soon", [(1, "unknown-value", "#wait 2d")]),
        ("#dup", [(1, "missing", "#dup 100009")]),
        ("#dup the other one", [(1, "unknown-value", "#dup 100009")]),
        ("#give jan", [(1, "unknown-value", "ola, ivan")]),
        ("#give", [(1, "missing", "ola, ivan")]),
        ("#cat nosuch", [(1, "unknown-value", "network, other")]),
        ("#done\n#dup 100014", [(2, "contrary", "#done")]),
        ("#reopen now", [(1, "unwanted", "#reopen")]),
        ("#p 1\n#p 2", [(2, "twice", "")]),
        ("#note\n#reply\nWords", [(2, "contrary", "#note")]),
        ("#wait\n#done", [(2, "contrary", "#wait")]),
        ("#send\n#claim", [(1, "not-alone", "#send")]),
        ("#send\nand more", [(1, "not-alone", "#send")]),
        ("#help\n#p 9", [(1, "not-alone", "#help"), (2, "unknown-value", "P1, P2, P3, P4")]),
        ("Hello\n#note\nnot for her", [(2, "below", "")]),
        ("Hello\n\n#p 1", [(3, "below", "")]),
    ],
)
def test_all_that_is_wrong_is_told_at_once(text: str, found: list[tuple[int, str, str]]) -> None:
    assert wrong(text) == found


def test_every_wrong_line_is_told_and_none_of_them_is_left_in_the_text() -> None:
    letter = parse("#prioritty 1\n#claim\n#spam @ali\nHello\n#done\nBye", KNOWN)

    assert [(one.line, one.written, one.code) for one in letter.wrong] == [
        (1, "#prioritty 1", "unknown"),
        (3, "#spam @ali", "later"),
        (5, "#done", "below"),
    ]
    assert (letter.commands, letter.text) == ((Command("claim"),), "Hello\nBye")


@pytest.mark.parametrize("name", LATER)
def test_a_command_of_a_later_version_is_known_as_such(name: str) -> None:
    assert wrong(f"#{name} 482911") == [(1, "later", "")]


def test_no_two_commands_have_a_name_in_common() -> None:
    names = [folded(alias) for aliases in ALIASES.values() for alias in {folded(one) for one in aliases}]

    assert len(names) == len(set(names)) == len(COMMANDS)
    assert not set(names) & set(LATER)


def test_each_command_has_a_name_in_each_alphabet() -> None:
    for name, aliases in ALIASES.items():
        assert any("\u0400" <= alias[0] <= "\u04ff" for alias in aliases), name
        assert any("\u0600" <= alias[0] <= "\u06ff" for alias in aliases), name


@given(st.text(alphabet="#p1 :nоteсу\n\u200c\uff03یاد", max_size=200))
def test_any_text_can_be_parsed_and_what_is_left_begins_with_no_known_command(text: str) -> None:
    letter = parse(text, KNOWN)

    assert letter.wrong or not parse(letter.text, KNOWN).commands


@pytest.mark.parametrize(
    "line", ["#prioritty 1\n", "#p 1\n", "#a\n", "#" + "a" * 1000 + "\n", "# \n", "#p" + " " * 5000]
)
def test_a_hostile_text_costs_little(line: str) -> None:
    text = (line * (65_536 // len(line) + 1))[:65_536]
    begun = time.process_time()

    parse(text, KNOWN)

    assert time.process_time() - begun < 1


def test_words_behind_how_long_to_wait_begin_the_text() -> None:
    letter = parse("#wait 2d Which printer?\nAnd which office?", KNOWN)

    assert (letter.commands, letter.wrong) == ((Command("wait", "2d"),), ())
    assert letter.text == "Which printer?\nAnd which office?"
