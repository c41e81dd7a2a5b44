"""Who is the same person: one address leads to one contact, and nothing else does, least of all a name."""

import msgspec

from store.codec import derived_id
from store.records import Message, Proof
from store.rows import Contact

_STRENGTH = {proof: rank for rank, proof in enumerate(Proof)}
_WITH_TOKEN = {Proof.CLAIMED: Proof.TOKEN, Proof.DOMAIN: Proof.TOKEN_AND_DOMAIN}

# Proofs by which a message surely comes from the address that it names, whatever else it carries.
PROVEN_DOMAIN = frozenset({Proof.DOMAIN, Proof.TOKEN_AND_DOMAIN, Proof.SESSION})
# Proofs by which whoever wrote has shown that they read what we send to that address, or more.
PROVEN = PROVEN_DOMAIN | {Proof.TOKEN}
_REFUTED = frozenset({Proof.ANONYMOUS, Proof.FAILED})


def is_claimed(proof: Proof) -> bool:
    """Whether a sender is named and nothing refutes it."""
    return proof not in _REFUTED


def is_no_weaker(proof: Proof, other: Proof) -> bool:
    """Whether one proof shows at least as much as another."""
    return _STRENGTH[proof] >= _STRENGTH[other]


def proven(proof: Proof, *, has_token: bool) -> Proof:
    """How far a message's sender is proven, given that it carries a valid token of exactly this person.

    A failed check stays a failed check: who forges an address may have got hold of a forwarded token, too.
    """
    return _WITH_TOKEN.get(proof, proof) if has_token else proof


def contact_of(message: Message, known: Contact | None, proof: Proof) -> Contact:
    """The person who wrote; `known` is whom the address leads to.

    A stronger proof and a new language are kept. Two messages without an address come from two persons: nothing says
    that they are one.
    """
    if known is None:
        sender = message.sender
        key = ("contact", sender.kind, sender.value) if sender.value else ("contact of", message.id)
        return Contact(id=derived_id(*key), address=sender, proof=proof, language=message.language)
    return msgspec.structs.replace(
        known,
        proof=max(known.proof, proof, key=_STRENGTH.__getitem__),
        language=message.language or known.language,
    )
