"""What a report about something that we sent changes: its ticket, its delivery and what is known of the address.

RFC 3464 (delivery reports), RFC 5965 (complaints). Nothing here opens a ticket or moves its state, and at most one
event for each trouble asks for an alert: an alert for every bounce is how a full mailbox becomes a storm.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

import msgspec

from router.known import Facts
from store.outgoing import Purpose
from store.records import Address, DeliveryReport
from store.rows import COMPLAINED, FAILING, REACHABLE, SUSPENDED, Endpoint, Sent, indexed

FAILED = "delivery-failed"  # The kinds of events: the technician must hear of it ...
NOTED = "bounce-noted"  # ... and heard of it before, or need not.
ALERT_FAILED = "alert-failed"  # Of the team's own chat or mailbox: it says nothing about the customer.
ANSWER_BOUNCED = "an answer bounced"  # Told once in a ticket; of `lookups.told`.

STORM = 20  # Addresses that turn within `known.STORM_WITHIN` and are told of: more come from one cause.
SOFT_LIMIT = 3  # Soft failures of one address within SOFT_WITHIN that count as a hard one (delivery, 5.3).
SOFT_WITHIN = timedelta(days=7)
_FULL = "5.2.2"  # RFC 3463, 3.3: the mailbox is full, which passes although it is written as permanent.

_OF_OUR_SENDER: Mapping[str, str] = {
    "sent": "delivered",
    "delivered": "delivered",
    "failed": FAILED,
    "bounced": FAILED,
    "in-doubt": "delivery-in-doubt",
    "alert-failed": ALERT_FAILED,
    "alert-in-doubt": "alert-in-doubt",  # "delayed" makes no event: the peer is still trying (RFC 3464, 2.3.3).
}


class Following(NamedTuple):
    """What follows from a report."""

    kind: str = ""  # Of the event; empty: none.
    text: str = ""
    endpoint: Endpoint | None = None  # As it is known from now on; None: as it was.
    bounced: str = ""  # The delivery that came back; empty: none did.


def is_from_outside(report: DeliveryReport) -> bool:
    """Whether another system reports, rather than our own sender."""
    return not report.delivery


def matched(report: DeliveryReport, facts: Facts) -> Sent | None:
    """The delivery that a report is about; None where nothing proves that it is about one of ours.

    A report from outside proves it by our signed Message-ID, or by the address that we had it sent to; all else that it
    says could be said by anybody.
    """
    if not is_from_outside(report):
        return facts.deliveries.get(report.delivery)
    for reference in reversed(report.references):
        if sent := facts.posted.get(indexed(reference)):
            return sent
    by_address = [token for text in report.tokens if (token := facts.tokens.get(text)) and token.purpose == "b"]
    by_id = [token for text in reversed(report.references) if (token := facts.tokens.get(text))]
    for token in (*by_address, *by_id):
        if sent := facts.addressed.get((token.ticket, token.actor)):
            return sent
    return None


def following(report: DeliveryReport, sent: Sent, facts: Facts) -> Following:
    """What a report that is matched changes."""
    if not is_from_outside(report):
        return Following(kind=_OF_OUR_SENDER.get(report.outcome, ""), text=report.detail)
    text = f"{sent.address}: {report.detail}" if report.detail else sent.address
    bounced = sent.id if report.outcome == "bounced" else ""
    if report.outcome == "delivered":
        return Following(kind="delivered", text=text)
    if sent.purpose == Purpose.ALERT:
        lost = report.outcome in ("bounced", "complained")
        return Following(kind=ALERT_FAILED if lost else NOTED, text=text, bounced=bounced)
    before = facts.endpoints.get(_key(sent))
    after = _marked(report, sent, before, facts)
    is_new = before is None or after is None or before.state != after.state
    turned = after is not None and after.state in (SUSPENDED, COMPLAINED) and is_new and facts.turned < STORM
    first = bool(bounced) and sent.purpose == Purpose.ANSWER and not facts.has_told(sent.ticket, ANSWER_BOUNCED)
    return Following(kind=FAILED if turned or first else NOTED, text=text, endpoint=after, bounced=bounced)


def lifted(address: Address, facts: Facts) -> Endpoint | None:
    """What is known of an address whose owner has written and proven it; None where nothing was wrong with it.

    A complaint stays: whoever made it may write to us and still not want our courtesies.
    """
    known = facts.endpoints.get((address.kind, address.value)) if address.value else None
    if known is None or known.state not in (FAILING, SUSPENDED):
        return None
    return msgspec.structs.replace(known, state=REACHABLE, failures=0, since=facts.now, changed_at=facts.now)


def _key(sent: Sent) -> tuple[str, str]:
    """Only mail is reported on from outside."""
    return ("mail", sent.address.lower())


def _marked(report: DeliveryReport, sent: Sent, before: Endpoint | None, facts: Facts) -> Endpoint | None:
    kind, value = _key(sent)
    fresh = Endpoint(kind=kind, value=value, state=FAILING, reason=report.detail, since=report.at, changed_at=facts.now)
    if report.outcome == "complained":
        return msgspec.structs.replace(fresh, state=COMPLAINED)
    if before is not None and before.state in (SUSPENDED, COMPLAINED):
        return None
    if _is_hard(report):
        return msgspec.structs.replace(fresh, state=SUSPENDED)
    counts = before is not None and before.state == FAILING and report.at - before.since <= SOFT_WITHIN
    failures = before.failures + 1 if before and counts else 1
    since = before.since if before and counts else report.at
    state = SUSPENDED if failures >= SOFT_LIMIT else FAILING
    return msgspec.structs.replace(fresh, state=state, failures=failures, since=since)


def _is_hard(report: DeliveryReport) -> bool:
    """What does not say that it is for good is taken as passing."""
    return report.outcome == "bounced" and report.status.startswith("5.") and report.status != _FULL
