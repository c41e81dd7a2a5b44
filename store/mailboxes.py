"""Which addresses are one mailbox however they are spelled, in which domains they lie, which nobody reads: pure."""

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


def domains_of(address: str) -> tuple[str, ...]:
    """The domain of a mail address and those above it, as DNS knows them, nearest first; without the last label alone.

    Of what is no mail address none. Of a domain with very many labels the nearest and the last few.
    """
    local, at, domain = address.rpartition("@")
    if not local or not at or "." not in domain:
        return ()
    whole = _in_dns(domain.lower())
    labels = whole.split(".")
    above = [".".join(labels[-many:]) for many in range(min(len(labels) - 1, _PARENTS), 1, -1)]
    return (whole, *above)


_PARENTS = 6  # Labels of a domain above an address's own that is asked for: customers have domains of two or three.


def spelled(written: str) -> tuple[str, str] | None:
    """Kind and value of an address as people write it; None for what is none.

    `ann@acme.example` is a mail address, `acme.example` or `@acme.example` a whole domain (kind "domain", as DNS knows
    it), `telegram:12345` or the number alone a person on Telegram.
    """
    text = written.strip().lower()
    if number := _ON_TELEGRAM.fullmatch(text):
        return "telegram", number[1]
    if _MAIL.fullmatch(text):
        return "mail", text
    domain = _in_dns(text.removeprefix("@"))
    return ("domain", domain) if _DOMAIN.fullmatch(domain) and len(domain) <= _LONGEST_DOMAIN else None


_ON_TELEGRAM = re.compile(r"(?:telegram:)?([0-9]{1,20})")
# Whoever writes *@acme.example means the domain, and would be taken for one mailbox that nobody has.
_MAIL = re.compile(r"(?!\*@)[^\s@<>,;:\"]{1,64}@[^\s@<>,;:\"]{1,253}")
# Two labels at least; an underscore, and a hyphen anywhere, is more than RFC 1035, 2.3.1 allows, and is met.
_DOMAIN = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){1,20}")
_LONGEST_DOMAIN = 253  # RFC 1035, 2.3.4, without the length bytes.


def _in_dns(domain: str) -> str:
    if domain.isascii():
        return domain.rstrip(".")  # What most are; the codec below would take 20 us to say so.
    try:
        return domain.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:  # It is no domain, and nothing can be sent there.
        return domain
