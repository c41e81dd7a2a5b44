"""The digest by which a message is known again when it comes by another path."""

from msgspec.structs import replace

from store.codec import digest_of
from store.records import Message


def add_digest(message: Message) -> Message:
    """The step: the digest of the sender, the visible words and the files.

    Letter case, white space and quotes do not count, because mailing lists and gateways wrap lines anew; neither does
    the subject, into which they write their name. Equal digests alone prove nothing: people write "thanks" twice.
    """
    words = " ".join(message.text.casefold().split())
    files = sorted(file.digest for file in message.attachments)
    parts = (message.sender.kind, message.sender.value, words, *files)
    return replace(message, digest=digest_of(*(part.encode("utf-8", "replace") for part in parts)))
