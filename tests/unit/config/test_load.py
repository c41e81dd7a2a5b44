"""A settings file that is wrong says all that is wrong with it, each at its place and with what to do."""

import os
from pathlib import Path

import pytest

from config.load import BadSettings, load, read
from config.problems import Problem
from config.settings import Configuration

TOKEN = "801234567:AAEabcdefghijklmnopqrstuvwxyz012345"  # Shaped like one, and nobody's.
ENVIRONMENT = {
    "BOT_TOKEN": TOKEN,
    "MAIL_PASSWORD": "correct-horse",
    "SHORT": "x" * 31,
    "BROKEN_URL": "mysql://u:pw1234@h",
}

RIGHT = """\
version: 1
site: {name: Nordwind, languages: [en, fa]}
listeners: {smtp: {listen: "127.0.0.1:2525"}}
channels:
  bot: {type: telegram, token: "${BOT_TOKEN}"}
  mail: {type: mail, address: help@desk.example, receive: {smtp: {}}, send: {smtp: "relay.example:587"}}
  form: {type: web, path: /f/help, reply_through: mail}
teams:
  help: {workspace: {telegram: -1002233445566}}
  apps: {workspace: {mail: apps@desk.example}}
classify:
  categories: {access: {en: Sign-in, fa: ورود}, other: {en: Other, fa: سایر}}
  rules:
    - {when: {words: [password, رمز عبور]}, then: access}
route:
  team: help
  routes:
    - {name: applications, when: {category: other}, team: apps}
"""


def configured(text: str) -> Configuration:
    return read(text, name="deskwire.yaml", folder=Path(), environment=ENVIRONMENT)


def problems_of(text: str) -> list[Problem]:
    with pytest.raises(BadSettings) as caught:
        configured(text)
    return sorted(caught.value.problems)


def said(text: str) -> str:
    with pytest.raises(BadSettings) as caught:
        configured(text)
    return str(caught.value)


def changed(old: str, new: str) -> str:
    assert RIGHT.count(old) == 1
    return RIGHT.replace(old, new)


def test_the_file_that_the_tests_break_is_right() -> None:
    found = configured(RIGHT)

    assert list(found.channels) == ["bot", "mail", "form"]
    assert found.warnings == ""


