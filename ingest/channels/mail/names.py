"""What a file of a mail is called: data to show and to save under, never a path. Pure and total."""

import unicodedata

MAX_NAME = 120  # Characters of a file's name.

_RESERVED = frozenset(
    ("con", "prn", "aux", "nul", *(f"com{digit}" for digit in range(10)), *(f"lpt{digit}" for digit in range(10)))
)
_LONGEST_ENDING = 10  # Characters; a longer one means nothing.

# What a file without a name is called by its media type.
_BY_KIND = {
    "text/plain": "document.txt",
    "text/html": "document.html",
    "text/csv": "document.csv",
    "text/calendar": "invitation.ics",
    "text/rfc822-headers": "message.txt",
    "image/jpeg": "image.jpg",
    "image/jpg": "image.jpg",
    "image/png": "image.png",
    "image/gif": "image.gif",
    "image/tiff": "image.tiff",
    "video/quicktime": "video.mov",
    "video/mp4": "video.mp4",
    "audio/mpeg": "audio.mp3",
    "application/pdf": "document.pdf",
    "application/pgp-signature": "signature.asc",
    "application/pkcs7-signature": "smime.p7s",
    "application/pkcs7-mime": "smime.p7m",
    "application/ms-tnef": "winmail.dat",
    "message/rfc822": "message.eml",
    "message/global": "message.eml",
    "message/partial": "message.eml",
    "message/delivery-status": "delivery-status.txt",
    "message/feedback-report": "feedback-report.txt",
    "message/disposition-notification": "receipt.txt",
}
_BY_FAMILY = {"text": "document", "image": "image", "video": "video", "audio": "audio", "message": "message.eml"}


def safe_name(name: str) -> str:
    """A file's name that can be shown and saved: no folder, no invisible or direction-changing character, no device.

    Empty where nothing is left.
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    if not (last.isascii() and last.isprintable() and "  " not in last):
        last = " ".join("".join(" " if char.isspace() else char for char in last if _is_visible(char)).split())
    plain = "".join(char for char in last if char not in '<>:"|?*').strip(". ")
    if plain.split(".")[0].lower() in _RESERVED:
        plain = f"_{plain}"
    stem, dot, ending = plain.rpartition(".")
    if len(plain) > MAX_NAME and dot and len(ending) <= _LONGEST_ENDING:
        return f"{stem[: MAX_NAME - len(ending) - 1]}.{ending}"
    return plain[:MAX_NAME].rstrip(". ")


def name_by_kind(kind: str) -> str:
    """What a file of this media type is called that has no name."""
    return _BY_KIND.get(kind) or _BY_FAMILY.get(kind.partition("/")[0], "file")


def numbered(name: str, taken: set[str]) -> str:
    """The name, or the first of name1, name2 ... that is not taken; it is taken from then on."""
    stem, dot, ending = name.rpartition(".")
    stem, ending = (stem, dot + ending) if dot else (name, "")
    found, number = name, 0
    while found in taken:
        number += 1
        found = f"{stem}{number}{ending}"
    taken.add(found)
    return found


def _is_visible(char: str) -> bool:
    """Not a control, format, surrogate or separator character but a space."""
    return char.isspace() or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
