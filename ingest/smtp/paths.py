"""What the MAIL and RCPT commands name: an address and options (RFC 5321, 4.1.2), read strictly and in linear time."""

import re
from collections.abc import Sequence
from typing import NamedTuple

_PATH = re.compile(r"(?:<([^<>]*)>|([^<>\s]+))(?:\s+(.*))?")
_ADDRESS = re.compile(r"[^\x00-\x20\x7f\ud800-\udfff]{1,320}")  # 64 + 1 + 255 (RFC 5321, 4.5.3.1); no lone surrogates.
_MAIL_OPTIONS = re.compile(r"SIZE=\d{1,20}|BODY=7BIT|BODY=8BITMIME|SMTPUTF8", re.IGNORECASE)


class Path(NamedTuple):
    """The argument of MAIL or RCPT."""

    address: str  # Empty: the null path.
    options: Sequence[str]

    def is_storable(self) -> bool:
        """Whether the address may go into a record: no control character, no broken UTF-8, not too long."""
        return not self.address or _ADDRESS.fullmatch(self.address) is not None

    def has_mail_options(self) -> bool:
        """Whether all options are ones that MAIL may have here."""
        return all(_MAIL_OPTIONS.fullmatch(option) for option in self.options)

    def declared_size(self) -> int:
        """Bytes, as SIZE says (RFC 1870); 0 where it does not."""
        return next((int(option[5:]) for option in self.options if option[:5].upper() == "SIZE="), 0)


def path_in(keyword: str, argument: str | None) -> Path | None:
    """The path behind "FROM:" or "TO:"; None where the command is not written like one."""
    if argument is None or argument[: len(keyword)].upper() != keyword:
        return None
    match = _PATH.fullmatch(argument[len(keyword) :].strip())
    if match is None:
        return None
    address = (match[1] if match[1] is not None else match[2]).strip()
    if address.startswith("@"):  # A source route, to be passed over: "@relay,@relay:user@domain" (RFC 5321, C).
        address = address.partition(":")[2]
    return Path(address, (match[3] or "").split())