# Each breaks one thing: what is replaced and by what; the line, the column and the code of what is said; a part of the
# words, and a part of the remedy.
BROKEN = [
    # Keys: unknown ones at every level, missing ones, and those of a later version.
    ("languages:", "langauges:", 2, 24, "unknown-key", '"langauges" is not a key of "site"', 'mean "languages"'),
    ("version: 1", "version: 1\nchanels: {}", 2, 1, "unknown-key", 'not a key of the file', "known here: version"),
    ("token:", "tokn: a, token:", 5, 25, "unknown-key", '"tokn" is not a key of "channels.bot"', 'mean "token"'),
    ("receive: {smtp: {}}", "receive: {smtp: {alow_from: []}}", 6, 67, "unknown-key", "receive.smtp", '"allow_from"'),
    ("telegram: -1002233445566", "telegram: -5, chanel: bot", 9, 36, "unknown-key", "help.workspace", '"channel"'),
    ("then: access", "tehn: access, then: access", 14, 45, "unknown-key", "classify.rules[0]", '"then"'),
    ("team: apps", "teem: apps", 18, 53, "unknown-key", '"route.routes[0]"', '"team"'),
    ("type: telegram", "typ: telegram", 5, 9, "unknown-key", '"typ" is not a key of "channels.bot"', '"type"'),
    ("version: 1\n", "", 1, 1, "missing-key", 'the file needs "version"', "add version: …"),
    ("name: Nordwind, ", "", 2, 1, "missing-key", '"site" needs "name"', "The desk's name"),
    ("address: help@desk.example, ", "", 6, 3, "missing-key", '"channels.mail" needs "address"', "customers write to"),
    ('token: "${BOT_TOKEN}"', "sets: {a: b}", 5, 3, "missing-key", '"channels.bot" needs "token"', "BotFather"),
    ("then: access", "place: x, then: access", 14, 7, "unknown-key", '"place" is not a key here', "remove it"),
    ("version: 1", "version: 1\nanswers: {mode: off}", 2, 1, "not-yet", '"answers" is of a later', "CHANGELOG"),
    ("{telegram: -1002233445566}", "{telegram: -5, topics: true}", 9, 36, "not-yet", '"topics"', "remove it"),
    ("{smtp: {}}", "{imap: imap.example}", 6, 59, "bad-value", "an IMAP server asks who we are", "write `password`"),
    ("category: other", "sender: acme", 18, 43, "bad-sender", '"acme" is no sender', "acme.example"),
    ("path: /f/help", "fields: [message, files], path: /f/help", 7, 39, "not-yet", 'cannot ask for "files"', "remove"),
    ("web, path: /f/help", "web, topics: {a: {en: A}}", 7, 9, "bad-value", "asks for none of them", "add 'topic'"),
    # Values of a wrong sort, out of bounds, or nowhere to be found.
    ("team: help\n", "team: help\n  prefer: [least_bsy]\n", 17, 12, "unknown-word", '"prefer" knows no', "least_busy"),
    ("version: 1", "version: 1\npeople: {o: {name: O, mail: ola}}", 2, 29, "bad-address", '"ola" is no', "ola@example"),
    ("version: 1", "version: 1\npeople: {o a: {name: O, mail: o@d.example}}", 2, 10, "bad-name", '"o a"', "letters"),
    ("version: 1", "version: 1\npeople: {o: {name: O, mail: Help@desk.example}}", 2, 29, "alert-loop", '"mail"', ""),
    (
        "version: 1",
        "version: 1\npeople:\n  o: {name: O, mail: o@d.example}\n  a: {name: A, mail: O@d.example}",
        4,
        22,
        "claimed-twice",
        '"o" already',
        "their own",
    ),
    ("version: 1", "version: 2", 1, 10, "unknown-word", '"version" knows no 2', "there are: 1"),
    ("name: Nordwind", "name: 12", 2, 14, "wrong-type", '"name" must be text, and is 12', "put it into quotes"),
    ("name: Nordwind", 'name: ""', 2, 14, "too-short", '"name" is empty', "The desk's name"),
    ("[en, fa]", "en", 2, 35, "wrong-type", '"languages" must be a list, as in [one, another], and is "en"', ""),
    ("[en, fa]", "[en, farsi]", 2, 40, "bad-language", '"farsi" is no code of a language', "such as en or fa"),
    ("[en, fa]", "[en, en]", 2, 35, "bad-language", "named twice", "keep one"),
    ("[en, fa]", "[en, fa], time_zone: Europe/Warszawa", 2, 56, "unknown-time-zone", "Warszawa", "Warsaw"),
    ("[en, fa]", "[en, fa], url: desk.example", 2, 50, "bad-value", '"desk.example" is no URL', "https://"),
    ("[en, fa]", "[en, fa], reference: {digits: 3}", 2, 65, "out-of-range", '"digits" must be at least 4', "fewest"),
    ('"127.0.0.1:2525"', "2525", 3, 28, "wrong-type", '"listen" must be text', "quotes"),
    ('"127.0.0.1:2525"', '"2525"', 3, 28, "bad-value", '"2525" is nowhere to listen', "127.0.0.1:2525"),
    ("listeners: {", 'listeners: {http: {listen: "80"}, ', 3, 28, "bad-value", '"80" does not fit', "Address and port"),
    ("listeners: {smtp: {", "listeners: {smtp: {idle: 30, ", 3, 26, "bad-duration", '"30" is not', "as in 30s"),
    ("listeners: {smtp: {", "listeners: {smtp: {idle: 1 hour, ", 3, 26, "bad-duration", '"1 hour"', "and a unit"),
    ("listeners: {smtp: {", "listeners: {smtp: {idle: 0s, ", 3, 26, "bad-duration", "mean never", "above 0"),
    ("listeners: {smtp: {", "listeners: {smtp: {max_message: 25, ", 3, 33, "bad-size", '"25" is not a size', "25MB"),
    ("smtp: {listen", "smtp: {protocol: smtpd, listen", 3, 30, "unknown-word", 'no "smtpd"', 'mean "smtp"'),
    ("smtp: {}}", "smtp: {allow_from: [10.0.0.0/99]}}", 6, 80, "wrong-type", '"10.0.0.0/99"', "Networks that mail"),
    ("version: 1", "version: 1\nbackend: {bus: redis://x}", 2, 16, "bad-value", '"redis://x" does not fit "bus"', "kafka://"),
    ("version: 1", 'version: 1\nbackend: {bus: "kafka://x"}', 2, 16, "bad-value", "names no brokers", "HOST:PORT"),
    ("help@desk.example", "help", 6, 31, "bad-value", '"help" is no plain address', "help@example.org"),
    ("type: web", "type: wbe", 7, 16, "unknown-type", 'called "wbe"', 'mean "web"'),
    ("type: web", "type: os.path", 7, 16, "unknown-type", "os.path is no channel", "ingest/channel.py"),
    ("-1002233445566", "2233445566", 9, 32, "bad-chat-id", "2233445566 is no group", "-100"),
    ("apps@desk.example", "apps", 10, 28, "bad-address", '"apps" is no mail address', "team@example.org"),
    ("{telegram: -1002233445566}", "{}", 9, 21, "one-workspace", "a chat or a mailbox", "telegram or mail"),
    ("words: [password, رمز عبور]", "words: []", 14, 22, "too-short", '"words" is empty', "Beginnings of words"),
    ("route:", "priority: {matrix: {low: [P1, P2]}}\nroute:", 15, 26, "matrix-shape", "has 2 values", "each impact"),
    ("route:", "priority: {matrix: {low: [a, b, c, d]}}\nroute:", 15, 26, "matrix-shape", "4 values", "each impact"),
    ("587", "99999", 6, 84, "bad-value", "99999", "host and port"),
    (
        "version: 1",
        "version: 1\npeople: {o: {telegram: 611}, a: {telegram: 611}}",
        2,
        44,
        "claimed-twice",
        '611 is the Telegram account of "o"',
        "who acted",
    ),
    ("version: 1", 'version: 1\ncustomers: {"*@acme.example": {}}', 2, 13, "bad-customer", "no customer", "domain"),
    ("route:", "priority: {matrix: {hgih: [P1, P2, P3]}}\nroute:", 15, 21, "unknown-key", '"hgih"', '"high"'),
    # Secrets.
    ("${BOT_TOKEN}", TOKEN, 5, 32, "secret-in-file", "a secret is written in this file", "revoke"),
    ("${BOT_TOKEN}", "${BOT_TOKN}", 5, 32, "env-not-set", "variable BOT_TOKN is not set", 'mean "BOT_TOKEN"'),
    ("${BOT_TOKEN}", "${TELEGRAM}", 5, 32, "env-not-set", "variable TELEGRAM is not set", "set TELEGRAM before"),
    ("${BOT_TOKEN}", "bot${BOT_TOKEN}", 5, 32, "variable-inside", "${BOT_TOKEN} stands inside", "the whole value"),
    ("${BOT_TOKEN}", "file:/no/such/token", 5, 32, "secret-file-missing", "/no/such/token cannot be read", "create it"),
    ("${BOT_TOKEN}", "${MAIL_PASSWORD}", 5, 32, "bad-value", "this is no bot token", "copy the token from @BotFather"),
    ("[en, fa]", '[en, fa], secret: "${SHORT}"', 2, 53, "short-secret", "has 31 characters, and 32", "openssl rand"),
    # Names that mean nothing in another section, and ways that lead nowhere.
    ("then: access", "then: acess", 14, 51, "unknown-category", 'no category called "acess"', 'mean "access"'),
    ("team: apps", "team: aps", 18, 59, "unknown-team", 'no team called "aps"', 'mean "apps"'),
    ("  team: help\n", "", 15, 1, "no-catch-all", "the root of route names no team", "add team: …"),
    ("category: other", "channel: male", 18, 44, "unknown-channel", 'no channel called "male"', 'mean "mail"'),
    ("category: other", "priority: P9", 18, 45, "unknown-priority", '"P9"', "there are: P1, P2, P3, P4"),
    ("{words: [password, رمز عبور]}", "{category: other}", 14, 15, "too-early", "category is decided", "remove"),
    ("رمز عبور]", '"!"]', 14, 33, "empty-word", '"!" has no letter or digit', "write a word"),
    ("    - {name:", "    - {team: help}\n    - {name:", 19, 7, "unreachable-route", "never be reached", "line 18"),
    ("route:", "    - {when: {words: passwords}, then: other}\nroute:", 15, 7, "unreachable-rule", "decide", "line 14"),
    ("  team: help", "  team: help\n  when: {language: fa}", 17, 3, "root-condition", "takes every message", "move"),
    ("reply_through: mail", "reply_through: male", 7, 51, "unknown-channel", '"male"', 'mean "mail"'),
    ("reply_through: mail", "reply_through: bot", 7, 51, "cannot-send", '"bot" cannot carry', "send: {smtp: …}"),
    (', receive: {smtp: {}}, send: {smtp: "relay.example:587"}', "", 7, 51, "cannot-send", '"mail" cannot', "send:"),
    ("apps@desk.example", "help@desk.example", 10, 28, "alert-loop", 'channel "mail" takes in again', "no channel's"),
    ("apps@desk.example", "apps@desk.example, channel: bot", 10, 56, "no-channel", '"bot" cannot send', "mail channel"),
    ("-1002233445566", "-5, channel: bto", 9, 45, "unknown-channel", '"bto"', 'mean "bot"'),
    ("listeners: {", "listeners: {}\nx: {", 4, 1, "unknown-key", '"x"', "known here"),
    ("form: {type: web", "form: {type: web, reply_throgh: mail", 7, 21, "unknown-key", "reply_throgh", "reply_through"),
    ("  apps:", "  a team:", 10, 3, "bad-name", '"a team" cannot name a team', "letters, digits, - and _"),
    ("  form:", "  a:b:", 7, 3, "bad-name", '"a:b" cannot name a channel', "letters, digits, - and _"),
    ("version: 1", "version: 1\nnotify: {templates: no/such}", 2, 21, "no-file", "there is no folder", "make it"),
    ("smtp: {listen", "smtp: {tls: {cert: a.pem, key: /no}, listen", 3, 32, "no-file", "no file a.pem", "relative"),
    ("version: 1", "version: 1\nbackend: {bus: 'kafka://h:9092'}", 2, 1, "mixed-backend", "both be servers", "kafka://"),
]  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_a_mistake_is_told_with_its_place_and_remedy(case: tuple[str, str, int, int, str, str, str]) -> None:
    old, new, line, column, code, what, remedy = case

    found = problems_of(changed(old, new))

    told = {(problem.at.line, problem.at.column, problem.code): problem for problem in found}
    assert (line, column, code) in told, found
    assert what in told[line, column, code].what
    assert remedy in told[line, column, code].remedy


