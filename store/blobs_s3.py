"""Blobs in S3, or in anything that speaks its protocol; needs the extra `s3`."""

import asyncio
import contextlib
import hashlib
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from store.blobs_spool import Spool
from store.errors import Permanent, Temporary

if TYPE_CHECKING:
    from obstore.store import S3Config, S3Store

_CONNECT_TIMEOUT = timedelta(seconds=5)
_TIMEOUT = timedelta(seconds=30)  # For a whole request: our largest blob in 30 s is 1 MB/s.
_RETRY_FOR = timedelta(seconds=20)  # Within one call; after it the caller's own back-off goes on.
_PART = 5 * 1024 * 1024  # Bytes; the smallest part that S3 takes (Amazon S3, multipart upload limits).
_PARTS_AT_ONCE = 2  # Of one blob: what is being sent stands in memory.
_OPTIONS = {"endpoint", "region"}


class S3Blobs:
    """Keeps blobs as objects of a bucket, named by their hash.

    It calls obstore from threads: what its asynchronous calls leave behind aborts a process that ends soon after one
    (obstore 0.12.1).
    """

    def __init__(self, store: "S3Store", where: str) -> None:
        """`where` names the bucket in errors."""
        self._store = store
        self._where = where

    async def put(self, content: bytes) -> str:
        """As `Blobs.put`. Putting the same content again overwrites it with itself."""
        from obstore.exceptions import BaseError  # noqa: PLC0415 (the core works without the extra)

        key = hashlib.sha256(content).hexdigest()
        try:
            await asyncio.to_thread(self._store.put, key, content)
        except BaseError as error:
            raise Temporary(f"a blob cannot be kept in {self._where} ({_words(error)})") from error
        return key

    async def begin(self) -> "S3Writer":
        """As `Blobs.begin`."""
        return S3Writer(self, await asyncio.to_thread(_spool))

    async def get(self, key: str) -> bytes:
        """As `Blobs.get`; also raises Temporary where the store does not answer."""
        from obstore.exceptions import BaseError  # noqa: PLC0415 (the core works without the extra)

        try:
            content = await asyncio.to_thread(self._get, key)
        except FileNotFoundError as error:
            raise Permanent(f"there is no blob {key} in {self._where}: restore it from a backup") from error
        except BaseError as error:
            raise Temporary(f"the blob {key} in {self._where} cannot be read ({_words(error)})") from error
        if hashlib.sha256(content).hexdigest() != key:
            raise Permanent(f"the blob {key} in {self._where} is damaged: its content has another hash; restore it")
        return content

    async def close(self) -> None:
        """The client closes its connections by itself."""

    def _get(self, key: str) -> bytes:
        return bytes(self._store.get(key).bytes())

    def send(self, spool: Spool) -> str:
        """Put what a spool holds, for a thread; raises Temporary."""
        from obstore.exceptions import BaseError  # noqa: PLC0415 (the core works without the extra)

        with _sorting():
            key = spool.seal()
            spool.file.seek(0)
        try:
            self._store.put(
                key, spool.file, use_multipart=spool.size > _PART, chunk_size=_PART, max_concurrency=_PARTS_AT_ONCE
            )
        except (BaseError, OSError) as error:
            raise Temporary(f"a blob cannot be kept in {self._where} ({_words(error)})") from error
        return key


class S3Writer:
    """A blob of S3 on its way; see `BlobWriter`.

    It waits in a nameless file of this machine until its name, its hash, is known.
    """

    def __init__(self, blobs: S3Blobs, spool: Spool) -> None:
        """`S3Blobs.begin` makes it."""
        self._blobs = blobs
        self._spool = spool

    async def write(self, piece: bytes) -> None:
        """As `BlobWriter.write`."""
        await asyncio.to_thread(self._fill, piece)

    async def finish(self) -> str:
        """As `BlobWriter.finish`."""
        key = await asyncio.to_thread(self._blobs.send, self._spool)
        await self.abandon()
        return key

    async def abandon(self) -> None:
        """As `BlobWriter.abandon`."""
        await asyncio.to_thread(self._spool.close)

    def _fill(self, piece: bytes) -> None:
        with _sorting():
            self._spool.add(piece)


def open_s3(url: str) -> S3Blobs:
    """The blobs at `s3://bucket/prefix?endpoint=...&region=...`; connects when it is first used.

    The credentials come from the environment as Amazon's own tools read them (`AWS_ACCESS_KEY_ID` and so on).
    Raises Permanent where the URL names no bucket or the extra is not installed.
    """
    try:
        from obstore.store import S3Store  # noqa: PLC0415 (the core works without the extra)
    except ImportError as error:
        raise Permanent("blobs in S3 need the extra `s3`: install `deskwire[s3]`, or keep blobs in a folder") from error
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    unknown = sorted(options.keys() - _OPTIONS)
    if not parts.netloc or "@" in parts.netloc or unknown:
        # The values are not said: what people write here by mistake is their secret key.
        found = f"has {', '.join(unknown)}" if unknown else "does not name a bucket, and a bucket alone"
        raise Permanent(
            f"blobs in S3 are `s3://bucket/prefix?endpoint=...&region=...`, and this address {found}; "
            "credentials come from the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)"
        )
    config: S3Config = {}  # Of what is left out obstore would take no None; it asks the environment.
    if endpoint := options.get("endpoint"):
        config["endpoint"] = endpoint
    if region := options.get("region"):
        config["region"] = region
    store = S3Store(
        parts.netloc,
        prefix=parts.path.strip("/") or None,
        config=config,
        client_options={
            "allow_http": options.get("endpoint", "").startswith("http://"),
            "connect_timeout": _CONNECT_TIMEOUT,
            "timeout": _TIMEOUT,
        },
        retry_config={"max_retries": 3, "retry_timeout": _RETRY_FOR},
    )
    return S3Blobs(store, f"{parts.netloc}{parts.path}")


def _spool() -> Spool:
    with _sorting():
        return Spool(tempfile.TemporaryFile(buffering=0))


@contextlib.contextmanager
def _sorting() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Temporary(
            f"a blob on its way to S3 cannot be written to {tempfile.gettempdir()} ({error.strerror}): check its space"
        ) from error


def _words(error: Exception) -> str:
    """The first line says what happened; further ones repeat the request."""
    return next(iter(str(error).splitlines()), type(error).__name__)[:300]
