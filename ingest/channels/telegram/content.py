"""What a Telegram message brings beside its text, said in a line, so that nothing of it goes unseen."""

from ingest.channels.telegram.fields import Fields

# https://core.telegram.org/bots/api#message as of Bot API 10.3: first what surrounds a message, then what Telegram
# itself puts into a chat. Every other field is content, fields of later versions included.
_AROUND = """
    message_id message_thread_id direct_messages_topic from sender_chat sender_boost_count sender_business_bot
    sender_tag date business_connection_id chat forward_origin forward_from forward_from_chat
    forward_from_message_id forward_signature forward_sender_name forward_date is_topic_message is_automatic_forward
    reply_to_message external_reply quote reply_to_story reply_to_checklist_task_id reply_to_poll_option_id via_bot
    edit_date has_protected_content is_from_offline is_paid_post media_group_id author_signature paid_star_count
    text entities link_preview_options suggested_post_info effect_id caption caption_entities
    show_caption_above_media has_media_spoiler reply_markup
"""
_SERVICE = """
    new_chat_members new_chat_member new_chat_participant left_chat_member left_chat_participant chat_owner_left
    chat_owner_changed new_chat_title new_chat_photo delete_chat_photo group_chat_created supergroup_chat_created
    channel_chat_created message_auto_delete_timer_changed migrate_to_chat_id migrate_from_chat_id pinned_message
    users_shared user_shared chat_shared connected_website write_access_allowed proximity_alert_triggered
    boost_added chat_background_set forum_topic_created forum_topic_edited forum_topic_closed forum_topic_reopened
    general_forum_topic_hidden general_forum_topic_unhidden giveaway_created giveaway_completed video_chat_scheduled
    video_chat_started video_chat_ended video_chat_participants_invited
"""
# What to say of a kind of content beside its name. A file is named and not fetched yet.
_FILES = {
    "animation": ("file_name",),
    "audio": ("performer", "title", "file_name"),
    "document": ("file_name",),
    "paid_media": (),
    "photo": (),
    "sticker": ("emoji",),
    "video": ("file_name",),
    "video_note": (),
    "voice": (),
}
_DETAILS = _FILES | {
    "contact": ("first_name", "last_name", "phone_number"),
    "dice": ("emoji", "value"),
    "location": ("latitude", "longitude"),
    "poll": ("question",),
    "venue": ("title", "address"),
}
# Telegram repeats these inside a message for programs that do not know the newer kind yet.
_REPEATED = {"animation": "document", "venue": "location"}

_LONGEST = 256  # Characters of a line: a file's name may be of any length.


def contents(message: Fields) -> tuple[str, ...]:
    """The kinds of content beside text, by the names of their fields; empty for a plain text."""
    around = {*_AROUND.split(), *_SERVICE.split()}
    kinds = [name for name in message if name not in around]
    repeated = {_REPEATED[kind] for kind in kinds if kind in _REPEATED}
    return tuple(kind for kind in kinds if kind not in repeated)


def files(message: Fields) -> tuple[str, ...]:
    """The kinds of the files that came with a message."""
    return tuple(kind for kind in contents(message) if kind in _FILES)


def is_service(message: Fields) -> bool:
    """Whether this is a note of Telegram's own, such as of a pinned message."""
    return not contents(message) and any(name in _SERVICE.split() for name in message)


def line_of(message: Fields, kind: str) -> str:
    """One line that stands for this content: "[photo]", "[document: invoice.pdf]"."""
    part = message.part(kind)
    details = " ".join(filter(None, (part.shown(name) for name in _DETAILS.get(kind, ()))))
    line = " ".join(f"{kind}: {details}".split()) if details else kind
    return f"[{line[:_LONGEST]}]"