def test_a_listener_for_mail_is_asked_for_by_each_channel_that_needs_it() -> None:
    (problem,) = problems_of(changed('listeners: {smtp: {listen: "127.0.0.1:2525"}}\n', ""))

    assert (problem.at.line, problem.code) == (5, "no-listener")
    assert "listeners: {smtp:" in problem.remedy


def test_an_address_belongs_to_one_channel() -> None:
    second = "  other: {type: mail, address: Help@desk.example, receive: {smtp: {}}}\nteams:\n"

    found = problems_of(changed("teams:\n", second))

    assert [(problem.code, problem.at.line) for problem in found] == [("claimed-twice", 8)]


def test_two_bots_that_could_carry_alerts_are_no_answer() -> None:
    second = '  other: {type: telegram, token: "${OTHER_TOKEN}"}\nteams:\n'

    with pytest.raises(BadSettings) as caught:
        read(
            changed("teams:\n", second),
            name="deskwire.yaml",
            folder=Path(),
            environment=ENVIRONMENT | {"OTHER_TOKEN": TOKEN.replace("801234567", "801234568")},
        )
    (problem,) = caught.value.problems

    assert (problem.code, problem.at.line) == ("no-channel", 10)
    assert problem.what == 'team "help" does not say which of the 2 channels bot, other carries its alerts'
    assert problem.remedy == "write one of them here: workspace: {telegram: …, channel: bot}"


