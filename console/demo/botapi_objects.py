"""The objects of Telegram's Bot API that our own server hands out; https://core.telegram.org/bots/api#available-types."""

import msgspec


class User(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A person or a bot."""

    id: int
    is_bot: bool
    first_name: str
    username: str | None = None
    language_code: str | None = None


class Me(User, frozen=True, kw_only=True, omit_defaults=True):
    """The bot itself, as `getMe` tells it."""

    can_join_groups: bool
    can_read_all_group_messages: bool
    supports_inline_queries: bool


class ChatObject(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A private chat or a group."""

    id: int
    type: str
    title: str | None = None
    first_name: str | None = None


class MessageObject(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message of a chat."""

    message_id: int
    sender: User = msgspec.field(name="from")
    chat: ChatObject
    date: int
    edit_date: int | None = None
    text: str | None = None
    reply_to_message: "MessageObject | None" = None
    migrate_to_chat_id: int | None = None


class Standing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What somebody is in a chat."""

    user: User
    status: str  # "member", "left", "kicked".
    until_date: int | None = None  # Of somebody who was kicked: when that ends; 0: never.


class StandingChange(msgspec.Struct, frozen=True, kw_only=True):
    """The bot was added, removed, blocked or unblocked."""

    chat: ChatObject
    sender: User = msgspec.field(name="from")
    date: int
    old_chat_member: Standing
    new_chat_member: Standing


class WebhookInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Where updates are sent; nowhere, as they are fetched."""

    url: str
    has_custom_certificate: bool
    pending_update_count: int


class Parameters(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a program can do about a refusal; https://core.telegram.org/bots/api#responseparameters."""

    retry_after: int | None = None
    migrate_to_chat_id: int | None = None


class Refusal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The body of every answer that is not a success."""

    ok: bool
    error_code: int
    description: str
    parameters: Parameters | None = None


class Refused(Exception):
    """A call that Telegram would refuse, in its own words."""

    def __init__(self, code: int, description: str, parameters: Parameters | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.body = Refusal(ok=False, error_code=code, description=description, parameters=parameters)
