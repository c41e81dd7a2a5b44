"""What a `when:` of the settings file may say, and how it becomes a condition."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, model_validator
from pydantic_core import PydanticCustomError

from router.rules.condition_names import AFFECTS, AGE, ATTACHMENTS, HOURS, SENDER, SIZE, compared
from router.rules.conditions import Bound, Condition, Pair
from router.rules.phrases import normalised
from router.rules.plugin_settings import PluginName, plugin_of
from store import durations, sizes
from store.durations import Duration
from store.mailboxes import spelled
from store.sizes import Size


def as_list(value: object) -> object:
    """One value may be written without its brackets; numbers and the like compare as text."""
    several = value if isinstance(value, list | tuple) else [value]
    return [str(item) if isinstance(item, int | float) else item for item in several]


Values = Annotated[tuple[str, ...], BeforeValidator(as_list), Field(min_length=1)]


def _sender(written: str) -> str:
    """As `asked.ways_to_say` calls it."""
    found = spelled(written)
    if found is None:
        raise PydanticCustomError(
            "bad_sender",
            '"{sender}" is no sender: write an address, a domain such as acme.example, or telegram:12345',
            {"sender": written},
        )
    kind, value = found
    return f"@{value}" if kind == "domain" else value


Senders = Annotated[tuple[Annotated[str, AfterValidator(_sender)], ...], BeforeValidator(as_list), Field(min_length=1)]


def _endings(value: object) -> object:
    """true, false, a number, or endings with or without their dot."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and value < 1:
        raise PydanticCustomError(
            "bad_attachments", "{number} files are no condition: write a number from 1, or false", {"number": value}
        )
    listed = value if isinstance(value, int) else as_list(value)
    if not isinstance(listed, list):
        return listed
    endings = [f".{item.lower().lstrip('.')}" if isinstance(item, str) else item for item in listed]
    if wrong := next((item for item in endings if isinstance(item, str) and not _ENDING.fullmatch(item)), None):
        raise PydanticCustomError(
            "bad_attachments",
            '"{ending}" is no ending of a file\'s name: write one such as pdf, a number, true or false',
            {"ending": wrong.removeprefix(".")},
        )
    return endings


_ENDING = re.compile(r"(?:\.[^\s./\\]{1,20}){1,3}")
Files = Annotated[StrictBool | int | Annotated[tuple[str, ...], Field(min_length=1)], BeforeValidator(_endings)]