def test_processes_on_several_machines_need_a_secret() -> None:
    backend = "backend: {bus: 'kafka://h:9092', store: 'postgresql://desk@h/desk'}\nlisteners:"

    (problem,) = problems_of(changed("listeners:", backend))

    assert (problem.code, problem.at.line, problem.at.column) == ("no-secret", 2, 1)


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("", "empty", 1, 1),
        ("# nothing yet\n", "empty", 1, 1),
        ("- version: 1\n", "not-a-mapping", 1, 1),
        ("just text\n", "not-a-mapping", 1, 1),
        ("version: 1\nsite: {name: \x00}\n", "not-text", 2, 14),
        ("version: 1\n" + "# long\n" * 200_000, "too-large", 1, 1),
        ("[" * 600, "too-deep", 1, 1),
    ],
)
def test_what_is_no_settings_file_is_told_so_and_nothing_else(text: str, code: str, line: int, column: int) -> None:
    assert [(problem.code, problem.at.line, problem.at.column) for problem in problems_of(text)] == [
        (code, line, column)
    ]


# What is replaced and by what in the file above; the line, the column and the code of the mistake of form, and a part
# of its remedy.
MISSHAPEN = [
    ("  bot:", "\tbot:", 5, 1, "tab-indent", "indent with spaces"),
    ("name: Nordwind", "name: Help: Desk", 2, 18, "colon-in-text", "into quotes"),
    ("route:\n  team: help", "route:\n  team: help: desk", 16, 13, "colon-in-text", "into quotes"),
    ("route:\n", "route\n", 15, 1, "missing-colon", "key: value"),
    ("  team: help\n", "  team:help\n", 16, 7, "missing-space", "behind the colon"),
    ("    - {when", "    -{when", 14, 5, "missing-space", "behind the dash"),
    ("  routes:", "   routes:", 17, 4, "bad-indent", "set it in by 2, as line 16 is"),
    ("  team: help\n", "   team: help\n", 17, 3, "bad-indent", "set it in by 3, as line 16 is"),
    ("[en, fa]}", "[en, fa}", 2, 35, "open-bracket", "close it with ]"),
    ("team: apps}", "team: apps", 18, 7, "open-bracket", "close it with }"),
    ("team: apps}", "team: apps}}", 18, 64, "open-bracket", "remove it"),
    ('"127.0.0.1:2525"', '"127.0.0.1:2525', 3, 28, "open-quote", 'close it with "'),
    ("Nordwind", "'Ola's desk'", 2, 18, "open-quote", "for an apostrophe"),
    ("Nordwind", "@desk", 2, 14, "needs-quotes", '"@…"'),
    ("Nordwind", "*desk", 2, 14, "needs-quotes", '"*…"'),
    ("[en, fa]", "[en, %fa]", 2, 40, "needs-quotes", '"%…"'),
    ('"${BOT_TOKEN}"', "${BOT_TOKEN}", 5, 32, "needs-quotes", 'write "${BOT_TOKEN}"'),
    ("Nordwind", '"C:\\windows"', 2, 17, "bad-escape", "single quotes"),
    ("site: {name: Nordwind", "site: &a {name: &a Nordwind", 2, 17, "duplicate-anchor", "a name of its own"),
    ("عبور]}, then", "عبور]} then", 14, 44, "missing-comma", "one, another"),
    ("teams:\n", "---\nteams:\n", 8, 1, "second-document", "remove the line"),
    ("  team: help\n", "  team: - help\n", 16, 9, "bad-list", "[one, another]"),
]  # fmt: skip


