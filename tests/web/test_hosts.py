"""Which names are ours."""

import pytest

from app.web.hosts import allowed_hosts

SETTING = {"localhost"}


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("10.0.0.5:8000", "10.0.0.5"),
        ("http://10.0.0.5:8000", "10.0.0.5"),
        ("app1:8000", "app1"),
        ("http://[fd00::5]:8000", "[fd00::5]"),
    ],
)
def test_an_instance_answers_to_its_own_address(address: str, name: str) -> None:
    assert allowed_hosts(SETTING, "", "", address) == {*SETTING, name}


@pytest.mark.parametrize("address", ["", "http://0.0.0.0:8000", "http://[::]:8000"])
def test_one_that_listens_everywhere_has_no_name_of_its_own(address: str) -> None:
    assert allowed_hosts(SETTING, "https://blog.example/x", address) == {*SETTING, "blog.example"}
