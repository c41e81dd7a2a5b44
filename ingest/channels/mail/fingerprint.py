"""What makes two deliveries of one mail the same, and a forged copy another. Pure.

The Message-ID does not: whoever can guess one could have the real mail taken for a duplicate. So it is the whole mail,
less what servers write on the way.
"""

from ingest.channels.mail.headers import Headers
from store.codec import digest_of

_ON_THE_WAY = frozenset(
    ("received", "return-path", "delivered-to", "dkim-signature", "authentication-results", "received-spf")
)
_ON_THE_WAY_PREFIXES = ("x-", "arc-")


def fingerprint(channel: str, headers: Headers, block: bytes, body: bytes) -> str:
    """Equal for two deliveries of the same mail to the same channel.

    A header that was too large to read in full counts byte for byte.
    """
    if headers.cut:
        return digest_of(channel.encode(), block, body)
    kept = [
        name.encode() + b":" + b" ".join(value.split())
        for name, value in headers.fields
        if name not in _ON_THE_WAY and not name.startswith(_ON_THE_WAY_PREFIXES)
    ]
    return digest_of(channel.encode(), b"\n".join([*kept, *headers.strange]), body.rstrip(b"\r\n"))
