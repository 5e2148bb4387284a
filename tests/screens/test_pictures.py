"""Each screen in one state, at the two sizes that matter."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.screens.seeing import press, pressing, settle

from hostdeck.core.domain.vocabulary import Mode, RunKind, TaskStatus
from hostdeck.core.domain.zone_check import Answers, judge, wanted_sets
from hostdeck.core.queries.zones import wanted
from hostdeck.core.store.db import connection, transaction
from hostdeck.core.store.figure_models import HealthSample
from hostdeck.core.store.fleet_models import Group, Server, VanityDomain
from hostdeck.core.store.work_models import Product, Run, Task
from hostdeck.tui.app import HostdeckApp
from hostdeck.tui.widgets.dialogs import Confirm
from hostdeck.tui.widgets.plan_dialog import PlanDialog

SIZES = [(80, 24), (120, 36)]
both_sizes = pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x36"])


CASES: dict[str, tuple[str, ...]] = {
    "home": (),
    "servers": ("2",),
    "servers_dns": ("2", "left_square_bracket"),
    "server_new": ("2", "n"),
    "server_edit": ("2", "e"),
    "server_standing": ("2", "enter", "right_square_bracket"),
    "server_unchecked": ("2", "enter", "left_square_bracket"),
    "server_removing": ("2", "delete"),
    "services": ("4",),
    "deploying": ("4", "down", "enter"),
    "error": ("4", "enter"),
    "overview": ("4", "end", "enter"),
    "ssl": ("4", "end", "enter", *["right_square_bracket"] * 2),
    "ssl_frozen": ("4", "enter", *["right_square_bracket"] * 5),
    "certificates": (":", *"ssl", "enter"),
    "active": ("4", "end", "enter", *["left_square_bracket"] * 3),
    "service_tasks": ("4", "enter", "l"),
    "zones": ("5",),
    "zone": ("5", "end", "enter"),
    "products": (":", *"prod", "enter"),
    "product": (":", *"prod", "enter", "enter"),
    "tasks": ("6", "j", "j", "j", "j", "j"),
    "task": ("6", "j", "j", "j", "j", "j", "f"),
    "tickets": (":", *"tick", "enter"),
    "ticket": (":", *"tick 2", "enter"),
    "ticket_closing": (":", *"tick", "enter", "a"),
    "help": ("6", "question_mark"),
    "filter": ("6", "slash", *"mail north", "enter"),
    "command": (":", *"se"),
    "confirm": ("6", "x"),
}


@both_sizes
@pytest.mark.parametrize("case", CASES)
def test_screen(snap_compare: Any, app: HostdeckApp, case: str, size: tuple[int, int]) -> None:
    assert snap_compare(app, terminal_size=size, run_before=pressing(*CASES[case]))


@both_sizes
def test_home_of_an_empty_fleet(
    snap_compare: Any, empty: Path, make_app: Callable[..., HostdeckApp], size: tuple[int, int]
) -> None:
    async def welcomed(pilot: Any) -> None:
        while not pilot.app.screen.has_class("-empty"):
            await settle(pilot)
        while pilot.app.screen.focused is not None:
            await settle(pilot)
        await settle(pilot)

    assert snap_compare(make_app(), terminal_size=size, run_before=welcomed)


def test_home_without_colour(
    snap_compare: Any, seeded: Path, make_app: Callable[..., HostdeckApp], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(make_app(), terminal_size=(120, 36), run_before=pressing())


def test_read_only_tasks(snap_compare: Any, seeded: Path, make_app: Callable[..., HostdeckApp]) -> None:
    """Keys that would change something are struck out, and say why when pressed."""
    asked = pressing("6", "r")
    assert snap_compare(make_app(read_only=True, demo=True), terminal_size=(120, 36), run_before=asked)


@both_sizes
def test_order_with_its_plan(snap_compare: Any, app: HostdeckApp, size: tuple[int, int]) -> None:
    async def fill(pilot: Any) -> None:
        await press(pilot, "n", *"green-apple.org")
        while pilot.app.screen.plan is None:
            await pilot.pause(0.05)
        await settle(pilot)

    assert snap_compare(app, terminal_size=size, run_before=fill)


@both_sizes
def test_order_with_a_wrong_domain(snap_compare: Any, app: HostdeckApp, size: tuple[int, int]) -> None:
    async def fill(pilot: Any) -> None:
        await press(pilot, "n", *"-bad.org")
        while not pilot.app.screen.query_one("#wrong-domain").display:
            await pilot.pause(0.05)
        await settle(pilot)

    assert snap_compare(app, terminal_size=size, run_before=fill)


@both_sizes
def test_plan_of_a_termination(snap_compare: Any, app: HostdeckApp, size: tuple[int, int]) -> None:
    """What would be destroyed stands first, and only the typed name does it."""

    async def ask(pilot: Any) -> None:
        await press(pilot, "4", "end", "enter", ":", *"terminate", "enter")
        while not (isinstance(pilot.app.screen, PlanDialog) and reading_tasks()):
            await pilot.pause(0.02)
        await settle(pilot)

    assert snap_compare(app, terminal_size=size, run_before=ask)


@both_sizes
def test_menu_of_a_service(snap_compare: Any, app: HostdeckApp, size: tuple[int, int]) -> None:
    assert snap_compare(app, terminal_size=size, run_before=pressing("4", "end", "enter", "a"))


@both_sizes
def test_no_zones(snap_compare: Any, empty: Path, make_app: Callable[..., HostdeckApp], size: tuple[int, int]) -> None:
    assert snap_compare(make_app(), terminal_size=size, run_before=pressing("5"))


@both_sizes
def test_no_tickets(
    snap_compare: Any, empty: Path, make_app: Callable[..., HostdeckApp], size: tuple[int, int]
) -> None:
    """Says what tickets are, and that nothing is wrong."""
    assert snap_compare(make_app(), terminal_size=size, run_before=pressing(":", *"tick", "enter"))


@both_sizes
def test_no_certificates(
    snap_compare: Any, empty: Path, make_app: Callable[..., HostdeckApp], size: tuple[int, int]
) -> None:
    assert snap_compare(make_app(), terminal_size=size, run_before=pressing("4", ":", *"cert", "enter"))


@both_sizes
def test_zone_with_a_nameserver_that_differs(snap_compare: Any, app: HostdeckApp, size: tuple[int, int]) -> None:
    """As after `b`; what it asks is given here, so that the picture needs no network."""

    async def asked(pilot: Any) -> None:
        await press(pilot, "5", "end", "enter")
        screen = pilot.app.screen
        sets = wanted_sets(wanted(screen.zone))
        moved = sets | {("@", "A"): frozenset({("192.0.2.99", 3600)})}
        answers = (Answers("ns1", serial="2026112402", sets=sets), Answers("ns2", serial="2026112402", sets=moved))
        screen.take([judge(sets, answer, None) for answer in answers])
        await settle(pilot)

    assert snap_compare(app, terminal_size=size, run_before=asked)


def sell_names(home: Path) -> None:
    """A parent domain and a product of names on it, beside the seeded ones."""
    with transaction():
        group = Group.get(Group.name == "eu")
        mail = Server.get(Server.name == "mx01")
        VanityDomain.create(group=group, domain="benchwords.com", mail_server=mail, mail_user="prov", reserved=["news"])
        Product.create(name="a-name", group=group, mode=Mode.VANITY, roles=["web", "mail", "dns"], limits={})


@both_sizes
@pytest.mark.parametrize("name", ["ruslan", "admin"])
def test_order_of_a_name(snap_compare: Any, seeded: Path, app: HostdeckApp, size: tuple[int, int], name: str) -> None:
    """The verdict stands under the name while it is typed: free, or why not."""
    sell_names(seeded)

    async def fill(pilot: Any) -> None:
        await press(pilot, "n", *name)
        while not pilot.app.screen.query_one("#wrong-domain").display:
            await pilot.pause(0.05)
        await settle(pilot)

    assert snap_compare(app, terminal_size=size, run_before=fill)


@both_sizes
def test_plan_as_the_nodes_told_it(snap_compare: Any, app: HostdeckApp, size: tuple[int, int]) -> None:
    """Every command by task, and why there is none."""

    async def ask(pilot: Any) -> None:
        await press(pilot, "4", "end", "enter", ":", *"suspend", "enter")
        while not isinstance(pilot.app.screen, PlanDialog):
            await pilot.pause(0.02)
        while (task := next(iter(reading_tasks()), None)) is None:
            await pilot.pause(0.02)
        told = {
            "web.suspend": {"commands": ["v-suspend-user customer-com-web no", "v-restart-web ''"], "note": None},
            "mail.suspend": {"commands": [], "note": "right already: passed over"},
        }
        with connection():
            for row in reading_tasks():
                here = {step["key"]: told[step["key"]] | {"certain": True} for step in row.args["steps"]}
                Task.update(result=here, status=TaskStatus.SUCCESS).where(Task.id == row.id).execute()
        assert task is not None
        while "exactly these" not in str(pilot.app.screen.query_one("#dialog-lines").render()):
            await settle(pilot)
        await settle(pilot)

    assert snap_compare(app, terminal_size=size, run_before=ask)


def reading_tasks() -> list[Task]:
    with connection():
        return list(Task.select().where(Task.action == "server.readPlan"))


@both_sizes
def test_new_product_with_its_preview(snap_compare: Any, app: HostdeckApp, size: tuple[int, int]) -> None:
    async def fill(pilot: Any) -> None:
        await press(pilot, ":", *"prod", "enter", "n", *"web-s")
        while pilot.app.screen.plan is None:
            await pilot.pause(0.05)
        await settle(pilot)

    assert snap_compare(app, terminal_size=size, run_before=fill)


@both_sizes
def test_unified_product_that_no_server_could_build(snap_compare: Any, app: HostdeckApp, size: tuple[int, int]) -> None:
    async def fill(pilot: Any) -> None:
        await press(pilot, ":", *"prod", "enter", "n", *"one-s", "tab", "down", "enter")
        while not pilot.app.screen.query_one("#wrong-group").display:
            await pilot.pause(0.05)
        await settle(pilot)

    assert snap_compare(app, terminal_size=size, run_before=fill)


CHECKS = (
    ("tcp", "TCP and banner", "ok", "SSH-2.0-OpenSSH_9.2p1 Debian-2", ()),
    ("host_key", "host key", "ok", "SHA256:T7SvZ2cslqpPj6nKzitCBHHlpVF3r3MvLwmFL0fk0IE is the pinned one", ()),
    ("login", "login", "ok", "deploy by key", ()),
    ("root", "root", "failed", "web01: sudo: a password is required; allow NOPASSWD: ALL [NODE_SUDO]", (
        "on the node, as root:",
        "echo 'deploy ALL=(ALL:ALL) NOPASSWD: ALL' > /etc/sudoers.d/hostdeck-deploy",
        "chmod 440 /etc/sudoers.d/hostdeck-deploy", "visudo -c",
    )),
    *((key, label, "not reached", "", ()) for key, label in (
        ("panel", "panel"), ("listing", "listing"), ("probe", "figures"), ("capabilities", "capabilities"),
    )),
)  # fmt: skip


def _known_server(seeds: Any) -> None:
    """web01 with figures over time, a service that is down, and a check that did not pass."""
    server = Server.get(Server.name == "web01")
    facts = server.health_facts | {"services_up": 13, "services_down": ["exim4"]}
    facts |= {"disk_used_mb": 48_128, "disk_total_mb": 102_400}
    Server.update(health_facts=facts, collected_at=seeds.before(minutes=12)).where(Server.id == server.id).execute()
    for at in range(60):
        HealthSample.create(
            server=server, at=seeds.before(minutes=300 - 5 * at), cpu=(at * 7) % 60, ram=40 + at % 20, disk=47,
            load=(at * 13) % 100,
        )  # fmt: skip
    checks = [dict(zip(("key", "label", "state", "text", "mend"), check, strict=True)) for check in CHECKS]
    Task.create(
        run=Run.create(kind=RunKind.SERVER), server=server, action="server.check", target="web01", status="failed",
        result={"checks": checks}, created_at=seeds.before(minutes=3), started_at=seeds.before(minutes=3),
        finished_at=seeds.before(minutes=3), error="web01: sudo: a password is required",
    )  # fmt: skip


@both_sizes
@pytest.mark.parametrize("tab", ["status", "check"])
def test_server(snap_compare: Any, app: HostdeckApp, seeds: Any, tab: str, size: tuple[int, int]) -> None:
    with transaction():
        _known_server(seeds)
    more = ("left_square_bracket",) if tab == "check" else ()
    asked = pressing(":", *"server web01", "enter", *more)
    assert snap_compare(app, terminal_size=size, run_before=asked)


@both_sizes
def test_host_key_to_compare(
    snap_compare: Any, app: HostdeckApp, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK7mAh4vPq5t1M1xQeiZ9rWkLhV1oX3Z4Fs6VqkkYH0n"
    monkeypatch.setattr(app, "scan_host_key", lambda host, port: key)
    with transaction():
        Server.update(status="quarantined").where(Server.name == "mx01").execute()

    async def asked(pilot: Any) -> None:
        await press(pilot, "2", "u")
        while not isinstance(pilot.app.screen, Confirm):
            await settle(pilot)
        await settle(pilot)

    assert snap_compare(app, terminal_size=size, run_before=asked)


@both_sizes
def test_no_servers(
    snap_compare: Any, empty: Path, make_app: Callable[..., HostdeckApp], size: tuple[int, int]
) -> None:
    assert snap_compare(make_app(), terminal_size=size, run_before=pressing("2"))
