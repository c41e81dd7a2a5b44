"""Whether a form was sent from our own page: without cookies and tokens, by what browsers say about a request."""


def is_ours(*, fetch_site: str | None, origin: str | None, host: str | None, site_url: str) -> bool:
    """Whether a POST comes from a page of ours, or from no page at all (a program).

    `fetch_site` is Sec-Fetch-Site (https://www.w3.org/TR/fetch-metadata/), which browsers send over https and cannot be
    talked out of; without it, Origin must name the host that was asked or the site's own (a proxy may rename the host).
    A missing header is None.
    """
    if fetch_site is not None:
        return fetch_site in ("same-origin", "none")
    if origin is None:
        return True
    theirs = _host(origin)
    return bool(theirs) and theirs in {(host or "").lower(), _host(site_url)}


def _host(origin: str) -> str:
    """Host and port of "https://host:port" (RFC 6454, section 6.2), or of a URL; empty for "null" and anything else."""
    scheme, _, host = origin.lower().partition("://")
    return host.partition("/")[0] if scheme in ("https", "http") else ""