class Section(BaseModel):
    """A part of the settings file that cannot be changed and has no other keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Placed(Section):
    """One that says where it stands."""

    place: str = Field(
        default="", exclude=True, description="Where it stands in the settings file; written by who reads the file."
    )

    @model_validator(mode="before")
    @classmethod
    def _take_place(cls, data: object) -> object:
        place = getattr(data, "place", "")
        if place and isinstance(data, Mapping) and "place" in data:
            raise PydanticCustomError("unknown_key", '"place" is not a key here: remove it')
        return {**data, "place": place} if place and isinstance(data, Mapping) else data


class HoursAsked(Section):
    """When the message came, by calendars."""

    within: Values | None = Field(default=None, alias="in", description="While one of these calendars is open.")
    outside: Values | None = Field(default=None, description="While none of these calendars is open.")

    @model_validator(mode="after")
    def _asks(self) -> Self:
        if self.within is None and self.outside is None:
            raise PydanticCustomError("empty_hours", "hours asks nothing: write in or outside, and a calendar's name")
        return self

    @property
    def calendars(self) -> tuple[str, ...]:
        """The calendars that are asked about."""
        return (*(self.within or ()), *(self.outside or ()))


class When(Section):
    """Conditions, all of which must hold; in a list one value is enough."""

    words: Values | None = Field(
        default=None, description="Beginnings of words in the subject or the text, or several words in a row."
    )
    hours: HoursAsked | None = Field(default=None, description="When it came: in or outside the hours of calendars.")
    age_over: Duration | None = Field(
        default=None, description="It was under way for longer than this before it came: old mail, a late delivery."
    )
    size_over: Size | None = Field(default=None, description="Its text and files together are larger than this.")
    affects_over: int | None = Field(
        default=None, ge=0, description="More people than this are affected, by the number in the fact affects."
    )
    sender: Senders | None = Field(
        default=None, description="Who wrote: an address, everybody of a domain such as acme.example, telegram:12345."
    )
    attachments: Files | None = Field(
        default=None, description="Whether it has files: true, false, at least how many, or endings of their names."
    )
    plugin: Annotated[tuple[PluginName, ...], BeforeValidator(as_list), Field(min_length=1)] | None = Field(
        default=None, description="A function of yours, module.name, that takes the message and returns true or false."
    )
    unless: "When | None" = Field(default=None, alias="not", description="Conditions that must not all hold.")
    values: dict[str, Values] = Field(
        default_factory=dict,
        exclude=True,
        description="Every other key: channel, language, organisation, customer_tag, category, priority, "
        "impact, urgency or any fact, and what it may be.",
    )

    @model_validator(mode="before")
    @classmethod
    def _sort_keys(cls, data: object) -> object:
        """Every key that is no condition by itself is the name of a value."""
        if not isinstance(data, Mapping):
            return data
        own = {key: value for key, value in data.items() if key in _OWN}
        return {**own, "values": {key: value for key, value in data.items() if key not in own}}

    def compiled(self) -> Condition:
        """In the form that deciding reads."""
        return Condition(
            words=tuple(filter(None, map(normalised, self.words or ()))),
            values=(
                *_values(self.values),
                *_of_senders(self.sender),
                *_of_hours(self.hours),
                *_of_files(self.attachments),
            ),
            bounds=tuple(self._bounds()),
            unless=self.unless.compiled() if self.unless else None,
            plugins=tuple(map(plugin_of, self.plugin or ())),
        )

    def _bounds(self) -> Iterator[Bound]:
        if self.age_over is not None:
            yield Bound(AGE, self.age_over / timedelta(seconds=1), f"over {durations.written(self.age_over)}")
        if self.size_over is not None:
            yield Bound(SIZE, self.size_over, f"over {sizes.written(self.size_over)}")
        if self.affects_over is not None:
            yield Bound(AFFECTS, self.affects_over, f"over {self.affects_over}")
        if isinstance(self.attachments, int) and not isinstance(self.attachments, bool):
            yield Bound(ATTACHMENTS, self.attachments - 1, f"at least {self.attachments}")

    def phrases(self) -> Iterator[str]:
        """Every word that is asked for."""
        yield from self.words or ()
        if self.unless:
            yield from self.unless.phrases()

    def calendars(self) -> Iterator[str]:
        """Every calendar that is asked about."""
        yield from self.hours.calendars if self.hours else ()
        if self.unless:
            yield from self.unless.calendars()


_OWN = {field.alias or name for name, field in When.model_fields.items() if not field.exclude}


def _values(asked: Mapping[str, tuple[str, ...]]) -> Iterator[frozenset[Pair]]:
    for name, several in asked.items():
        yield frozenset((name, compared(name, value)) for value in several)


def _of_senders(senders: tuple[str, ...] | None) -> Iterator[frozenset[Pair]]:
    if senders is not None:
        yield frozenset((SENDER, sender) for sender in senders)


def _of_hours(hours: HoursAsked | None) -> Iterator[frozenset[Pair]]:
    if hours is not None and hours.within:
        yield frozenset((HOURS, f"in {calendar}") for calendar in hours.within)
    for calendar in hours.outside or () if hours is not None else ():
        yield frozenset({(HOURS, f"outside {calendar}")})


def _of_files(files: bool | int | tuple[str, ...] | None) -> Iterator[frozenset[Pair]]:
    """Whoever asks for a number or an ending asks for some, too: so it is seen which rule takes another's messages."""
    if files is not None:
        yield frozenset({(ATTACHMENTS, "none" if files is False else "some")})
    if isinstance(files, tuple):
        yield frozenset((ATTACHMENTS, ending) for ending in files)
