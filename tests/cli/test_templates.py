"""`hostdeck group template`: shown, set from a file, and put back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Call

pytestmark = pytest.mark.timeout(30)


def test_what_is_printed_can_be_set_again(call: Call, tmp_path: Path) -> None:
    shown = call("group", "template", "eu")
    assert "{if_mail}v=spf1 mx a -all" in shown.out
    (tmp_path / "zone.txt").write_text("# ours\n" + shown.out)
    again = call("group", "template", "eu", "--from", str(tmp_path / "zone.txt"))
    assert (again.code, again.out) == (0, shown.out)
    assert "zones that are there keep their records" in again.err
    as_json = json.loads(call("group", "template", "eu", "--json").out)
    assert not as_json["builtin"]
    assert as_json["records"][0] == {"name": "@", "type": "NS", "value": "{ns}", "priority": None, "ttl": 3600}
    assert json.loads(call("group", "template", "eu", "--reset", "--json").out)["builtin"]


def test_a_bad_line_is_named_with_what_is_accepted(call: Call, tmp_path: Path) -> None:
    (tmp_path / "zone.txt").write_text("@ 3600 NS {ns}\n@ 3600 A {ip}\n")
    said = call("group", "template", "eu", "--from", str(tmp_path / "zone.txt"))
    assert said.code == 2
    assert said.err.startswith("hostdeck: template: line 2: '{ip}' is no placeholder; use {domain} {server_ip}")


@pytest.mark.parametrize("argv", [("--from", "FILE", "--reset"), ("--from", "nowhere.txt")])
def test_a_file_that_can_not_be_read_and_two_wishes_at_once_are_refused(
    call: Call, tmp_path: Path, argv: tuple[str, ...]
) -> None:
    (tmp_path / "zone.txt").write_text("x")
    said = call("group", "template", "eu", *(str(tmp_path / "zone.txt") if word == "FILE" else word for word in argv))
    assert (said.code, said.err.count("\n")) == (2, 1)
