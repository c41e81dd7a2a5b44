"""Tells this machine's own addresses from all others."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Whether what is sent to this host stays on this machine; `host` is a name, or an address without brackets."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
