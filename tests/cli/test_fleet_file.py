"""A fleet as a file, from a shell: the difference, the deed, and nothing the second time."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Call
from tests.simfleet import client_key, sim_fleet

from hostdeck.core.sim.fleet import SimFleet
from hostdeck.core.store.config_models import GroupConfig
from hostdeck.core.store.db import connection
from hostdeck.core.store.fleet_models import Audit, Group, Server

FILE = """
[[group]]
name = "pl"
nameservers = ["ns01"]
[group.config]
THEME = "flat"
WEBMAIL_ALIAS = "post"
[group.variables]
brand = "Baltic"
[[group.file]]
path = "/var/www/html/index.html"
content = "<p>{{brand}}</p>"
[[server]]
name = "web09"
host = "127.0.0.1"
ip = "203.0.113.9"
ssh_port = {web}
capabilities = ["web"]
group = "pl"
host_key = "{web_key}"
key_file = "id"
[[server]]
name = "ns01"
host = "127.0.0.1"
ip = "203.0.113.8"
ssh_port = {ns}
capabilities = ["dns"]
host_key = "{ns_key}"
key_file = "id"
[[product]]
name = "small"
group = "pl"
mode = "split"
roles = ["web"]
[product.limits]
web_disk_quota = "500"
"""


def there(model: type[Group] | type[Server], name: str) -> Any:
    """The row of that name, if there is one."""
    with connection():
        return model.get_or_none(model.name == name)


def managed(group: str) -> dict[str, str]:
    with connection():
        return dict(
            GroupConfig.select(GroupConfig.key, GroupConfig.value).join(Group).where(Group.name == group).tuples()
        )


def audit_lines() -> int:
    with connection():
        return int(Audit.select().count())


def written(tmp_path: Path, fleet: SimFleet, **other: str) -> Path:
    """The file beside its key, with the addresses of two nodes."""
    (tmp_path / "id").write_text(client_key())
    web, ns = fleet["web01"], fleet["ns01"]
    values = {"web": web.port, "ns": ns.port, "web_key": web.host_key_fingerprint, "ns_key": ns.host_key_fingerprint}
    file = tmp_path / "fleet.toml"
    file.write_text(FILE.format(**(values | other)))
    return file


def test_a_file_shows_its_difference_is_applied_and_applied_again_changes_nothing(call: Call, tmp_path: Path) -> None:
    with sim_fleet(("web01", "ns01")) as fleet:
        file = str(written(tmp_path, fleet))
        plan = call("apply", file, "--plan", "--json")
        assert plan.code == 0
        assert {"kind": "server", "name": "web09", "field": "", "before": None, "after": "new"} in json.loads(plan.out)
        assert there(Server, "web09") is None

        assert call("apply", file).code == 0
        assert there(Server, "web09").group_id == there(Group, "pl").id
        assert managed("pl") == {"THEME": "flat", "WEBMAIL_ALIAS": "post"}
        lines = audit_lines()
        again = call("apply", file, "--json")
        assert (again.code, json.loads(again.out)) == (0, [])
        assert audit_lines() == lines
        # Credentials are read for new servers only: the file works without the key from now on.
        (tmp_path / "id").unlink()
        assert call("apply", file).code == 0


def test_what_is_exported_can_be_applied_and_changes_nothing(call: Call, tmp_path: Path) -> None:
    assert call("group", "set", "eu", "mail", "FROM_NAME=", "WEBMAIL_ALIAS=post").code == 0
    said = call("export")
    assert tomllib.loads(said.out)["group"][0]["config"] == {"FROM_NAME": "", "WEBMAIL_ALIAS": "post"}
    assert "credential" not in said.out
    assert {server["name"] for server in tomllib.loads(said.out)["server"]} >= {"web01", "ns1"}
    file = tmp_path / "out.toml"
    file.write_text(said.out)
    assert json.loads(call("apply", str(file), "--json").out) == []


def test_a_server_that_shows_another_host_key_than_the_file_names_is_not_added(call: Call, tmp_path: Path) -> None:
    with sim_fleet(("web01", "ns01")) as fleet:
        file = written(tmp_path, fleet, web_key="SHA256:" + "A" * 43)
        said = call("apply", str(file))
        assert said.code == 4
        assert "nothing was changed" in said.err
        assert there(Group, "pl") is None


def test_a_refusal_in_the_middle_leaves_nothing_of_the_file(call: Call, tmp_path: Path) -> None:
    with sim_fleet(("web01", "ns01")) as fleet:
        file = written(tmp_path, fleet)
        file.write_text(file.read_text().replace('"flat"', '"no such theme!"'))
        said = call("apply", str(file))
        assert said.code == 2
        assert "THEME" in said.err
        assert there(Server, "web09") is None
        assert there(Group, "pl") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("not toml", "file: "),
        ('[[server]]\nname = "w"\nhost = "h.example.com"\ncapabilities = ["web"]\n', "server w: is new: give key_file"),
        ('[[group]]\nname = "eu"\n[group.config]\nNOPE = "1"\n', "key: 'NOPE' is no key"),
    ],
)
def test_a_wrong_file_is_refused_with_where_and_what(call: Call, tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(text)
    answer = call("apply", str(file))
    assert answer.code == 2
    assert answer.err.startswith(f"hostdeck: {said}")
