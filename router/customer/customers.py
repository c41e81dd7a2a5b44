"""What is known of whoever wrote: organisation, tags and language, from the settings and from the store."""

from collections.abc import Iterator, Mapping

import msgspec

from router.customer.identity import PROVEN, is_claimed
from router.known import Facts
from router.policy import Policy
from store.mailboxes import domains_of, mailbox_of
from store.records import Address, Message, Proof, Reason
from store.rows import Contact

CUSTOMER = "customer"  # The part of a reason.
_SHOWN = 200  # Characters of what is known, in a reason.


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """One place that knows something of an address."""

    name: str  # "deskwire.yaml:51", "contact ann@acme.example".
    place: str = ""  # The first of these; empty where it is no place in the settings.
    organisation: str = ""
    tags: tuple[str, ...] = ()
    language: str = ""


class Customer(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of whoever wrote; where places differ, the first that says something holds, and tags add up."""

    organisation: str = ""
    language: str = ""
    tags: Mapping[str, str] = {}  # To each of them in words whose it is, and who says so.
    sources: tuple[Source, ...] = ()  # Those that know something, in their order.


NOBODY = Customer()


def is_believed(message: Message) -> bool:
    """Whether the sender is whom the message names, as far as anybody can tell: no check of it failed."""
    return bool(message.sender.value) and is_claimed(message.proof)


def customer_of(message: Message, facts: Facts, policy: Policy) -> Customer:
    """What counts of what is known of a message's sender; of one whose check failed nothing, since it is forged."""
    if not is_believed(message):
        return NOBODY
    return known_of(message.sender, message.proof, facts, policy)


def known_of(address: Address, proof: Proof, facts: Facts, policy: Policy) -> Customer:
    """What is known of an address; `proof` is how far it is shown to be the sender's."""
    sources = tuple(sources_of(address, facts, policy))
    if not sources:
        return NOBODY
    organisation = next((source.organisation for source in sources if source.organisation), "")
    tags: dict[str, str] = {}
    for source in sources:
        for tag in source.tags:
            whose = f" of {source.organisation or organisation}" if organisation else ""
            unproven = "" if proof in PROVEN else ", unproven"
            tags.setdefault(tag, f"customer_tag {tag}{whose} ({source.name}{unproven})")
    language = next((source.language for source in sources if source.language), "")
    return Customer(organisation=organisation, language=language, tags=tags, sources=sources)


def sources_of(address: Address, facts: Facts, policy: Policy) -> Iterator[Source]:
    """Who says something of an address, nearest first: what the file says of it, what the store says, then of domains.

    Of a domain and one above it the nearer comes first.
    """
    if not address.value:
        return
    if (card := policy.customers.get((address.kind, mailbox_of(address.kind, address.value)))) is not None:
        yield Source(
            name=card.place, place=card.place, organisation=card.organisation, tags=card.tags, language=card.language
        )
    if (contact := facts.contact(address)) is not None:
        yield from _of_contact(contact)
    domains = domains_of(address.value) if address.kind == "mail" else ()
    for domain in domains:
        if (card := policy.customers.get(("domain", domain))) is not None:
            yield Source(
                name=card.place,
                place=card.place,
                organisation=card.organisation,
                tags=card.tags,
                language=card.language,
            )
    for domain in domains:
        if (contact := facts.contact(Address(kind="domain", value=domain))) is not None:
            yield from _of_contact(contact)


def _of_contact(contact: Contact) -> Iterator[Source]:
    if contact.organisation or contact.tags or contact.language:
        yield Source(
            name=f"contact {contact.address.value}",
            organisation=contact.organisation,
            tags=contact.tags,
            language=contact.language,
        )


def language_of(message: Message, facts: Facts, policy: Policy) -> str:
    """What the sender is answered in: as they write or, where that is too short to tell, as is known of them.

    Empty where neither says it.
    """
    return message.language or customer_of(message, facts, policy).language


def reasons(message: Message, facts: Facts, policy: Policy) -> tuple[Reason, ...]:
    """Who the customer is, where anything is known of them beside the language of their last message."""
    known = known_of(message.sender, message.proof, facts, policy)
    sources = [source for source in known.sources if source.organisation or source.tags]
    if not sources:
        return ()
    tags = f"tags {', '.join(known.tags)}" if known.tags else "no tags"
    who = known.organisation or message.sender.value
    evidence = f"{tags}; proof {message.proof}"[:_SHOWN]
    if not is_believed(message):
        return (Reason(part=CUSTOMER, result="nobody", rule="the check of the sender failed", evidence=f"not {who}"),)
    return (
        Reason(
            part=CUSTOMER, result=who, rule=f"known by {sources[0].name}", place=sources[0].place, evidence=evidence
        ),
    )
