"""Which internet addresses are public, by the IANA special-purpose registries.

A table of our own instead of `ipaddress.is_global`: the floor is Python 3.11.2, whose registry data
is older than several of these blocks.
"""

from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address

_NOT_PUBLIC: tuple[tuple[IPv4Network | IPv6Network, str], ...] = tuple(
    (ip_network(network), what)
    for what, networks in {
        # First: these lie inside wider blocks, or (Azure's) inside public ones.
        "a cloud's metadata address": (
            "169.254.169.254/32",
            "100.100.100.200/32",
            "168.63.129.16/32",
            "192.0.0.192/32",
            "fd00:ec2::254/128",
        ),
        "an unspecified address": ("0.0.0.0/8", "::/128"),
        "a loopback address": ("127.0.0.0/8", "::1/128"),
        "a private address": ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"),
        "a link-local address": ("169.254.0.0/16", "fe80::/10", "fec0::/10"),
        "an address of a provider's inner network (CGNAT)": ("100.64.0.0/10",),
        "a multicast address": ("224.0.0.0/4", "ff00::/8"),
        "an IPv4 address written as IPv6": ("::ffff:0:0/96", "::/96"),
        "an address of a translation tunnel (6to4, NAT64 or Teredo)": (
            "192.88.99.0/24",
            "2002::/16",
            "64:ff9b::/96",
            "64:ff9b:1::/48",
            "2001::/32",
        ),
        "a reserved address": (
            "192.0.0.0/24",
            "192.0.2.0/24",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "240.0.0.0/4",
            "100::/64",
            "2001::/23",
            "2001:db8::/32",
            "3fff::/20",
        ),
    }.items()
    for network in networks
)

_GLOBAL_UNICAST = IPv6Network("2000::/3")


def what_is(address: Address) -> str | None:
    """Return what kind of non-public address it is, with its article; None for a public one."""
    for network, what in _NOT_PUBLIC:
        if address in network:
            return what
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return "a reserved address"
    return None


def as_address(host: str) -> Address | None:
    """Return the address that `host` spells, in its one ordinary spelling; None for a name.

    A scope (`fe80::1%eth0`) is no part of an address on the web; such a host is a name to us, and
    as that refused.
    """
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return None if isinstance(address, IPv6Address) and address.scope_id else address
