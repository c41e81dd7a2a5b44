"""What rules may ask for by name, and in which form values compare."""

from router.rules.phrases import unified
from store.mailboxes import domains_of, mailbox_of

# Values that we give names to ourselves; every other one is a fact.
CHANNEL, LANGUAGE, SENDER = "channel", "language", "sender"
ORGANISATION, CUSTOMER_TAG = "organisation", "customer_tag"
CATEGORY, IMPACT, URGENCY, PRIORITY = "category", "impact", "urgency", "priority"
HOURS, ATTACHMENTS = "hours", "attachments"
AGE, SIZE, AFFECTS = "age", "size", "affects"  # Of these there is more or less.

# Names of the settings, which are written everywhere as they are there.
_EXACT = frozenset({CHANNEL, CATEGORY, IMPACT, URGENCY, PRIORITY})


def compared(name: str, value: str) -> str:
    """The form in which a value is compared: people write facts, tags and organisations in more ways than one."""
    if name in _EXACT:
        return value
    return (unified(value) if not value.isascii() else " ".join(value.lower().split())) or value


def ways_to_say(sender: str) -> tuple[str, ...]:
    """Everything that a rule may call a sender: the address, its mailbox, and "@" with each domain it lies in."""
    lowered = sender.lower()
    domains = domains_of(lowered)
    if not domains:
        return (lowered,)
    return tuple(dict.fromkeys((lowered, mailbox_of("mail", lowered), *(f"@{domain}" for domain in domains))))
