"""May this automatic message be sent at all, and if not, why not: the rules that keep us out of mail loops."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from notifier.notification import Notification
from notifier.plan import is_proven
from notifier.policy import Policy
from store.mailboxes import is_robots, mailbox_of
from store.outgoing import Purpose
from store.records import Proof


class Asked(NamedTuple):
    """What the rules look at."""

    notification: Notification
    policy: Policy
    sent: int = 0  # Acknowledgements to this address within the policy's window ...
    to_domain: int = 0  # ... to all addresses of its domain within an hour ...
    in_all: int = 0  # ... and to everybody within a minute.
    told: int = 0  # Mails to this technician about their own mail, within a day.
    storm: bool = False  # So much is opened at once that nobody is acknowledged.
    unwelcome: bool = False  # Nothing reaches the address, or its owner wants nothing of ours.


def objection(asked: Asked) -> str:
    """Why the notification must not be sent: the code of the first rule that says so; empty where none does.

    An answer is a person's own decision, so nothing is said against it; that others get a copy is a courtesy.
    """
    return next((code for rule in _RULES[asked.notification.purpose] if (code := rule(asked))), "")


def capped_address(notification: Notification) -> str:
    """The address that caps count by: all addresses of one mailbox are one."""
    return f"{notification.kind}:{mailbox_of(notification.kind, notification.address)}"


def capped_domain(notification: Notification) -> str:
    """The domain that caps count by; empty where the address has none, as in chats."""
    if notification.kind != "mail":
        return ""
    return mailbox_of("mail", notification.address).rpartition("@")[2]


# ── the rules, each a code or nothing ────────────────────────────────────────────────────────────────────────────


def _switched_off(asked: Asked) -> str:
    message = asked.notification.event.message
    outlet = asked.policy.outlets.get(message.channel) if message else None
    return "" if asked.policy.acknowledge and (outlet is None or outlet.acknowledge) else "switched-off"


def _no_reply_path(asked: Asked) -> str:
    return "" if asked.notification.channel else "no-reply-path"


def _nobody(asked: Asked) -> str:
    return "anonymous" if asked.notification.event.ticket.proof is Proof.ANONYMOUS else ""


def _ours(asked: Asked) -> str:
    """A message that comes back to us, or to where a team hears of it, would be answered again."""
    to, policy = asked.notification, asked.policy
    writers = _mailboxes([(to.kind, to.address), (to.event.ticket.customer.kind, to.event.ticket.customer.value)])
    known = _mailboxes([*policy.own, *((team.kind, team.address) for team in policy.teams.values())])
    return "own-address" if writers & known else ""


def _mailboxes(addresses: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    return {(kind, mailbox_of(kind, value)) for kind, value in addresses}


def _alert_to_us(asked: Asked) -> str:
    to = asked.notification
    return "own-address" if (to.kind, to.address.lower()) in asked.policy.own else ""


def _told_often(asked: Asked) -> str:
    """A technician's machine that looks like a person would be told again and again what was wrong with its mail."""
    return "cap-staff" if asked.notification.is_about_own_mail and asked.told >= asked.policy.staff_cap else ""


def _machine(asked: Asked) -> str:
    """RFC 3834, section 2: an automatic answer to an automatic message is how loops begin."""
    message = asked.notification.event.message
    return f"automated: {message.automated}" if message and message.automated else ""


def _to_a_machine(asked: Asked) -> str:
    """What is typed into a form, passed on or wished for in Reply-To may be a machine's address all the same."""
    to = asked.notification
    return "machine-address" if to.kind == "mail" and is_robots(to.address) else ""


def _not_addressed(asked: Asked) -> str:
    message = asked.notification.event.message
    return "not-addressed" if message and not message.addressed else ""


def _forged(asked: Asked) -> str:
    return "proof-failed" if asked.notification.event.ticket.proof is Proof.FAILED else ""


def _often(asked: Asked) -> str:
    """An unproven address may be a victim's that a stranger typed in, so it hears from us once a day."""
    if is_proven(asked.notification.event.ticket):
        return "cap-proven" if asked.sent >= asked.policy.proven_cap else ""
    return "cap-unproven" if asked.sent >= asked.policy.unproven_cap else ""


def _domain_often(asked: Asked) -> str:
    return "cap-domain" if asked.to_domain >= asked.policy.domain_cap else ""


def _all_often(asked: Asked) -> str:
    return "cap-total" if asked.in_all >= asked.policy.total_cap else ""


def _storm(asked: Asked) -> str:
    return "storm" if asked.storm else ""


def _suspended(asked: Asked) -> str:
    return "address-suspended" if asked.unwelcome else ""


def _copy_to_suspended(asked: Asked) -> str:
    to = asked.notification
    return _suspended(asked) if to.reader != to.event.ticket.customer else ""


# In this order, because the first one that objects is the reason that people read.
_RULES: dict[Purpose, tuple[Callable[[Asked], str], ...]] = {
    Purpose.ACKNOWLEDGEMENT: (
        _switched_off,
        _no_reply_path,
        _nobody,
        _ours,
        _machine,
        _to_a_machine,
        _not_addressed,
        _forged,
        _suspended,
        _often,
        _domain_often,
        _all_often,
        _storm,
    ),
    Purpose.NOTICE: (_no_reply_path, _nobody, _ours, _to_a_machine, _forged, _suspended),
    Purpose.ALERT: (_alert_to_us, _told_often),
    Purpose.ANSWER: (_no_reply_path, _copy_to_suspended),
}
