"""What the settings file says about the people who work here, and how it becomes a `Staff`."""

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Self

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from router.crew.team_settings import TeamSettings
from router.crew.teams import Person
from router.rules.condition_settings import Section
from router.technicians.staff import Staff, Technician
from store.records import Address

_LANGUAGE = re.compile(r"[a-z]{2,3}")  # BCP 47, primary tag.
_MAILBOX = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+")


class PersonSettings(Section):
    """Somebody who works here."""

    name: str = Field(
        default="", min_length=1, max_length=80, description="What colleagues and customers read; absent: the key."
    )
    mail: str | None = Field(
        default=None, description="The address that they write from: mail from it, once proven, acts on tickets."
    )
    telegram: int | None = Field(
        default=None, gt=0, description="The number of their Telegram account, where alerts for them alone go."
    )
    speaks: tuple[str, ...] = Field(default=(), description="The languages that they answer in, such as pl.")
    skills: tuple[str, ...] = Field(default=(), description="Categories and customers' tags that they know best.")
    role: str = Field(default="", max_length=40, description="manager, or whatever else you call what they do.")

    @field_validator("mail")
    @classmethod
    def _is_an_address(cls, mail: str | None) -> str | None:
        if mail is not None and not _MAILBOX.fullmatch(mail.strip()):
            raise PydanticCustomError(
                "bad_address", '"{mail}" is no mail address: write one such as ola@example.org', {"mail": mail}
            )
        return mail.strip().lower() if mail is not None else None

    @field_validator("speaks")
    @classmethod
    def _are_languages(cls, languages: tuple[str, ...]) -> tuple[str, ...]:
        for language in languages:
            if not _LANGUAGE.fullmatch(language):
                raise PydanticCustomError(
                    "bad_language",
                    '"{language}" is no code of a language: write two or three small letters, such as en or fa',
                    {"language": language},
                )
        return languages

    @model_validator(mode="after")
    def _is_reachable(self) -> Self:
        if self.mail is None and self.telegram is None:
            raise PydanticCustomError(
                "no_address", "nothing reaches this person: write mail, telegram or both, as in mail: ola@example.org"
            )
        return self


def staff_of(people: Mapping[str, PersonSettings], teams: Mapping[str, TeamSettings]) -> Staff:
    """The people by their addresses, and the teams that work in mailboxes by theirs."""
    mailboxes: defaultdict[str, list[Technician]] = defaultdict(list)
    for name, team in teams.items():
        if team.workspace.mail is not None:
            value = team.workspace.mail.strip().lower()
            mailboxes[value].append(Technician(actor=f"team:{name}", address=_mail(value, name)))
    return Staff(
        people={
            person.mail: Technician(actor=f"person:{name}", address=_mail(person.mail, person.name))
            for name, person in people.items()
            if person.mail is not None
        },
        mailboxes={value: tuple(several) for value, several in mailboxes.items()},
    )


def people_of(people: Mapping[str, PersonSettings]) -> Mapping[str, Person]:
    """The people by their keys."""
    return {
        key: Person(
            key=key,
            name=person.name,
            speaks=person.speaks,
            skills=frozenset(person.skills),
            role=person.role,
            mail=_mail(person.mail, person.name) if person.mail is not None else None,
            telegram=_telegram(person.telegram, person.name) if person.telegram is not None else None,
        )
        for key, person in people.items()
    }


def _telegram(number: int, name: str) -> Address:
    return Address(kind="telegram", value=str(number), name=name)


def _mail(value: str, name: str) -> Address:
    return Address(kind="mail", value=value, name=name)
