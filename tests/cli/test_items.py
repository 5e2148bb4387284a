"""`hostdeck service add|change|remove|items`: rows and tasks, and what is refused before either."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Call

from hostdeck.core.domain.items import ItemStatus
from hostdeck.core.domain.vocabulary import ServiceStatus, TaskStatus
from hostdeck.core.store.db import connection
from hostdeck.core.store.fleet_models import Audit
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.work_models import Record, Service, Task

pytestmark = pytest.mark.timeout(30)
DOMAIN = "customer.com"


@pytest.fixture
def active(call: Call, home: Path) -> str:
    """An active service with website, mail and zone."""
    assert call("service", "create", DOMAIN, "--product", "web-s").code == 0
    with connection():
        Task.update(status=TaskStatus.SUCCESS).execute()
        Service.update(status=ServiceStatus.ACTIVE, roles=["web", "mail", "dns"]).execute()
    return DOMAIN


def added(call: Call, *argv: str) -> dict[str, Any]:
    said = call("service", *argv, "--json")
    assert said.code == 0, said.err
    answer: dict[str, Any] = json.loads(said.out)
    return answer


def refused(call: Call, *argv: str) -> tuple[int, str]:
    said = call("service", *argv, "--json")
    return said.code, str(json.loads(said.out)["error"]["code"])


def items_of(call: Call, kind: str) -> list[dict[str, Any]]:
    said = call("service", "items", DOMAIN, kind, "--json")
    assert said.code == 0, said.err
    rows: list[dict[str, Any]] = json.loads(said.out)
    return rows


def test_a_password_that_is_made_is_shown_once_and_stands_sealed_in_the_row(call: Call, active: str) -> None:
    made = added(call, "add", "ftp", active, "shop", "--path", "public_html")
    with connection():
        row = Item.get_by_id(made["id"])
    assert len(made["password"]) == 20
    assert row.secret is not None
    assert made["password"] not in row.secret
    assert made["path"] == "/public_html"
    shown = call("service", "items", active, "ftp", "--json").out
    assert made["password"] not in shown
    assert "secret" not in shown


def test_a_task_names_the_item_as_its_target(call: Call, active: str) -> None:
    made = added(call, "add", "database", active, "shop")
    with connection():
        task = Task.get_by_id(made["task"])
    assert (task.action, task.target) == ("web.addDatabase", f"database #{made['id']}")


def test_a_typed_password_is_not_shown_again(call: Call, active: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("long-enough-to-pass\n"))
    made = added(call, "add", "ftp", active, "shop", "--password-stdin")
    assert "password" not in made


def test_a_limit_counts_rows_and_refuses_one_more(call: Call, active: str) -> None:
    with connection():
        Service.update(limits=Service.get().limits | {"web_databases": "1"}).execute()
    added(call, "add", "database", active, "one")
    assert refused(call, "add", "database", active, "two") == (4, "ITEM_LIMIT")


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (("add", "mailbox", DOMAIN, ".ssh"), "MBX_DOT"),
        (("add", "mailbox", DOMAIN, "--", "-rf"), "MBX_START"),
        (("add", "mailbox", DOMAIN, "a b"), "MBX_CHAR"),
        (("add", "mailbox", DOMAIN, "a" * 65), "MBX_LONG"),
        (("add", "mailbox", DOMAIN, "info", "--quota", "-1"), "QTA_RANGE"),
        (("add", "mailbox", DOMAIN, "info", "--forward", "nobody"), "EML_INVALID"),
        (("add", "mailbox", DOMAIN, "info", "--no-keep"), "MBX_KEEP"),
        (("add", "database", DOMAIN, "a-b"), "DB_CHAR"),
        (("add", "database", DOMAIN, "a" * 40), "DB_LONG"),
        (("add", "ftp", DOMAIN, "shop", "--path", "../etc"), "FTP_PATH"),
        (("add", "ftp", DOMAIN, "a" * 30), "FTP_LONG"),
        (("add", "cron", DOMAIN, "--schedule", "61 * * * *", "--command", "x"), "CRN_SCHEDULE"),
        (("add", "cron", DOMAIN, "--schedule", "* * * * *", "--command", "echo \\t"), "CRN_CHAR"),
        (("add", "record", DOMAIN, "@", "CNAME", "other.example.com"), "ZONE_CNAME"),
        (("add", "record", DOMAIN, "www", "AAAA", "192.0.2.1"), "ZONE_VALUE"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value)[:60],
)
def test_bad_input_is_refused_with_its_code_and_writes_nothing(
    call: Call, active: str, argv: tuple[str, ...], code: str
) -> None:
    with connection():
        before = (Item.select().count(), Task.select().count(), Record.select().count())
    argv = (*argv[:3], "--json", *argv[3:])
    said = call("service", *argv)
    assert (said.code, json.loads(said.out)["error"]["code"]) == (2, code)
    with connection():
        assert (Item.select().count(), Task.select().count(), Record.select().count()) == before


def test_a_change_keeps_what_is_not_named(call: Call, active: str) -> None:
    made = added(call, "add", "cron", active, "--schedule", "0 3 * * *", "--command", "php run.php")
    changed = added(call, "change", "cron", active, str(made["id"]), "--schedule", "5 4 * * *")
    assert (changed["schedule"], changed["command"]) == ("5 4 * * *", "php run.php")
    with connection():
        assert Task.get_by_id(changed["task"]).action == "web.changeCron"


def test_the_same_name_again_is_refused(call: Call, active: str) -> None:
    added(call, "add", "ftp", active, "shop")
    assert refused(call, "add", "ftp", active, "shop") == (4, "ITEM_TAKEN")


def test_an_alias_of_another_mailbox_is_taken(call: Call, active: str) -> None:
    added(call, "add", "mailbox", active, "info", "--alias", "sales")
    assert refused(call, "add", "mailbox", active, "sales") == (4, "ITEM_TAKEN")


def test_a_removed_item_stays_as_removing_until_the_node_has_it_no_more(call: Call, active: str) -> None:
    added(call, "add", "ftp", active, "shop")
    gone = added(call, "remove", "ftp", active, "shop")
    assert gone["status"] == ItemStatus.REMOVING
    assert refused(call, "change", "ftp", active, "shop", "--path", "x") == (4, "ITEM_GOING")


def test_a_suspended_service_changes_nothing_inside(call: Call, active: str) -> None:
    with connection():
        Service.update(status=ServiceStatus.SUSPENDED).execute()
    assert refused(call, "add", "ftp", active, "shop") == (4, "SVC_STATE")


def test_what_is_ordered_while_the_account_is_built_waits_for_it(call: Call, home: Path) -> None:
    assert call("service", "create", DOMAIN, "--product", "web-s").code == 0
    made = added(call, "add", "ftp", DOMAIN, "shop")
    assert made["task_status"] == "waiting"


def test_a_missing_item_is_not_found(call: Call, active: str) -> None:
    assert call("service", "change", "ftp", active, "nobody", "--path", "x").code == 3


def test_a_record_is_published_whole_and_can_be_undone(call: Call, active: str) -> None:
    before = {(row["name"], row["type"], row["value"]) for row in items_of(call, "record")}
    said = added(call, "add", "record", active, f"shop.{active}", "cname", "www")
    assert said["difference"] == ["+ " + line for line in said["lines"] if line.startswith("shop ")]
    assert len(said["tasks"]) == 2
    now = {(row["name"], row["type"], row["value"]) for row in items_of(call, "record")}
    assert now - before == {("shop", "CNAME", f"www.{active}.")}
    added(call, "undo-zone", active)
    assert {(row["name"], row["type"], row["value"]) for row in items_of(call, "record")} == before


def test_a_plan_of_a_record_changes_nothing(call: Call, active: str) -> None:
    before = items_of(call, "record")
    said = added(call, "add", "record", active, "new", "TXT", '"a b"', "--plan")
    assert said["difference"][0].endswith('"a b"')
    assert items_of(call, "record") == before


def test_a_cname_beside_another_record_is_refused_before_it_is_sent(call: Call, active: str) -> None:
    added(call, "add", "record", active, "shop", "A", "192.0.2.9")
    said = call("service", "add", "record", active, "shop", "CNAME", "www", "--json")
    assert (said.code, json.loads(said.out)["error"]["code"]) == (2, "ZONE_CNAME")


def test_the_last_ns_stays(call: Call, active: str) -> None:
    for row in [row for row in items_of(call, "record") if row["type"] == "NS"][:-1]:
        added(call, "remove", "record", active, str(row["id"]))
    last = next(row for row in items_of(call, "record") if row["type"] == "NS")
    said = call("service", "remove", "record", active, str(last["id"]), "--json")
    assert (said.code, json.loads(said.out)["error"]["code"]) == (2, "ZONE_NS")


def test_a_file_is_written_whole_and_made_passwords_are_told(call: Call, active: str, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(
        f"service,name,quota,forwards,password\n{active},anna,1024,boss@example.com,\n1,otto,,,a-password-of-his-own\n"
    )
    said = added(call, "import", "mailbox", str(tmp_path / "people.csv"))
    anna, otto = said["items"]
    assert (anna["name"], len(anna["password"]), "password" in otto) == ("anna", 20, False)
    assert {(row["name"], row["quota"]) for row in items_of(call, "mailbox")} == {
        ("anna", "1024"),
        ("otto", "unlimited"),
    }


def test_every_bad_line_is_named_and_nothing_is_half_done(call: Call, active: str, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(
        f"service,name,quota\n{active},anna,10\nnobody.example,x,\n{active},.ssh,\n{active},anna,20\n"
    )
    said = call("service", "import", "mailbox", str(tmp_path / "people.csv"))
    assert said.code == 2
    for told in ("line 3: x: ", "line 4: .ssh: mailbox: ", "line 5: anna: ", "3 of 4 lines are bad"):
        assert told in said.err
    assert items_of(call, "mailbox") == []


def test_a_plan_of_a_file_writes_nothing(call: Call, active: str, tmp_path: Path) -> None:
    (tmp_path / "ftp.csv").write_text(f"service,name\n{active},shop\n")
    said = call("service", "import", "ftp", str(tmp_path / "ftp.csv"), "--plan")
    assert (said.code, said.out) == (0, "1 lines are good; nothing was written\n")
    assert items_of(call, "ftp") == []


@pytest.mark.parametrize("kind", ["mailbox", "record"])
def test_a_plan_names_the_same_bad_lines_as_the_import_and_needs_no_writing(
    call: Call, active: str, tmp_path: Path, kind: str
) -> None:
    (tmp_path / "mailbox.csv").write_text(
        "service,name,aliases,quota\n"
        f"{active},anna,,10\nnobody.example,x,,\n{active},.ssh,,\n{active},ben,anna,\n{active},anna,,20\n"
        + "".join(f"{active},m{number},,\n" for number in range(12))
    )
    (tmp_path / "record.csv").write_text(
        f"service,name,type,value\n{active},a,A,192.0.2.1\n{active},b,A,nowhere\n{active},a,A,192.0.2.1\n"
    )
    file = str(tmp_path / f"{kind}.csv")
    plan = call("--read-only", "service", "import", kind, file, "--plan")
    done = call("service", "import", kind, file)
    assert (plan.code, done.code) == (2, 2)
    at = [[line.partition("[")[2] for line in said.err.splitlines()] for said in (plan, done)]
    assert at[0] == at[1]
    assert plan.err.count("hostdeck: line ") == done.err.count("hostdeck: line ") > 1
    assert call("--read-only", "service", "import", kind, file).code == 4


def test_a_good_plan_may_be_asked_read_only(call: Call, active: str, tmp_path: Path) -> None:
    (tmp_path / "ftp.csv").write_text(f"service,name\n{active},shop\n{active},photos\n")
    said = call("--read-only", "service", "import", "ftp", str(tmp_path / "ftp.csv"), "--plan")
    assert (said.code, said.out) == (0, "2 lines are good; nothing was written\n")


def test_fields_and_a_new_password_are_one_change_or_none(call: Call, active: str) -> None:
    added(call, "add", "mailbox", active, "info", "--quota", "100")
    with connection():
        before = Audit.select().count()
    said = added(call, "change", "mailbox", active, "info", "--quota", "200", "--new-password")
    assert (said["quota"], len(said["password"])) == ("200", 20)
    with connection():
        assert Audit.select().count() == before + 1
        sealed = Item.get().secret
    assert call("service", "change", "mailbox", active, "info", "--quota", "lots", "--new-password").code == 2
    with connection():
        assert (Item.get().wanted["quota"], Item.get().secret) == ("200", sealed)


def test_records_of_a_file_are_one_edit_of_their_zone(call: Call, active: str, tmp_path: Path) -> None:
    (tmp_path / "zone.csv").write_text(f'service,name,type,value\n{active},a,A,192.0.2.1\n{active},b,TXT,"one, two"\n')
    said = added(call, "import", "record", str(tmp_path / "zone.csv"))
    assert len(said["tasks"]) == 2
    assert {"a", "b"} <= {row["name"] for row in items_of(call, "record")}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("name\nx\n", "CSV_HEADER"),
        ("service,shoe\n1,x\n", "CSV_HEADER"),
        ("service,name\n1\n", "CSV_CELLS"),
        ("service,name\n", "CSV_EMPTY"),
        ('service,name\n1,"x\n', "CSV_FORM"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused(call: Call, active: str, tmp_path: Path, text: str, code: str) -> None:
    (tmp_path / "ftp.csv").write_text(text)
    said = call("service", "import", "ftp", str(tmp_path / "ftp.csv"), "--json")
    assert (said.code, json.loads(said.out)["error"]["code"]) == (2, code)


def test_mailboxes_that_the_panel_takes_for_one_are_refused(call: Call, active: str) -> None:
    added(call, "add", "mailbox", active, "axb")
    assert refused(call, "add", "mailbox", active, "a.b") == (4, "MAIL_ALIKE")


def test_pgsql_on_an_account_with_a_dash_is_refused(call: Call, active: str) -> None:
    assert refused(call, "add", "database", active, "shop", "--engine", "pgsql") == (2, "DB_ENGINE")
