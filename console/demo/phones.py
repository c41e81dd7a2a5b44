"""Pretend people and groups with Telegram on their phones: what they write to the bot, and what they get from it."""

from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec

from console.demo.botapi_objects import ChatObject, MessageObject, Parameters, Refused, Standing, StandingChange, User
from console.demo.botapi_updates import Updates

_FIRST_UPDATE = 881_204_551  # Any number: a program must not lean on updates beginning at 1.


class Person(msgspec.Struct, frozen=True):
    """Somebody with a phone."""

    id: int
    name: str
    language: str = "en"


class Group(msgspec.Struct, frozen=True):
    """A group that the bot is a member of."""

    id: int  # Negative; a supergroup's begins with -100.
    title: str


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A message of the bot's, as it stands on a screen."""

    number: int
    text: str
    at: datetime
    answers: int | None = None  # The number of the message that it is a reply to.


class Chat:
    """A conversation with the bot."""

    def __init__(self, of: Person | Group) -> None:
        """A person's does not exist for the bot before the person has written; a group has added it already."""
        self.of = of
        self.messages: list[Shown] = []  # Of the bot, in order.
        self.refusal = None if isinstance(of, Group) else Refused(400, "Bad Request: chat not found")
        self.last = 0  # The number of the last message, anybody's.

    @property
    def object(self) -> ChatObject:
        """As the Bot API tells of it."""
        if isinstance(self.of, Group):
            kind = "supergroup" if str(self.of.id).startswith("-100") else "group"
            return ChatObject(id=self.of.id, type=kind, title=self.of.title)
        return ChatObject(id=self.of.id, type="private", first_name=self.of.name)

    def next_number(self) -> int:
        """For one more message."""
        self.last += 1
        return self.last

    def show(self, text: str, *, at: datetime, answers: int | None) -> Shown:
        """Put a message of the bot's on the screens. Raises Refused where it may not write here."""
        if self.refusal is not None:
            raise self.refusal
        shown = Shown(number=self.next_number(), text=text, at=at, answers=answers)
        self.messages.append(shown)
        return shown


class Phones:
    """All that happens on the other side of the Bot API."""

    def __init__(self, bot: User, members: Iterable[Person | Group], now: Callable[[], datetime]) -> None:
        """`now` gives the time that messages carry."""
        self.bot = bot
        self.updates = Updates(_FIRST_UPDATE)
        self.now = now
        self._chats = {member.id: Chat(member) for member in members}

    def chat(self, of: Person | Group) -> Chat:
        """This person's chat with the bot, or this group's."""
        return self._chats[of.id]

    def find(self, number: int) -> Chat:
        """The chat of this number. Raises Refused where there is none."""
        if number not in self._chats:
            raise Refused(400, "Bad Request: chat not found")
        return self._chats[number]

    def say(self, person: Person, text: str, *, group: Group | None = None, answers: int | None = None) -> int:
        """The person writes to the bot, or in a group; returns the message's number."""
        chat = self.chat(group or person)
        if group is None and chat.refusal is not None and chat.refusal.code == _UNKNOWN:
            chat.refusal = None  # Whoever writes to a bot can be written to from then on.
        number = chat.next_number()
        replied = None if answers is None else self._message(chat, self.bot, answers)
        self._put("message", self._message(chat, _user(person), number, text=text, reply_to_message=replied))
        return number

    def correct(self, person: Person, number: int, text: str) -> None:
        """The person edits a message of a private chat."""
        message = self._message(self.chat(person), _user(person), number, text=text, edit_date=self._seconds())
        self._put("edited_message", message)

    def block(self, person: Person) -> None:
        """The person blocks the bot."""
        self._stand(person, "member", "kicked")
        self.chat(person).refusal = Refused(403, "Forbidden: bot was blocked by the user")

    def unblock(self, person: Person) -> None:
        """The person lets the bot write again."""
        self._stand(person, "kicked", "member")
        self.chat(person).refusal = None

    def move(self, group: Group, moved_to: Group, by: Person) -> None:
        """The group becomes a supergroup, which has another number."""
        old = self.chat(group)
        number = old.next_number()
        self._put("message", self._message(old, _user(by), number, migrate_to_chat_id=moved_to.id))
        old.refusal = Refused(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            Parameters(migrate_to_chat_id=moved_to.id),
        )
        self._chats[moved_to.id] = Chat(moved_to)

    def _stand(self, person: Person, old: str, new: str) -> None:
        change = StandingChange(
            chat=self.chat(person).object,
            sender=_user(person),
            date=self._seconds(),
            old_chat_member=self._standing(old),
            new_chat_member=self._standing(new),
        )
        self._put("my_chat_member", change)

    def _standing(self, status: str) -> Standing:
        return Standing(user=self.bot, status=status, until_date=0 if status == "kicked" else None)

    def _message(
        self,
        chat: Chat,
        sender: User,
        number: int,
        *,
        text: str | None = None,
        edit_date: int | None = None,
        reply_to_message: MessageObject | None = None,
        migrate_to_chat_id: int | None = None,
    ) -> MessageObject:
        return MessageObject(
            message_id=number,
            sender=sender,
            chat=chat.object,
            date=self._seconds(),
            text=text,
            edit_date=edit_date,
            reply_to_message=reply_to_message,
            migrate_to_chat_id=migrate_to_chat_id,
        )

    def _put(self, kind: str, content: msgspec.Struct) -> None:
        self.updates.add(kind, msgspec.json.encode(content))

    def _seconds(self) -> int:
        return int(self.now().timestamp())


_UNKNOWN = 400


def _user(person: Person) -> User:
    return User(id=person.id, is_bot=False, first_name=person.name, language_code=person.language)