@pytest.mark.parametrize("case", MISSHAPEN)
def test_a_mistake_of_form_is_told_and_hides_no_other(case: tuple[str, str, int, int, str, str]) -> None:
    """Another mistake stands in the last line, and the reader goes on to it."""
    old, new, line, column, code, remedy = case
    text = changed(old, new) + "floods: {tickets: 0}\n"

    form, *others = sorted(problems_of(text), key=lambda problem: problem.code == "out-of-range")

    assert (form.at.line, form.at.column, form.code) == (line, column, code)
    assert remedy in form.remedy
    assert [(problem.at.line, problem.code) for problem in others] == [(text.count("\n"), "out-of-range")]


def test_a_file_that_is_not_there_says_what_else_can_be_done(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"there is no settings file .*deskwire\.yaml: .*--config.*deskwire demo"):
        load(tmp_path / "deskwire.yaml", {})


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"Is a directory.*--config"):
        load(tmp_path, {})


def test_a_file_that_is_not_text_says_where(tmp_path: Path) -> None:
    (tmp_path / "deskwire.yaml").write_bytes(b"version: 1\nsite: {name: \xff}\n")

    with pytest.raises(BadSettings, match=r"deskwire\.yaml:2:14: error\[not-text\].*\n.*UTF-8"):
        load(tmp_path / "deskwire.yaml", {})


def test_a_file_saved_on_windows_is_read(tmp_path: Path) -> None:
    (tmp_path / "deskwire.yaml").write_bytes(b"\xef\xbb\xbf" + RIGHT.replace("\n", "\r\n").encode())

    assert load(tmp_path / "deskwire.yaml", ENVIRONMENT).settings.site.name == "Nordwind"


