"""Opens the blobs that a URL names."""

from pathlib import Path

from store.blobs import Blobs
from store.blobs_file import FileBlobs
from store.blobs_s3 import open_s3
from store.errors import Permanent


def open_blobs(url: str) -> Blobs:
    """The blobs at `file:path` or `s3://bucket/prefix`; nothing is read or written yet.

    Raises Permanent for any other URL.
    """
    kind, _, rest = url.partition(":")
    if kind == "file" and rest:
        return FileBlobs(Path(rest.removeprefix("//")))
    if kind == "s3":
        return open_s3(url)
    raise Permanent(f"blobs are kept at `file:path` or `s3://bucket/prefix`, and this is {url!r}: change `blobs`")
