"""What the settings file says of customers: section `customers`, by address or by domain."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, field_validator
from pydantic_core import PydanticCustomError

from router.customer.contact_cards import LANGUAGE, LONGEST_ORGANISATION, MOST_TAGS, TAG
from router.policy import Card
from router.rules.condition_settings import Placed, as_list
from store.mailboxes import mailbox_of, spelled


def _is_customer(written: str) -> str:
    if spelled(written) is None:
        raise PydanticCustomError(
            "bad_customer",
            '"{name}" is no customer: write an address, a domain such as acme.example, or telegram:12345',
            {"name": written},
        )
    return written


CustomerName = Annotated[str, AfterValidator(_is_customer)]
"""An address, or a domain for everybody who writes from there."""


class KnownCustomer(Placed):
    """Whoever writes from an address, or from a domain."""

    organisation: str = Field(
        default="", max_length=LONGEST_ORGANISATION, description="What conditions and alerts call it."
    )
    tags: Annotated[tuple[str, ...], BeforeValidator(as_list)] = Field(
        default=(), max_length=MOST_TAGS, description="Words of your own that customer_tag asks for."
    )
    language: str = Field(default="", description="What they are answered in where they write too little to tell.")

    @field_validator("tags")
    @classmethod
    def _are_words(cls, tags: tuple[str, ...]) -> tuple[str, ...]:
        if wrong := next((tag for tag in tags if not TAG.fullmatch(tag)), None):
            raise PydanticCustomError(
                "bad_tag", '"{tag}" is no tag: write one word, such as vip or key-account', {"tag": wrong}
            )
        return tags

    @field_validator("language")
    @classmethod
    def _is_code(cls, language: str) -> str:
        if language and not LANGUAGE.fullmatch(language):
            raise PydanticCustomError(
                "bad_language",
                '"{language}" is no code of a language: write two or three small letters, such as en or fa',
                {"language": language},
            )
        return language


def cards_of(customers: Mapping[str, KnownCustomer]) -> Mapping[tuple[str, str], Card]:
    """The cards by kind and value, in the form in which senders are looked up."""
    cards = {}
    for written, known in customers.items():
        found = spelled(written)
        if found is not None:
            kind, value = found
            cards[kind, value if kind == "domain" else mailbox_of(kind, value)] = Card(
                organisation=known.organisation, tags=known.tags, language=known.language, place=known.place
            )
    return cards
