"""What the settings file says about the people who work here, and how it becomes a `Staff`."""

import re
from collections import defaultdict
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from router.settings import TeamSettings
from router.staff import Staff, Technician
from store.records import Address

_MAILBOX = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+")


class PersonSettings(BaseModel):
    """Somebody who works here."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=80, description="What colleagues and customers read.")
    mail: str = Field(description="The address that they write from: mail from it, once proven, acts on tickets.")

    @field_validator("mail")
    @classmethod
    def _is_an_address(cls, mail: str) -> str:
        if not _MAILBOX.fullmatch(mail.strip()):
            raise PydanticCustomError(
                "bad_address", '"{mail}" is no mail address: write one such as ola@example.org', {"mail": mail}
            )
        return mail.strip().lower()


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
        },
        mailboxes={value: tuple(several) for value, several in mailboxes.items()},
    )


def _mail(value: str, name: str) -> Address:
    return Address(kind="mail", value=value, name=name)
