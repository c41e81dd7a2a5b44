"""Ids that hold the mails of a ticket together in mail programs: ours to write and anybody's to claim, never evidence.

`ingest.channels.mail.compose` puts `<ticket-482917@desk.example>` into the references of each mail that we send, and no
mail of ours has it as its own id. Whoever names a mail of theirs so would else stand among the references of every
reply to us.
"""

import re

import msgspec

from router.policy import Policy
from store.mailboxes import mailbox_of
from store.records import Inbound, Message

_ANCHOR = re.compile(r"<(ticket-[0-9]{1,20}@[^<>@\s]{1,255})>", re.IGNORECASE)


def without_anchors(record: Inbound, policy: Policy) -> Inbound:
    """The record as if nobody had written such an id of one of our domains into it; the original keeps what it says."""
    if not isinstance(record, Message):
        return record
    named = (record.external_id, *record.references)
    anchors = {external_id for external_id in named if _is_anchor(external_id, policy)}
    if not anchors:
        return record
    return msgspec.structs.replace(
        record,
        external_id="" if record.external_id in anchors else record.external_id,
        references=tuple(reference for reference in record.references if reference not in anchors),
    )


def _is_anchor(external_id: str, policy: Policy) -> bool:
    found = _ANCHOR.fullmatch(external_id)
    return found is not None and policy.has_domain(mailbox_of("mail", found[1]).rpartition("@")[2])
