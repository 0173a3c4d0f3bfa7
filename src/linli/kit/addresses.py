"""Where a request comes from."""

import ipaddress


def client_address(remote: str, forwarded: str) -> str:
    """The caller's IP address, or "" when there is none to be trusted.

    `forwarded` (X-Forwarded-For) counts only behind a proxy on this machine, and only its last entry, which that proxy wrote.
    """
    direct = _address(remote)
    if direct is not None and direct.is_loopback and forwarded:
        return str(_address(forwarded.rpartition(",")[2].strip()) or direct)
    return str(direct or "")


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
