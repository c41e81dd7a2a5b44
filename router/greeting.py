"""Whether a message is nothing but a greeting, which says that somebody is there and not yet what they need."""

import itertools

from router.rules.phrases import normalised
from store.records import Message, Proof

# By themselves or one after another, at most four words: "hi", "hello there", "dzień dobry, witam".
_GREETINGS = (
    "hi hello hey hiya there greetings good morning afternoon evening day everyone all team "
    "cześć hej witam witaj siema dzień dobry wieczór "
    "привет приветик здравствуй здравствуйте добрый день доброе утро вечер доброго времени суток хай "
    "سلام درود صبح عصر روز شب بخیر وقت وقتتون بخير خسته نباشید نباشی علیکم و "
    "السلام عليكم مرحبا"
)
_WORDS = frozenset(itertools.chain.from_iterable(normalised(word).split() for word in _GREETINGS.split()))
_MOST_WORDS = 4
_WAVES = frozenset("👋🙋🤚✋🖐🙏")


def is_greeting(message: Message) -> bool:
    """True only in a chat that vouches for its person, and for a message without files or a subject."""
    if message.proof is not Proof.SESSION or message.attachments or message.subject or not message.reply_path:
        return False
    words = normalised(message.text).split()
    if words:
        return len(words) <= _MOST_WORDS and _WORDS.issuperset(words)
    return not _WAVES.isdisjoint(message.text)
