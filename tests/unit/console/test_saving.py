"""A stranger's file lands in the folder that was named, under a name of its own."""

from pathlib import Path

import pytest

from console.saving import save, saving_folder
from store.errors import Permanent


@pytest.mark.parametrize(
    ("name", "saved"),
    [
        ("photo.png", "photo.png"),
        ("../../etc/passwd", "passwd"),
        ("/etc/cron.d/job", "job"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("..", "file"),
        ("", "file"),
        (".bashrc", "bashrc"),
        ("a\x00b\nc.txt", "ab c.txt"),
        ("\u202egnp.exe", "gnp.exe"),
        ("CON.txt", "_CON.txt"),
        ("عکس.png", "عکس.png"),
    ],
)
def test_a_name_is_never_a_path(tmp_path: Path, name: str, saved: str) -> None:
    folder = saving_folder(tmp_path / "new" / "folder")

    path = save(folder, name, b"bytes")

    assert path == folder / saved
    assert path.read_bytes() == b"bytes"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [found for found in tmp_path.rglob("*") if found.is_file()] == [path]


def test_nothing_is_overwritten_and_the_number_stands_before_the_ending(tmp_path: Path) -> None:
    names = [save(tmp_path, "report.tar.gz", str(number).encode()).name for number in range(3)]

    assert names == ["report.tar.gz", "report.tar-1.gz", "report.tar-2.gz"]
    assert [(tmp_path / name).read_bytes() for name in names] == [b"0", b"1", b"2"]


def test_a_link_that_lies_there_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    folder = saving_folder(tmp_path / "folder")
    (folder / "photo.png").symlink_to(outside)

    assert save(folder, "photo.png", b"bytes") == folder / "photo-1.png"
    assert not outside.exists()


@pytest.mark.parametrize("name", ["😀" * 110 + ".png", "ж" * 120, "a." + "😀" * 100])
def test_a_name_that_no_disk_takes_is_cut(tmp_path: Path, name: str) -> None:
    first, second = (save(tmp_path, name, b"bytes") for _ in range(2))

    assert len(first.name.encode()) <= 255
    assert first.suffix == (".png" if name.endswith(".png") else first.suffix)
    assert second.read_bytes() == b"bytes"


def test_a_folder_that_cannot_be_one_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(Permanent, match="name a folder that is yours"):
        saving_folder(tmp_path / "file" / "folder")
    with pytest.raises(Permanent, match="cannot be written"):
        save(tmp_path / "missing", "photo.png", b"bytes")
