"""IP addresses: where a request comes from, and what may be called."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
_NAT64 = ip_network("64:ff9b::/96")


def client_address(remote: str, forwarded: str) -> str:
    """The caller's IP address, or "" when there is none to be trusted.

    `forwarded` (X-Forwarded-For) counts only behind a proxy on this machine, and only its last entry, which that proxy wrote.
    """
    direct = _address(remote)
    if direct is not None and direct.is_loopback and forwarded:
        return str(_address(forwarded.rpartition(",")[2].strip()) or direct)
    return str(direct or "")


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def networks(text: str) -> tuple[Network, ...]:
    """Networks or single addresses, separated by commas; raises ValueError."""
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def is_open(address: str, private: Iterable[Network]) -> bool:
    """May this IP address be called? Raises ValueError when it is none."""
    ip = _inner(ip_address(address.partition("%")[0]))
    return (ip.is_global and not ip.is_multicast) or any(ip in network for network in private)


def belongs(host: str, private: Iterable[Network]) -> bool:
    """Is the host written as an address of one of these networks?"""
    ip = _address(host)
    return ip is not None and any(ip in network for network in private)


def _inner(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 address is another way to write."""
    if isinstance(ip, IPv4Address):
        return ip
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else ip)
