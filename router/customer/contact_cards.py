"""What an operator says about customers: whether it can be so, and what is kept of it."""

import re
from collections.abc import Iterable, Sequence

import msgspec

from router.known import Facts
from router.policy import Policy
from store.cards import KeptCard
from store.codec import derived_id
from store.records import Action, Address, ContactCard, Proof
from store.rows import Contact

DOMAIN = "domain"  # The kind of an address that is a whole mail domain.
LANGUAGE = re.compile(r"[a-z]{2,3}")  # BCP 47, primary tag.
TAG = re.compile(r"[^\s,;+-][^\s,;]{0,63}")  # One word: lists of tags are parted by spaces, commas or semicolons.
MOST_TAGS = 50
LONGEST_ORGANISATION = 200  # Characters.
MOST_ADDRESSES = 50  # Of one person.


def refusal(action: Action, policy: Policy) -> str:
    """Why this cannot be said of anybody; empty where it can."""
    card = action.card
    if not action.actor.startswith("operator:"):
        return "only operators say who customers are: use `deskwire contact`"
    if card is None:
        return "no address is named: name the one that the customer writes from"
    if wrong := next((one for one in card.addresses if policy.is_ours(one)), None):
        return f"{wrong.value} is a channel's, a team's or a technician's: nobody's who could be a customer"
    return unfit(card) or _unfit_changes(action.value.split())


def unfit(card: ContactCard) -> str:
    """Why no customer can have this card; empty where one can."""
    kinds = {address.kind for address in card.addresses}
    if not card.addresses:
        return "no address is named: name the one that the customer writes from"
    if len(card.addresses) > MOST_ADDRESSES:
        return f"{len(card.addresses)} addresses are named, and {MOST_ADDRESSES} is the most of one person"
    if DOMAIN in kinds and len(kinds) > 1:
        return "a whole domain and a person cannot be one contact: give each a card of its own"
    if card.language and not LANGUAGE.fullmatch(card.language):
        return f'"{card.language}" is no code of a language: write two or three small letters, such as en or fa'
    if len(card.organisation) > LONGEST_ORGANISATION:
        return f"the organisation has {len(card.organisation)} characters, and {LONGEST_ORGANISATION} is the most"
    return _unfit_tags(card.tags)


def _unfit_tags(tags: Sequence[str]) -> str:
    wrong = [tag for tag in tags if not TAG.fullmatch(tag)]
    if wrong:
        return f'"{wrong[0]}" is no tag: write one word, such as vip or key-account'
    return f"{len(tags)} tags are named, and {MOST_TAGS} is the most" if len(tags) > MOST_TAGS else ""


def _unfit_changes(changes: Sequence[str]) -> str:
    if bare := [change for change in changes if change[0] not in "+-"]:
        return f'"{bare[0]}" does not say whether the tag comes or goes: write +{bare[0]} or -{bare[0]}'
    return _unfit_tags([change[1:] for change in changes])


def kept(action: Action, facts: Facts) -> KeptCard:
    """What is kept of a card that is not refused.

    What the card leaves empty stays as it is. Contacts that its addresses lead to become one: that of the first
    address which leads to any; what that one lacks it gets from the others, and their tags are added.
    """
    card = action.card
    if card is None:
        raise ValueError("an action on contacts without a card was let through: a defect, report it")
    known = {contact.id: contact for one in card.addresses if (contact := facts.contact(one)) is not None}
    first, *others = [*known.values()] or [_new(card.addresses[0])]
    whole = [first, *others]
    contact = msgspec.structs.replace(
        first,
        organisation=card.organisation or _first(one.organisation for one in whole),
        language=card.language or _first(one.language for one in whole),
        last_person=_first(one.last_person for one in whole),
        tags=_tags(card, whole, action.value),
    )
    return KeptCard(
        contact=contact,
        is_new=not known,
        addresses=tuple(_leading(one, contact, facts) for one in card.addresses),
        absorbed=tuple(one.id for one in others),
    )


def _new(address: Address) -> Contact:
    """As `identity.contact_of` makes it of the first message."""
    return Contact(
        id=derived_id("contact", address.kind, address.value), address=address, proof=Proof.CLAIMED, language=""
    )


def _leading(address: Address, contact: Contact, facts: Facts) -> Contact:
    """The contact, as this address leads to it; what was proven of the address stays."""
    known = facts.contact(address)
    named = address if known is None or address.name else known.address
    return msgspec.structs.replace(contact, address=named, proof=known.proof if known else Proof.CLAIMED)


def _tags(card: ContactCard, contacts: Iterable[Contact], changes: str) -> tuple[str, ...]:
    tags = dict.fromkeys(card.tags or [tag for contact in contacts for tag in contact.tags])
    for change in changes.split():
        if change.startswith("-"):
            tags.pop(change[1:], None)
        else:
            tags[change[1:]] = None
    return tuple(tags)


def _first(values: Iterable[str]) -> str:
    return next(filter(None, values), "")
