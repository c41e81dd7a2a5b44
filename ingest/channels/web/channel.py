"""A form on the web as a channel: its settings, its pages, and why it answers nobody by itself."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Literal, Self

import msgspec
from pydantic import BeforeValidator, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError
from starlette.routing import BaseRoute, Route

from ingest.channel import Capabilities, ChannelSettings, Parts
from ingest.channels.web.decode import Decoding
from ingest.channels.web.form import Form, Limits
from ingest.channels.web.render import STYLE, Pages, Topics
from ingest.channels.web.sent import Sent
from ingest.channels.web.validate import Shape
from ingest.intake import Intake
from store.durations import Delay, Duration
from store.errors import Permanent
from store.outgoing import Outgoing, Receipt
from store.records import MAX_TEXT, Address, Fact

DECODER = "ingest.channels.web.decode:decode"

Name = Literal["name", "email", "topic", "affects", "message"]

_RESERVED = frozenset({"topic", "language_hint", "suspect"})
_MOST_TOPICS = 7  # More radio buttons than that nobody reads.


def _now(field: object) -> object:
    if field == "files":
        raise PydanticCustomError(
            "not_yet", 'a form cannot ask for "{later}" in this version: remove it from the fields', {"later": field}
        )
    return field


class Settings(ChannelSettings):
    """An entry of type `web` under `channels:`."""

    path: str = Field(
        default="/f/help",
        pattern=r"^(/[a-z0-9][a-z0-9_-]*)+$",
        description="Where the form is, below the HTTP listener; every form has its own.",
    )
    fields: tuple[Annotated[Name, BeforeValidator(_now)], ...] = Field(
        default=("name", "email", "message"),
        description="What it asks, in this order: name, email, topic, affects, message.",
    )
    optional: frozenset[Name] = Field(
        default=frozenset({"name"}), description="Which of the fields may be left empty; never the message."
    )
    topics: Mapping[str, Mapping[str, str]] = Field(
        default={},
        description="The choices of field topic: a name for the rules, and its label by language, such as "
        "billing: {en: Invoices, pl: Faktury}; absent: the categories of classify.",
    )
    reply_through: str = Field(
        default="",
        description="The mail channel that carries answers to the address that was typed; absent: the first "
        "that sends, of several the first that sets the same facts.",
    )
    title: Mapping[str, str] = Field(
        default={}, description="The heading of the form by language; empty: the built-in one."
    )
    wait: Delay = Field(
        default=timedelta(seconds=2),
        le=timedelta(seconds=10),
        description="How long the page after sending waits for the ticket's number.",
    )
    waiting: int = Field(
        default=50,
        ge=0,
        description="How many such pages wait at once; a page beyond that does not wait, it refreshes.",
    )
    refreshes: int = Field(
        default=30, ge=0, le=1000, description="How often that page asks again by itself before it stops."
    )
    longest_message: int = Field(default=20_000, ge=100, le=MAX_TEXT, description="Characters that a message may have.")
    max_fields: int = Field(default=50, ge=10, description="Fields that a request may have, known or not.")
    accept_within: Duration = Field(
        default=timedelta(seconds=10),
        description="How long a message may take to be durable, before the customer is asked to try again.",
    )

    @field_validator("fields")
    @classmethod
    def _each_once_and_a_message(cls, fields: tuple[Name, ...]) -> tuple[Name, ...]:
        twice = sorted({name for name in fields if fields.count(name) > 1})
        if twice:
            raise ValueError(f"field {twice[0]!r} stands twice: name each field once")
        if "message" not in fields:
            raise ValueError("a form without the field 'message' says nothing: add it")
        return fields

    @field_validator("topics")
    @classmethod
    def _labelled(cls, topics: Mapping[str, Mapping[str, str]]) -> Mapping[str, Mapping[str, str]]:
        if len(topics) > _MOST_TOPICS:
            raise ValueError(f"{len(topics)} topics were found, and {_MOST_TOPICS} are the most: put some together")
        for name, labels in topics.items():
            if not all(label.strip() for label in labels.values()) or not labels:
                raise ValueError(f"topic {name!r} has an empty label or none: write it, such as {{en: Invoices}}")
        return topics

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if "message" in self.optional:
            raise ValueError("the field 'message' cannot be optional: remove it from optional")
        if "email" in self.fields and not self.reply_through:
            raise ValueError(
                "the form asks for an e-mail address, and nothing says how answers reach it: set reply_through to the "
                "name of a mail channel, or remove 'email' from the fields"
            )
        if self.topics and "topic" not in self.fields:
            raise ValueError("the form has topics and asks for none of them: add 'topic' to the fields")
        taken = sorted((_RESERVED | {"affects"}.intersection(self.fields)) & self.sets.keys())
        if taken:
            raise ValueError(f"the form itself writes the fact {taken[0]!r}: give the one under sets another name")
        return self

    @property
    def claims(self) -> Sequence[str]:
        """The form's path; what is below it is the form's too."""
        return (self.path,)

    @property
    def replies_through(self) -> str:
        """A mail channel, because nothing can be sent to a form."""
        return self.reply_through

    @property
    def offers_categories(self) -> bool:
        """Where it asks for a topic, and has none of its own."""
        return "topic" in self.fields and not self.topics


class WebChannel:
    """One form."""

    capabilities = Capabilities(longest_text=MAX_TEXT)

    def __init__(self, name: str, settings: Settings, parts: Parts) -> None:
        """`open_channel` makes it."""
        self.name = name
        self._settings = settings
        self._parts = parts
        self._intake: Intake | None = None

    @property
    def addresses(self) -> Sequence[Address]:
        """None: nothing comes from a form but what customers type."""
        return ()

    @property
    def decoding(self) -> msgspec.Struct:
        """The way of answers, and the facts of this form."""
        facts = tuple(Fact(name=name, value=value) for name, value in self._settings.sets.items())
        return Decoding(reply_through=self._settings.reply_through, sets=facts)

    async def receive(self, intake: Intake) -> None:
        """Let the form accept, until cancelled; before and after, it asks customers to come again."""
        self._intake = intake
        try:
            await asyncio.Event().wait()
        finally:
            self._intake = None

    def prepare(self, outgoing: Outgoing) -> bytes:
        """Raises Permanent: see `send`."""
        raise Permanent(
            f"{self.name} is a form, which nothing can be sent to (ticket {outgoing.ticket}): answers go through the "
            "mail channel that its setting reply_through names"
        )

    async def send(self, payload: bytes, address: str) -> Receipt:
        """Raises Permanent: a form cannot be answered on itself, and `decode` never names it as a way to answer."""
        raise Permanent(
            f"{self.name} is a form, which nothing can be sent to ({len(payload)} bytes for {len(address)} characters "
            "of an address): answers go through the mail channel that its setting reply_through names"
        )

    def routes(self) -> Sequence[BaseRoute]:
        """The form, its page after sending, and their style sheet."""
        settings, parts = self._settings, self._parts
        pages = self._pages()
        limits = Limits(max_fields=settings.max_fields, accept_within=settings.accept_within.total_seconds())
        form = Form(
            self.name, pages, self._shape, limits, key=parts.key, site_url=parts.site.url, intake=lambda: self._intake
        )
        sent = Sent(
            self.name,
            pages,
            key=parts.key,
            database=parts.database,
            wait=settings.wait.total_seconds(),
            waiting=settings.waiting,
            refreshes=settings.refreshes,
        )
        return (
            Route(settings.path, form.answer, methods=["GET", "POST"]),
            Route(f"{settings.path}/sent/{{reference}}", sent.answer, methods=["GET"]),
            Route(f"{settings.path}/{STYLE}", form.style, methods=["GET"]),
        )

    async def close(self) -> None:
        """Nothing is kept open."""

    def _shape(self) -> Shape:
        return Shape(
            fields=self._settings.fields,
            optional=frozenset(self._settings.optional),
            topics=tuple(self._topics()),
            longest_message=self._settings.longest_message,
        )

    def _topics(self) -> Topics:
        """As they are now: categories change with the settings file while the desk runs."""
        return self._parts.categories() if self._settings.offers_categories else self._settings.topics

    def _pages(self) -> Pages:
        site = self._parts.site
        return Pages(
            path=self._settings.path,
            site=site.name,
            languages=site.languages,
            titles=self._settings.title,
            shape=self._shape(),
            topics=self._topics,
        )


def open_channel(name: str, settings: Settings, parts: Parts) -> WebChannel:
    """The channel of this name; does no I/O."""
    return WebChannel(name, settings, parts)
