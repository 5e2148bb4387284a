"""The statistics as people and files see them, and how full the tiers are."""

from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from tests.conftest import add_fleet, add_server

from hostdeck.core.domain.vocabulary import Mode, Role, ServiceStatus
from hostdeck.core.errors import NotFound
from hostdeck.core.queries.usage import FIGURES, service_stats, stats, tiers
from hostdeck.core.queries.usage_text import stats_csv, stats_json
from hostdeck.core.settings import Settings
from hostdeck.core.store.figure_models import CapacityDay, Usage
from hostdeck.core.store.fleet_models import Group, Server
from hostdeck.core.store.work_models import Product, Record, Service, Zone

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def fleet(any_store: Settings) -> None:
    add_fleet()


def service(domain: str, used: dict[str, int], limits: dict[str, str] | None = None, **more: object) -> Service:
    values = {"mode": Mode.SPLIT, "roles": ["web"], "status": ServiceStatus.ACTIVE} | more
    row = Service.create(domain=domain, product=Product.get(), limits=limits or {}, **values)
    for key, count in used.items():
        Usage.create(service=row, key=key, used=count, at=NOON)
    return row


def test_the_fullest_service_comes_first_and_the_terminated_not_at_all() -> None:
    service("half.com", {"web_databases": 1}, {"web_databases": "2"})
    service("over.com", {"web_databases": 8}, {"web_databases": "2"})
    service("off.com", {"web_databases": 1}, {"web_databases": "0"})
    service("never.com", {})
    service("endless.com", {"web_bandwidth": 10**9}, {"web_bandwidth": "unlimited"})
    service("gone.com", {"web_databases": 9}, {"web_databases": "1"}, status=ServiceStatus.TERMINATED)
    rows = service_stats()
    assert [row.domain for row in rows] == ["off.com", "over.com", "half.com", "endless.com", "never.com"]
    over, endless = rows[1].use["databases"], rows[3].use["bandwidth"]
    assert (over.percent, over.over, over.band) == (400, 6, "over")
    assert (endless.limit, endless.percent, endless.band) == (None, None, "free")
    assert (rows[4].use, rows[4].updated_at) == ({}, None)
    assert rows[0].updated_at == NOON


def test_each_mode_shows_its_own_limit_in_the_column() -> None:
    service("one.com", {"account_backups": 4, "web_disk_quota": 5}, {"account_backups": "5"}, mode=Mode.UNIFIED)
    sold = {"vanity_site_disk_quota": 7, "vanity_mail_quota": 8}
    service("anna.names.com", sold, {"vanity_mail_quota": "16"}, mode=Mode.VANITY)
    by_name = {row.domain: row.use for row in service_stats()}
    assert by_name["one.com"]["web_backups"].key == "account_backups"
    assert by_name["anna.names.com"]["mail_disk"].percent == 50
    assert by_name["anna.names.com"]["web_disk"].limit == 1024


def test_records_are_our_own_until_a_nameserver_has_counted_them() -> None:
    row = service("one.com", {})
    zone = Zone.create(service=row, name="one.com")
    for name in ("@", "www"):
        Record.create(zone=zone, name=name, type="A", value="192.0.2.1", ttl=60)
    assert service_stats()[0].use["dns_records"].used == 2
    Usage.create(service=row, key="dns_records", used=7, at=NOON)
    assert service_stats("one.com")[0].use["dns_records"].used == 7


def test_a_service_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound):
        service_stats("nowhere.com")


def test_a_file_for_spreadsheets_has_every_figure_and_no_formula() -> None:
    Product.update(name="=cmd").execute()
    service("one.com", {"web_databases": 9, "web_bandwidth": 5}, {"web_databases": "5", "web_bandwidth": "unlimited"})
    head, line = csv.reader(StringIO(stats_csv(service_stats())))
    cells = dict(zip(head, line, strict=True))
    assert {f"{figure.key}_percent" for figure in FIGURES} < set(cells)
    assert (cells["product"], cells["domain"], cells["updated_at"]) == ("'=cmd", "one.com", "2026-03-01T12:00:00Z")
    assert [cells[f"databases_{part}"] for part in ("used", "limit", "percent", "over")] == ["9", "5", "180", "4"]
    assert [cells[f"bandwidth_{part}"] for part in ("used", "limit", "percent", "over")] == ["5", "unlimited", "", "0"]
    assert cells["mail_disk_used"] == ""


def test_the_file_for_programs_is_json_whatever_is_over() -> None:
    service("off.com", {"web_databases": 1}, {"web_databases": "0"})
    (row,) = json.loads(stats_json(service_stats()), parse_constant=pytest.fail)
    assert row["use"]["databases"] == {
        "key": "web_databases", "used": 1, "limit": 0, "percent": None, "over": 1, "band": "over",
    }  # fmt: skip


def days(name: str, counts: list[int], disks: list[int] | None = None, total: int = 1000, most: int = 100) -> None:
    server = Server.get(Server.name == name)
    Server.update(max_accounts=most, accounts=counts[-1]).where(Server.id == server.id).execute()
    for number, count in enumerate(counts):
        day = (date(2026, 3, 1) + timedelta(days=number)).isoformat()
        disk = {"disk_used_mb": disks[number], "disk_total_mb": total} if disks else {}
        CapacityDay.create(server=server, day=day, accounts=count, max_accounts=most, **disk)


def tier(role: Role) -> object:
    return next(row for row in tiers() if row.role is role)


def test_a_tier_is_full_when_the_first_of_accounts_and_disk_is() -> None:
    days("web01", [10, 11, 12, 13], [100, 200, 300, 400])
    days("web02", [28, 28, 28, 28], [70, 70, 70, 70])
    found = tier(Role.WEB)
    assert (found.servers, found.accounts, found.max_accounts) == (2, 41, 200)  # type: ignore[attr-defined]
    assert (found.disk_percent, found.days_to_full) == (23.5, 15.3)  # type: ignore[attr-defined]


def test_a_tier_that_does_not_grow_says_no_day() -> None:
    days("web01", [10, 10, 10])
    days("web02", [10, 9, 8])
    assert tier(Role.WEB).days_to_full is None  # type: ignore[attr-defined]


def test_a_tier_with_a_server_without_limit_is_never_full_of_accounts() -> None:
    days("web01", [10, 20, 30])
    days("web02", [10, 20, 30], most=0)
    found = tier(Role.WEB)
    assert (found.max_accounts, found.days_to_full) == (0, None)  # type: ignore[attr-defined]


def test_without_a_day_the_disk_is_what_the_nodes_last_told() -> None:
    Server.update(health_facts={"disk_percent": 40.0}).where(Server.name == "web01").execute()
    assert tier(Role.WEB).disk_percent == 40  # type: ignore[attr-defined]
    assert [row.role for row in stats().tiers] == [Role.WEB, Role.MAIL, Role.DNS]


def test_a_disabled_server_gives_no_room() -> None:
    add_server("web03", Role.WEB, group=Group.get(), max_accounts=50, status="disabled")
    assert tier(Role.WEB).servers == 2  # type: ignore[attr-defined]
