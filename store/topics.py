"""The topics of the log, and what each one's key promises about order."""

RAW = "deskwire.raw"
MESSAGES = "deskwire.messages"
ACTIONS = "deskwire.actions"
EVENTS = "deskwire.events"
DEAD = "deskwire.dead"

TOPICS = (RAW, MESSAGES, ACTIONS, EVENTS, DEAD)

# A record of more bytes than this goes by reference to a blob: brokers refuse records over about 1 MB
# (Kafka, `message.max.bytes`), and one mail must not fill a consumer's fetch.
MAX_RECORD = 512 * 1024


def source_key(channel: str, source: str) -> str:
    """The key of `raw` and `messages`: one source's messages stay in the order in which its channel gave them.

    `source` is the sender's address or the chat; for a mail with a null sender its Message-ID; for a staff chat the
    person.
    """
    return f"{channel}|{source}"
