"""Whose request it is, whatever the request itself says."""

import pytest
from starlette.types import Scope

from app.web.addresses import address_group, client_address, read_networks

TRUSTED = read_networks({"10.0.0.0/8", "127.0.0.1", "fd00::/8"})


def scope(peer: str | None, *fields: str) -> Scope:
    return {
        "client": (peer, 1234) if peer else None,
        "headers": [(b"x-forwarded-for", field.encode("latin-1")) for field in fields],
    }


@pytest.mark.parametrize(
    ("peer", "fields", "expected"),
    [
        ("192.0.2.1", (), "192.0.2.1"),
        ("192.0.2.1", ("198.51.100.7",), "192.0.2.1"),  # no proxy of ours says so
        ("10.1.2.3", ("198.51.100.7",), "198.51.100.7"),
        ("10.1.2.3", ("1.1.1.1, 198.51.100.7",), "198.51.100.7"),  # the first was made up
        (
            "10.1.2.3",
            ("1.1.1.1", "198.51.100.7, 10.9.9.9"),
            "198.51.100.7",
        ),  # two proxies, two fields
        ("10.1.2.3", ("10.5.5.5",), "10.5.5.5"),  # all of them ours
        ("10.1.2.3", ("nonsense",), "10.1.2.3"),
        ("10.1.2.3", ("198.51.100.7, ",), "10.1.2.3"),
        ("10.1.2.3", ("",), "10.1.2.3"),
        ("10.1.2.3", ("198.51.100.7:4711",), "198.51.100.7"),
        ("fd00::1", ("[2001:db8::7]:4711",), "2001:db8::7"),
        ("::ffff:10.1.2.3", ("::ffff:198.51.100.7",), "198.51.100.7"),
        (None, ("198.51.100.7",), ""),
    ],
)
def test_the_nearest_address_that_is_no_proxy_of_ours_counts(
    peer: str | None, fields: tuple[str, ...], expected: str
) -> None:
    assert client_address(scope(peer, *fields), TRUSTED) == expected


def test_a_thousand_hops_are_read_in_no_time() -> None:
    long = ", ".join(["10.0.0.1"] * 1_000)

    assert client_address(scope("10.1.2.3", "198.51.100.7, " + long), TRUSTED) == "198.51.100.7"


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        ("nonsense", "unknown"),
    ],
)
def test_one_house_counts_as_one(address: str, group: str) -> None:
    assert address_group(address) == group


def test_a_network_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="example"):
        read_networks({"example.org"})
