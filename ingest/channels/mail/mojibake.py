"""Text that was UTF-8, was read as Windows-1252 and was written as UTF-8 again, read right. Pure and linear."""

import re

# How Windows-1252 shows the bytes 0x80 to 0x9F; it leaves five of them out.
_BYTES = {
    ord(bytes((code,)).decode("cp1252")): code
    for code in range(0x80, 0xA0)
    if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
# A leading byte of UTF-8 and one that follows it.
_TWICE = re.compile(f"[\u00c2-\u00f4][\u0080-\u00bf{''.join(map(chr, _BYTES))}]")


def mended(text: str) -> str:
    """The text as it was meant; as it stands where any character of it says that this did not happen to it."""
    if text.isascii() or not _TWICE.search(text):
        return text
    try:
        return text.translate(_BYTES).encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text
