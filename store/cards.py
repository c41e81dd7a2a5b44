"""What an operator says about a person, as it is kept: pure."""

import msgspec

from store.rows import Contact


class KeptCard(msgspec.Struct, frozen=True, kw_only=True):
    """A person as an operator says that they are, and all that leads to them from now on."""

    contact: Contact
    is_new: bool
    addresses: tuple[Contact, ...]  # The same contact, once for each address that the card names.
    absorbed: tuple[str, ...] = ()  # Contacts that are no others any more: all that was theirs is this one's.
