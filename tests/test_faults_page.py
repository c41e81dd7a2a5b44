"""`docs/faults.md` names an existing test for every kind of fault that Deskwire promises to survive."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROWS = {
    row.split("|")[1].strip(): row
    for row in (ROOT / "docs" / "faults.md").read_text(encoding="utf-8").splitlines()
    if re.match(r"\| [SLI][0-9]", row)
}
IDS = [*(f"S{n}" for n in range(1, 26)), *(f"L{n}" for n in range(1, 16)), *(f"I{n}" for n in range(1, 11))]


@cache
def written_in(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_every_fault_has_a_row_and_no_row_is_there_twice() -> None:
    assert list(ROWS) == IDS
    assert (ROOT / "docs" / "faults.md").read_text(encoding="utf-8").count("\n| S1 |") == 1


@pytest.mark.parametrize("fault", IDS)
def test_each_row_names_tests_that_there_are(fault: str) -> None:
    proofs = re.findall(r"`(tests/[a-z_/]+\.py)::(test_\w+)`", ROWS[fault])

    assert proofs
    assert ROWS[fault].count("::") == len(proofs)
    assert [f"{path}::{name}" for path, name in proofs if name not in written_in(path)] == []


@pytest.mark.parametrize("fault", IDS)
def test_each_row_says_what_comes_and_what_is_done(fault: str) -> None:
    cells = [cell.strip() for cell in ROWS[fault].strip("|").split("|")]

    assert len(cells) == 4
    assert all(cells)
