"""How long a client is waited for, told by the clock alone."""

from typing import NamedTuple

import pytest

from ingest.smtp import SmtpSettings
from ingest.smtp.patience import Patience


class Upload(NamedTuple):
    """A mail that comes at an even pace."""

    piece: int  # Bytes.
    every: float  # Seconds.
    lasts: float


def end_of(upload: Upload, *, crowded: bool = False) -> tuple[float, str]:
    """When it is cut off and why; where it is not, its own end."""
    patience = Patience(SmtpSettings(), 0.0)
    patience.data_begins(0.0)
    patience.hear(0.0, upload.piece)
    heard, now = 0.0, 0.0
    while now < upload.lasts:
        now += 0.5
        if now - heard >= upload.every:
            heard = now
            patience.hear(now, upload.piece)
        if verdict := patience.verdict(now, crowded=crowded):
            return now, verdict
    return now, ""


@pytest.mark.parametrize(
    ("upload", "end"),
    [
        (Upload(piece=1, every=2, lasts=600), (30.5, "421 4.4.2 Too slow")),  # Slowloris.
        (Upload(piece=4_000, every=2, lasts=60), (60.0, "")),  # Slow, and honest.
        (Upload(piece=200, every=2, lasts=590), (590.0, "")),  # Just fast enough.
        (Upload(piece=10_000, every=2, lasts=700), (600.5, "421 4.4.2 Too slow")),  # No mail takes that long.
        (Upload(piece=50_000, every=59, lasts=500), (500.0, "")),  # In bursts.
        (Upload(piece=50_000, every=61, lasts=500), (60.5, "421 4.4.2 Nothing heard for too long")),
        (Upload(piece=0, every=1_000, lasts=100), (30.5, "421 4.4.2 Too slow")),
    ],
)
def test_a_slow_upload_is_taken_and_a_trickle_is_not(upload: Upload, end: tuple[float, str]) -> None:
    assert end_of(upload) == end


def test_where_others_need_the_place_silence_ends_sooner() -> None:
    upload = Upload(piece=50_000, every=20, lasts=100)

    assert end_of(upload) == (100.0, "")
    assert end_of(upload, crowded=True) == (10.5, "421 4.4.2 Nothing heard for too long")


def test_a_client_that_waits_for_us_is_never_too_slow() -> None:
    patience = Patience(SmtpSettings(), 0.0)
    patience.wait_for_us()
    assert patience.verdict(1_000.0, crowded=True) == ""

    patience.wait_for_client(1_000.0)
    assert patience.verdict(1_059.0, crowded=False) == ""
    assert patience.verdict(1_061.0, crowded=False) != ""