def test_files_are_looked_for_beside_the_settings(tmp_path: Path) -> None:
    (tmp_path / "token").touch(0o600)
    (tmp_path / "token").write_text(f"{TOKEN}\n", encoding="ascii")
    (tmp_path / "deskwire.yaml").write_text(changed("${BOT_TOKEN}", "file:token"), encoding="utf-8")

    assert "bot" in load(tmp_path / "deskwire.yaml", {}).channels


def test_a_secret_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN, encoding="ascii")
    (tmp_path / "token").chmod(0o644)
    (tmp_path / "deskwire.yaml").write_text(changed("${BOT_TOKEN}", "file:token"), encoding="utf-8")

    with pytest.raises(BadSettings, match=r"error\[secret-file-open\].*\n.*\n.*chmod 600"):
        load(tmp_path / "deskwire.yaml", {})


def test_a_group_may_read_a_secret_that_root_owns(tmp_path: Path) -> None:
    """So are systemd's credentials, and what an administrator gives to a service's group."""
    (tmp_path / "token").write_text(TOKEN, encoding="ascii")
    (tmp_path / "token").chmod(0o640)
    (tmp_path / "deskwire.yaml").write_text(changed("${BOT_TOKEN}", "file:token"), encoding="utf-8")

    if os.getuid() == 0:
        assert "bot" in load(tmp_path / "deskwire.yaml", {}).channels
    else:
        with pytest.raises(BadSettings, match="secret-file-open"):
            load(tmp_path / "deskwire.yaml", {})


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    text = changed("languages:", "langauges:").replace("Sign-in", "Sign-in, pl: 3")
    text = text.replace("${BOT_TOKEN}", "${NO_TOKEN}").replace("team: apps", "team: aps").replace("web", "wbe")

    codes = [problem.code for problem in problems_of(text)]

    assert codes == ["unknown-key", "env-not-set", "unknown-type", "wrong-type", "unknown-team"]
    assert said(text).endswith("5 errors in deskwire.yaml. Nothing was started.")


def test_a_value_that_could_not_be_read_is_complained_of_once() -> None:
    assert [problem.code for problem in problems_of(changed("${BOT_TOKEN}", "${NO_TOKEN}"))] == ["env-not-set"]
    assert [problem.code for problem in problems_of(changed("then: access", "then"))] == ["key-without-value"]


def test_a_form_that_asks_for_a_topic_needs_some() -> None:
    asking = changed("path: /f/help", "fields: [topic, message]")
    without = asking[: asking.index("classify:")] + "route: {team: help}\n"
    (problem,) = problems_of(without)

    assert (problem.at.line, problem.at.column, problem.code) == (7, 3, "bad-value")
    assert problem.what == 'channel "form" asks for a topic, and there is none to choose'
    assert configured(without.replace("[topic, message]", "[topic, message], topics: {a: {en: A}}")).warnings == ""
    assert configured(asking).warnings == ""
    assert configured(asking.replace("web,", "web, optional: [topic],")).warnings == ""


def test_a_mistake_in_a_channel_makes_no_other_mistakes_of_it() -> None:
    """The team's alerts would go by this channel, and so would the form's answers."""
    assert [problem.code for problem in problems_of(changed("help@desk.example", "help"))] == ["bad-value"]


