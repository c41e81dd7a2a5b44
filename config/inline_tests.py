"""The section `tests:`: messages that somebody made up, and what must be decided about each."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, model_validator

from config.expected import FIELDS


class Expected(BaseModel):
    """What must come out; what is not named may be anything."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: str | None = Field(default=None, description="The language that it is told to be in.")
    category: str | None = Field(default=None, description="What it is about.")
    priority: str | None = Field(default=None, description="How important it is.")
    team: str | None = Field(default=None, description="Which team gets it.")
    person: str | None = Field(default=None, description="Which person gets it.")

    @property
    def fields(self) -> Mapping[str, str]:
        """What is named, in the order in which it is decided."""
        values = ((name, getattr(self, name)) for name in FIELDS)
        return {name: value for name, value in values if value is not None}


class InlineTest(BaseModel):
    """One of them."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    text: str = Field(min_length=1, max_length=10_000, description="What the customer writes.")
    subject: str = Field(default="", max_length=1000, description="Its subject.")
    channel: str = Field(default="", description="The channel that it comes in by; absent: the first one.")
    sender: str = Field(default="", alias="from", description="Who writes: a mail address or a chat user's number.")
    at: datetime | None = Field(
        default=None, description="When, by the site's clocks: 2026-11-20 16:40; absent: noon of a Wednesday."
    )
    language: str = Field(default="", description="The language, if it is not to be told from the text.")
    facts: dict[str, str] = Field(
        default_factory=dict, exclude=True, description="Every other key: a fact, such as affects, and its value."
    )
    expect: Expected = Field(description="What must come out.")

    @model_validator(mode="before")
    @classmethod
    def _sort_keys(cls, data: object) -> object:
        """Every key that is not one of the test's own is the name of a fact."""
        if not isinstance(data, Mapping):
            return data
        own = {"from", *cls.model_fields} - {"facts"}
        facts = {key: str(value) if isinstance(value, int | float) else value for key, value in data.items()}
        return {
            **{key: value for key, value in data.items() if key in own},
            "facts": {key: value for key, value in facts.items() if key not in own},
        }
