"""Finds out how often a lead is right, from leads of which it is known (Platt 1999; Lin, Lin, Weng 2007)."""

from collections.abc import Sequence

import numpy as np

from router.learned.model import Scale

STEPS = 50  # Newton's method is there after ten.
FIRM = 1e-3  # Keeps the slope finite where every lead was right.
TIES = 10  # Outcomes without any lead that are held for wrong: where all went well, no lead is still no knowledge.


def scale_of(leads: Sequence[float], right: Sequence[bool]) -> Scale:
    """The scale under which these outcomes are likeliest; of no leads at all one that is never sure.

    A slope is never below 0: more lead is never less sure.
    """
    if not leads:
        return Scale(slope=0.0, offset=-2.0)
    leads, right = [*leads, *[0.0] * TIES], [*right, *[False] * TIES]
    points = np.column_stack([np.asarray(leads, dtype=np.float64), np.ones(len(leads))])
    hits, misses = sum(right), len(right) - sum(right)
    # Platt's targets, which hold a few outcomes for less than certain.
    targets = np.where(right, (hits + 1) / (hits + 2), 1 / (misses + 2))
    found = np.zeros(2)
    for _ in range(STEPS):
        sure = 1 / (1 + np.exp(-np.clip(points @ found, -30, 30)))
        slant = points.T @ (sure - targets) + FIRM * found
        bend = (points * (sure * (1 - sure))[:, None]).T @ points + FIRM * np.eye(2)
        step = np.linalg.solve(bend, slant)
        found = found - np.clip(step, -5, 5)
        if float(np.abs(step).max()) < 1e-9:  # noqa: PLR2004 (it stands still)
            break
    return Scale(slope=max(float(found[0]), 0.0), offset=float(found[1]))