@pytest.mark.parametrize(
    ("old", "new", "secret"),
    [
        ("${BOT_TOKEN}", TOKEN, TOKEN[10:]),
        ('token: "${BOT_TOKEN}"', f"tokn: {TOKEN}", TOKEN[10:]),
        ('token: "${BOT_TOKEN}"', f"name: {TOKEN}, nam: 1", TOKEN[10:]),
        ("relay.example:587", 'relay.example:587", password: "hunter2', "hunter2"),
        ("relay.example:587", 'relay.example:587", pasword: 1, password: "hunter2', "hunter2"),
        ("relay.example:587", 'relay.example:587", passwort: "hunter2', "hunter2"),
        ("send: {smtp:", "send: {password: [hunter2], smtp:", "hunter2"),
        ("version: 1", "version: 1\nbackend: {store: 'postgresql://desk:hunter2@h/desk'}", "hunter2"),
        ("version: 1", "version: 1\nbackend: {store: 'postgres://desk:hunter2@h/desk'}", "hunter2"),
        ("version: 1", "version: 1\nbackend: {stoer: 'postgresql://desk:hun/ter2@h/desk'}", "ter2"),
        ("version: 1", 'version: 1\nbackend: {store: "${BROKEN_URL}"}', "pw1234"),
        ("version: 1", "version: 1\nsecret: hunter2hunter2", "hunter2"),
        ("[en, fa]", "[en, fa], secret: hunter2hunter2", "hunter2"),
        ("[en, fa]", '[en, fa], secret: "${MAIL_PASSWORD}"', "correct-horse"),
        ("[en, fa]", '[en, fa], url: "${MAIL_PASSWORD}"', "correct-horse"),
        ("[en, fa]", '[en, fa], time_zone: "${MAIL_PASSWORD}"', "correct-horse"),
        ("version: 1", 'version: "${MAIL_PASSWORD}"', "correct-horse"),
        ('token: "${BOT_TOKEN}"', 'token: "hunter2', "hunter2"),  # The quotes are never closed, so it is no YAML.
    ],
)
def test_a_secret_is_never_shown(old: str, new: str, secret: str) -> None:
    told = said(changed(old, new))

    assert secret not in told
    assert "error[" in told


def test_what_is_hidden_keeps_the_caret_under_its_word() -> None:
    told = said(changed("relay.example:587", 'relay.example:587", pasword: 1, password: "hunter2'))

    line, caret = told.splitlines()[1:3]
    assert line[caret.index("^") : caret.rindex("^") + 1] == "pasword"


def test_a_line_of_persian_names_the_word_instead_of_pointing() -> None:
    told = said(changed("then: access", "then: acess"))

    assert 'at "acess"  did you mean "access"?' in told
    assert "^" not in told


def test_a_wide_letter_takes_two_columns_of_the_caret() -> None:
    told = said(changed("name: Nordwind", "name: 北風, x: 1"))

    line, caret = told.splitlines()[1:3]
    assert caret.index("^") == line.index("x: 1") + 2


def test_a_long_line_is_cut_around_the_place() -> None:
    told = said(changed("name: Nordwind", f"name: {'n' * 79}, {'y' * 500}: 1"))

    assert all(len(line) < 800 for line in told.splitlines())


WARNED = [
    ("access: {en: Sign-in, fa: ورود}", "access: {en: Sign-in}", "missing-language", 'has no name in: fa'),
    ("[en, fa]", "[en, fa, sv]", "no-texts", 'no texts in "sv"'),
    ("route:", "    - {when: {words: [Password, x]}, then: other}\nroute:", "word-in-two-categories", "access"),
    ("category: other", "affects: everyone", "unknown-fact", 'nothing sets "affects"'),
    ("version: 1", "version: 1\npeople: {o: {name: O, mail: o@d.example}}", "unproven-staff", 'nobody in team "apps"'),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code", "what"), WARNED)
def test_a_warning_is_told_and_stops_nothing(old: str, new: str, code: str, what: str) -> None:
    warnings = configured(changed(old, new)).warnings

    assert f"warning[{code}]" in warnings
    assert what in warnings


@pytest.mark.parametrize(
    ("listen", "allow", "warned"),
    [
        ("0.0.0.0:25", "{}", True),
        ("mx.desk.example:25", "{}", True),
        (":25", "{}", True),
        ("0.0.0.0:25", "{allow_from: [10.0.0.0/8]}", False),
        ("127.0.0.1:2525", "{}", False),
        ("[::1]:2525", "{}", False),
        ("localhost:2525", "{}", False),
    ],
)
def test_results_that_anybody_could_write_are_not_believed_unnoticed(listen: str, allow: str, warned: bool) -> None:
    text = changed("127.0.0.1:2525", listen).replace("teams:\n", AUTHENTICATED % allow + "teams:\n", 1)

    found = configured(text).warnings

    assert ("warning[forged-results]" in found) == warned
    assert ("allow_from" in found) == warned


AUTHENTICATED = "  mx: {type: mail, address: mx@desk.example, receive: {smtp: %s}, authentication: {authserv_id: mx}}\n"


def test_errors_and_warnings_are_counted_apart() -> None:
    text = changed("access: {en: Sign-in, fa: ورود}", "access: {en: Sign-in}").replace("then: access", "then: acess")

    assert said(text).endswith("1 error, 1 warning in deskwire.yaml. Nothing was started.")
