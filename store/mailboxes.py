"""Which addresses are one mailbox, however they are spelled, and which are read by nobody: pure."""

import re

# RFC 5230 and RFC 3834, 2, name the first two; the others are what mailing software of the last thirty years writes.
_ROBOT = re.compile(
    r"(mailer-daemon|postmaster|no[-_.]?reply|do[-_.]?not[-_.]?reply|bounces?|listserv|majordomo"
    r"|owner-.{1,64}|.{1,64}-(request|errors|bounces?|noreply))([-+=].{0,200})?"
)


def is_robots(address: str) -> bool:
    """Whether a mail address is one of those that machines have, by what stands before its "@"."""
    return _ROBOT.fullmatch(address.lower().partition("@")[0]) is not None


def mailbox_of(kind: str, address: str) -> str:
    """What stands for all spellings of an address; of a sort that is not "mail", the address itself.

    The case does not matter, nor what stands behind "+", nor which of its spellings a domain has: DNS knows one of them
    (RFC 3490, section 4.1), and whoever may choose another would be counted as somebody else.
    """
    if kind != "mail":
        return address.lower()
    local, at, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}{at}{_in_dns(domain)}"


def _in_dns(domain: str) -> str:
    if domain.isascii():
        return domain.rstrip(".")  # What most are; the codec below would take 20 us to say so.
    try:
        return domain.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:  # It is no domain, and nothing can be sent there.
        return domain
