"""ISO-2022-JP as mailers write it (RFC 1468): with the characters of NEC and IBM that its standard leaves out. Pure.

Python's own codec refuses a circled digit, which half of the Japanese mailers write; the Windows charset has it, and
holds the same table in another order.
"""

import re

_ESCAPE = re.compile(rb"\x1b(\$[@BA]|\$\([A-Z]|\([BJIH])")
_LINE_ENDS = re.compile(rb"([\r\n]++)")
_TWO_BYTES = (b"$@", b"$B")
_KATAKANA = b"(I"  # JIS X 0201, half-width.
_CELLS = range(0x21, 0x7F)  # What a byte of a character of two can be.


def from_iso2022_jp(data: bytes) -> str:
    """The text; what is in no table becomes U+FFFD."""
    try:
        return data.decode("iso2022_jp_2")
    except UnicodeError:
        pass
    pieces: list[str] = []
    mode = b""
    end = 0
    for match in _ESCAPE.finditer(data):
        pieces.append(_piece(data[end : match.start()], mode))
        mode = match[1]
        end = match.end()
    return "".join([*pieces, _piece(data[end:], mode)])


def _piece(data: bytes, mode: bytes) -> str:
    """What stands between two escapes; a line end inside is one in every mode."""
    if mode in _TWO_BYTES:
        data = b"".join(piece if index % 2 else _shifted(piece) for index, piece in enumerate(_LINE_ENDS.split(data)))
    elif mode == _KATAKANA:
        data = bytes(code | 0x80 if code in _CELLS else code for code in data)
    else:
        return data.decode("utf-8", "replace")
    return data.decode("cp932", "replace")


def _shifted(data: bytes) -> bytes:
    """Characters of two bytes each in Shift_JIS, whose rows are pairs of theirs (JIS X 0208, annex 1)."""
    shifted = bytearray()
    for row, cell in zip(data[::2], data[1::2], strict=False):
        if row not in _CELLS or cell not in _CELLS:
            shifted += b"?"
            continue
        shifted.append(((row - 0x21) >> 1) + (0x81 if row < 0x5F else 0xC1))  # noqa: PLR2004 (row 63 begins the rest)
        skipped = 0x1F if cell < 0x60 else 0x20  # noqa: PLR2004 (0x7F is no cell there)
        shifted.append(cell + (skipped if row % 2 else 0x7E))
    return bytes(shifted)
