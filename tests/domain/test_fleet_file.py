"""A fleet as a file: what it says, what it would change, and that saying it again changes nothing."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from hostdeck.core.domain.fleet_file import FleetFile, Kind, differences, parse
from hostdeck.core.errors import Invalid

FILE = """
[[group]]
name = "eu"
nameservers = ["ns1"]
[group.config]
THEME = "dark"
[group.variables]
brand = "Baltic"
[[group.vanity]]
domain = "names.test"
mail_server = "mx01"
mail_user = "prov"
[[server]]
name = "web01"
host = "web01.example.net"
capabilities = ["web"]
group = "eu"
host_key = "SHA256:abc"
key_file = "id"
[[product]]
name = "basic"
group = "eu"
mode = "split"
roles = ["web", "mail"]
[product.limits]
web_disk_quota = "5000"
"""


def read(text: str) -> FleetFile:
    return parse(tomllib.loads(text))


def told(wanted: FleetFile, now: FleetFile) -> list[tuple[str, str, str | None, str]]:
    return [(one.name, one.field, one.before, one.after) for one in differences(wanted, now)]


def test_a_file_against_an_empty_fleet_is_all_new_and_names_no_credential() -> None:
    changed = told(read(FILE), FleetFile())
    assert ("web01", "", None, "new") in changed
    assert ("eu", "config.THEME", None, "dark") in changed
    assert ("eu", "nameservers.ns1", None, "attached") in changed
    assert ("basic", "limits.web_disk_quota", None, "5000") in changed
    assert not any("key_file" in field for _, field, _, _ in changed)


def test_a_fleet_that_is_as_the_file_says_has_no_difference() -> None:
    assert told(read(FILE), read(FILE)) == []


def test_what_the_file_does_not_say_is_left_alone() -> None:
    assert told(read('[[server]]\nname = "web01"\n'), read(FILE)) == []
    assert told(FleetFile(), read(FILE)) == []


def test_one_changed_value_is_one_difference_with_both_values() -> None:
    wanted = read('[[server]]\nname = "web01"\ncapabilities = ["mail", "web"]\n[[group]]\nname = "eu"\n'
                  '[group.config]\nTHEME = "flat"\n')  # fmt: skip
    assert told(wanted, read(FILE)) == [
        ("eu", "config.THEME", "dark", "flat"),
        ("web01", "capabilities", "web", "mail, web"),
    ]


def test_the_order_of_a_list_is_no_difference() -> None:
    wanted = read('[[product]]\nname = "basic"\nroles = ["mail", "web"]\n')
    assert differences(wanted, read(FILE)) == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[server]]\nname = "web01"\nssh_port = "22"\n', "server web01.ssh_port: input should be a valid integer"),
        ('[[server]]\nname = "web01"\nport = 22\n', "server web01.port: extra inputs are not permitted"),
        ('[[server]]\nhost = "a"\n', "server #1.name: field required"),
        ('[[servers]]\nname = "a"\n', "servers: extra inputs are not permitted"),
        ('[[group]]\nname = "eu"\n[[group]]\nname = "eu"\n', "group eu: stands in the file twice"),
        ('[[group]]\nname = "eu"\n[[group.vanity]]\ndomain = "x"\n', "group eu.vanity.0.mail_server: field required"),
    ],
)
def test_a_wrong_file_is_refused_by_table_object_and_field(text: str, said: str) -> None:
    with pytest.raises(Invalid) as caught:
        read(text)
    assert str(caught.value).startswith(said)


names = st.text("abcdefgh", min_size=1, max_size=6)
values = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=30)


@given(st.dictionaries(names, values, max_size=4), st.dictionaries(names, values, max_size=4), values)
def test_a_fleet_written_out_and_read_again_is_the_same(
    config: dict[str, str], variables: dict[str, str], content: str
) -> None:
    group: dict[str, Any] = {"name": "eu", "config": config, "variables": variables}
    group["file"] = [{"path": "/p", "content": content}]
    now = parse({"group": [group]})
    again = parse(tomllib.loads(tomli_w.dumps(now.model_dump(exclude_none=True), multiline_strings=True)))
    assert again == now
    assert differences(again, now) == ()
    assert {one.kind for one in differences(again, FleetFile())} <= {Kind.GROUP}
