"""A model as the bytes of one file, and back: data alone, so that reading one runs nothing."""

import hashlib
from collections.abc import Mapping

import msgspec
import numpy as np

from router.learned.model import Head, Model, Scale
from router.learned.pieces import KINDS
from router.learned.vocabulary import MOST_COLUMNS, Vocabulary
from store.errors import Permanent

MAGIC = b"DESKWIRE MODEL\n"
VERSION = 2  # Of the form below, and of what `pieces` and `vocabulary` make of a message: either changes it.
MOST_BYTES = 200 * 1024 * 1024  # A model of MOST_COLUMNS pieces and 500 categories has 150 MB.

_DIGEST = hashlib.sha256().digest_size
_REMEDY = "learn a new one with `deskwire learn`"


class _Version(msgspec.Struct, frozen=True):
    version: int


class _Body(msgspec.Struct, frozen=True, kw_only=True):
    version: int
    head: Head
    pieces: Mapping[str, tuple[str, ...]]  # By kind, in the order of their columns.
    rarity: bytes  # Numbers of four bytes, the lowest first; so too `offsets`.
    weights: bytes  # Numbers of two bytes, the same: a row for each piece, a column for each category.
    offsets: bytes
    scale: Scale


def encoded(model: Model) -> bytes:
    """The bytes of the file: what it is, a digest of all that follows, and the model in MessagePack."""
    body = msgspec.msgpack.encode(
        _Body(
            version=VERSION,
            head=model.head,
            pieces={kind.name: tuple(model.vocabulary.columns[kind.name]) for kind in KINDS},
            rarity=model.vocabulary.rarity.astype("<f4").tobytes(),
            weights=model.weights.astype("<f2").tobytes(),
            offsets=model.offsets.astype("<f4").tobytes(),
            scale=model.scale,
        )
    )
    return MAGIC + hashlib.sha256(body).digest() + body


def decoded(content: bytes) -> Model:
    """The model that `encoded` wrote.

    Raises Permanent where the bytes are no such file, were changed since, or are of another version.
    """
    if not content.startswith(MAGIC):
        raise Permanent(f"it is no model of Deskwire: {_REMEDY}")
    digest, body = content[len(MAGIC) : len(MAGIC) + _DIGEST], content[len(MAGIC) + _DIGEST :]
    if hashlib.sha256(body).digest() != digest:
        raise Permanent(f"it is broken, for its digest does not fit what it holds: {_REMEDY}")
    try:
        version = msgspec.msgpack.decode(body, type=_Version).version
        if version != VERSION:
            newer = "upgrade this process to the release that wrote it, or " if version > VERSION else ""
            raise Permanent(f"it is of version {version}, and this program reads version {VERSION}: {newer}{_REMEDY}")
        return _model(msgspec.msgpack.decode(body, type=_Body))
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise Permanent(f"it does not hold what a model holds ({error}): {_REMEDY}") from error


def _model(body: _Body) -> Model:
    """Raises ValueError where the parts do not fit each other."""
    rarity = np.frombuffer(body.rarity, dtype="<f4").astype(np.float32)
    offsets = np.frombuffer(body.offsets, dtype="<f4").astype(np.float32)
    categories = len(body.head.categories)
    if categories < 2 or len(offsets) != categories or len(rarity) > MOST_COLUMNS:  # noqa: PLR2004 (one is no choice)
        raise ValueError(f"{len(rarity)} pieces, {categories} categories and {len(offsets)} offsets are no model")
    weights = np.frombuffer(body.weights, dtype="<f2").reshape(len(rarity), categories).astype(np.float16)
    if not (np.isfinite(weights).all() and np.isfinite(rarity).all() and np.isfinite(offsets).all()):
        raise ValueError("a weight is no number")
    columns = _columns(body.pieces)
    if sum(map(len, columns.values())) != len(rarity):
        raise ValueError(f"{len(rarity)} weights stand for another number of pieces")
    vocabulary = Vocabulary(columns=columns, rarity=rarity)
    return Model(head=body.head, vocabulary=vocabulary, weights=weights, offsets=offsets, scale=body.scale)


def _columns(pieces: Mapping[str, tuple[str, ...]]) -> Mapping[str, Mapping[str, int]]:
    """A dictionary for each kind; the columns of one kind follow those of the one before it."""
    columns: dict[str, Mapping[str, int]] = {}
    start = 0
    for kind in KINDS:
        several = pieces.get(kind.name, ())
        columns[kind.name] = {piece: start + number for number, piece in enumerate(several)}
        start += len(several)
    return columns
