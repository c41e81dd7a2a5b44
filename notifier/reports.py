"""Tells the router what became of a delivery, as a record like any other that comes in."""

from datetime import datetime

from store.codec import derived_id
from store.deliveries import FAILED, IN_DOUBT, SENT
from store.outbox import Parcel
from store.outgoing import Purpose
from store.records import DeliveryReport
from store.topics import MESSAGES, source_key

# Only what somebody must see: whether a technician's answer arrived, and that a team did not hear of something.
_REPORTED = {
    Purpose.ANSWER: (SENT, FAILED, IN_DOUBT),
    Purpose.ALERT: (FAILED, IN_DOUBT),
    Purpose.ACKNOWLEDGEMENT: (),
    Purpose.NOTICE: (),
}


def report(
    *, delivery: str, purpose: Purpose, channel: str, address: str, state: str, detail: str, at: datetime
) -> Parcel | None:
    """The report of a delivery that has come to `state`; None where nobody needs one.

    An alert's outcome has a name of its own: were it taken for an answer's, its team would be alerted of it, by the way
    that has just failed, and of that alert's failure in turn.
    """
    if state not in _REPORTED[purpose]:
        return None
    name = derived_id("report", delivery, state)
    # Several people may get one answer, and whoever hears that it failed must know for whom.
    told = f"{address}: {detail}" if purpose is Purpose.ANSWER and state != SENT and "@" in address else detail
    outcome = f"alert-{state}" if purpose is Purpose.ALERT else state
    record = DeliveryReport(
        id=name, channel=channel, delivery=delivery, outcome=outcome, detail=told, at=at, fingerprint=name
    )
    return Parcel(MESSAGES, source_key(channel, address), record)
