"""Pigeons for a desk: the channel that is no part of the product, and what arrives by it."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

MODULE = Path(__file__).parent / "pigeon_post.py"


class Loft(NamedTuple):
    """Where the module and its pigeons are."""

    folder: Path

    @property
    def entry(self) -> str:
        """What stands under `channels:`."""
        return f"  pigeons: {{type: pigeons.post, loft: '{self.folder}/loft', nests: '{self.folder}/nests'}}"

    def build(self) -> "Loft":
        """Put the module there."""
        for name in ("pigeons", "loft", "nests"):
            (self.folder / name).mkdir(parents=True)
        shutil.copy(MODULE, self.folder / "pigeons" / "post.py")
        return self

    def repair(self) -> None:
        """Put it there without its defect."""
        module = self.folder / "pigeons" / "post.py"
        module.write_text(MODULE.read_text(encoding="utf-8").replace("DEFECT = True", "DEFECT = False"))

    def arrive(self, notes: Sequence[tuple[str, str]]) -> None:
        """Pigeons arrive in this order, so close together that they are one batch: their rings, and what they carry."""
        for number, (ring, text) in enumerate(notes):
            part = self.folder / "loft" / f"{number}.part"
            part.write_bytes(msgspec.json.encode({"ring": ring, "text": text}))
        for part in sorted((self.folder / "loft").glob("*.part")):
            part.rename(part.with_suffix(".note"))

    @property
    def is_empty(self) -> bool:
        """Whether all pigeons were taken in."""
        return not any((self.folder / "loft").iterdir())

    def nest(self, ring: str) -> str:
        """What was laid into the nest of this pigeon."""
        return (self.folder / "nests" / ring).read_text(encoding="utf-8")
