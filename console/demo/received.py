"""What customers and technicians have before them: the screens of the phones, and the mailboxes."""

from datetime import datetime
from typing import NamedTuple

from console.demo.botapi import BotApi
from console.demo.cast import GROUPS, PEOPLE
from console.demo.sink import Sink


class Received(NamedTuple):
    """A message of the desk's, where somebody reads it."""

    reader: str  # A chat's number or a mail address.
    at: datetime
    subject: str  # Empty in chats.
    text: str


def received(api: BotApi, sink: Sink) -> tuple[Received, ...]:
    """All of it, oldest first."""
    chats = [
        Received(str(one.id), shown.at, "", shown.text)
        for one in (*PEOPLE, *GROUPS)
        for shown in api.chat(one).messages
    ]
    mails = [Received(mail.recipient, mail.at, mail.subject, mail.text) for mail in sink.mails]
    return tuple(sorted([*chats, *mails], key=lambda one: one.at))
