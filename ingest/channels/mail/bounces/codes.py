"""What the codes and the words of a mail server's answer say: the status, and whether it is final. Pure."""

import re

# RFC 3463, 2: class, subject and detail. Not a part of a network address or of a version.
_ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
_REPLY = re.compile(r"(?<![\w.:/#-])([45]\d\d)(?![\w.:/])")  # RFC 5321, 4.2.1.
_ACTIONS = {
    "failed": "bounced",
    "fail": "bounced",
    "failure": "bounced",
    "error": "bounced",  # OpenSMTPD.
    "delayed": "delayed",
    "delay": "delayed",
    "delivered": "delivered",
    "relayed": "delivered",
    "expanded": "delivered",
}
_CLASSES = {"2": "delivered", "4": "delayed", "5": "bounced"}

# The two that decide whether an address is given up; RFC 3463, 3.2 and 3.3.
_FULL = re.compile(
    r"over ?quota|quota (?:is )?exceeded|exceed\w{0,4}.{0,30}quota|mailbox.{0,20} full|full mailbox|storage limit"
    r"|out of storage|postfach (?:ist )?voll|переполнен|ящик.{0,20}полон|buzón (?:está )?lleno|bo[iî]te.{0,20}pleine"
    r"|casella.{0,20}piena|caixa.{0,20}cheia|skrzynka.{0,20}pełna|メールボックス.{0,10}いっぱい|邮箱.{0,8}满"
)
_UNKNOWN = re.compile(
    r"user.{0,20}unknown|unknown (?:user|recipient|mailbox|address)|no such (?:user|recipient|mailbox|person|address)"
    r"|(?:user|mailbox|address|account|recipient).{0,40}(?:n[o']t (?:found|exist|listed|recogni[sz]ed)|doesn't exist)"
    r"|(?:user|recipient|mailbox|address|account).{0,20}(?:not found|invalid)|no mailbox here|not listed in"
    r"|invalid (?:user|recipient|mailbox|address|final delivery)|does not (?:exist|have an account)"
    r"|this user doesn't have|not a valid user|empfänger unbekannt|usuario desconocido|utilisateur inconnu"
    r"|не существует|не найден|宛先不明|存在しません|不存在"
)


def outcome_of(action: str, status: str) -> str:
    """What the fields Action and Status (RFC 3464, 2.3.3 and 2.3.4) together mean; empty where they say nothing.

    A failure of class 4 is a failure: the other side has given up trying.
    """
    return _ACTIONS.get(action, "") or _CLASSES.get(status[:1], "")


def status_in(text: str) -> str:
    """The status code that a text gives, the most telling first: one of RFC 3463, what the words say, an SMTP reply."""
    text = text[:2000]
    given = [".".join(match.groups()) for match in _ENHANCED.finditer(text) if match[1] != "2"]
    telling = next((code for code in given if not code.endswith(".0.0")), "")
    if telling:
        return telling
    reply = _REPLY.search(text)
    kind = given[0][0] if given else reply[1][0] if reply else "5"
    if worded := worded_status(text, kind):
        return worded
    return given[0] if given else f"{kind}.0.0" if reply else ""


def worded_status(text: str, kind: str) -> str:
    """The status of class `kind` that the words mean; empty where they are none of the two that matter."""
    text = text[:2000].casefold()
    if _FULL.search(text):
        return f"{kind}.2.2"
    return f"{kind}.1.1" if _UNKNOWN.search(text) else ""
