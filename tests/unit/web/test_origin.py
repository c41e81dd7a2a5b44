"""Where a form may be sent from."""

import pytest

from ingest.channels.web.origin import is_ours


@pytest.mark.parametrize(
    ("fetch_site", "origin", "ours"),
    [
        ("same-origin", None, True),
        ("none", None, True),
        ("same-site", "https://desk.example.org", False),
        ("cross-site", "https://desk.example.org", False),
        ("", "https://desk.example.org", False),
        ("SAME-ORIGIN", None, False),
        (None, None, True),
        (None, "https://desk.example.org", True),
        (None, "https://DESK.example.org", True),
        (None, "http://127.0.0.1:8080", True),
        (None, "https://evil.example", False),
        (None, "https://desk.example.org.evil.example", False),
        (None, "https://evil.example/desk.example.org", False),
        (None, "null", False),
        (None, "", False),
        (None, "https://[", False),
    ],
)
def test_a_post_is_ours_when_the_browser_says_so(fetch_site: str | None, origin: str | None, ours: bool) -> None:
    found = is_ours(fetch_site=fetch_site, origin=origin, host="127.0.0.1:8080", site_url="https://desk.example.org")

    assert found is ours


def test_a_site_without_an_address_matches_nothing() -> None:
    assert not is_ours(fetch_site=None, origin="null", host=None, site_url="")
