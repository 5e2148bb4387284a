"""A Split order built on pretend nodes over real SSH, and what goes wrong on the way."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.queue.conftest import error_of, make_due, run_all_due, statuses
from tests.simfleet import public_key, register, sim_fleet
from tests.workers import wait_until

from hostdeck.core.domain.vocabulary import Role, ServerStatus, ServiceStatus, Stream, TaskStatus
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.fleet import check_server
from hostdeck.core.intents.forms import OrderForm, ProductForm
from hostdeck.core.intents.products import add_product
from hostdeck.core.intents.services import place_order
from hostdeck.core.intents.work import cancel, retry
from hostdeck.core.settings import Settings
from hostdeck.core.sim.fleet import SimFleet
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.work_models import Account, Service, Task, TaskLog, ZoneDeploy
from hostdeck.queue.runner import Runner

TIERS = ("web01", "mx01", "ns01", "ns02")


def order(door: Door, domain: str = "customer.test", **values: object) -> int:
    return place_order(door, OrderForm(domain, "basic", **values))  # type: ignore[arg-type]


def status(service: int) -> ServiceStatus:
    return Service.get_by_id(service).status


def changing(fleet: SimFleet) -> list[tuple[str, str]]:
    """(node, command) of every changing command that ran, without reloads."""
    return [
        (name, ran.argv[0].rsplit("/", 1)[-1])
        for name, node in fleet.nodes.items()
        for ran in node.journal
        if node.account.changes(ran.argv) and "restart" not in ran.argv[0]
    ]


def test_a_split_order_becomes_active_with_each_role_on_its_tier(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(TIERS) as fleet:
        register(door, fleet)
        service = order(door, email="owner@customer.com")
        run_all_due(runner)
        assert status(service) is ServiceStatus.ACTIVE, error_of(service)
        assert {(a.server.name, a.username) for a in Account.select()} == {
            ("web01", "customer-test-web"),
            ("mx01", "customer-test-mail"),
            ("ns01", "customer-test-dns"),
            ("ns02", "customer-test-dns"),
        }
        shown = fleet["web01"].account.run(["v-list-user", "customer-test-web", "json"]).stdout
        assert '"CONTACT": "owner@customer.com"' in shown
        assert not any(node.overlaps for node in fleet.nodes.values())


def test_the_zone_on_every_nameserver_has_the_mail_nodes_key(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(TIERS) as fleet:
        register(door, fleet)
        order(door)
        run_all_due(runner)
        mail = fleet["mx01"].account.run(["v-list-mail-domain-dkim-dns", "customer-test-mail", "customer.test", "json"])
        key = mail.stdout.split("'")[1]
        for name in ("ns01", "ns02"):
            listed = (
                fleet[name].account.run(["v-list-dns-records", "customer-test-dns", "customer.test", "json"]).stdout
            )
            assert key in listed
            assert "v=spf1" in listed
            assert "v=DMARC1" in listed
        assert all(deploy.serial and deploy.deployed_at for deploy in ZoneDeploy.select())


def test_running_everything_again_changes_nothing(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(TIERS) as fleet:
        register(door, fleet)
        service = order(door)
        run_all_due(runner)
        before = changing(fleet)
        Task.update(status=TaskStatus.QUEUED, claim_no=0).where(Task.status == TaskStatus.SUCCESS).execute()
        run_all_due(runner)
        assert changing(fleet) == before
        assert status(service) is ServiceStatus.ACTIVE


def test_a_zone_reaches_a_hestia_node_in_at_most_four_changing_commands(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(TIERS) as fleet:
        register(door, fleet)
        order(door)
        run_all_due(runner)
        zone = [command for name, command in changing(fleet) if name == "ns01" and "dns" in command]
        assert zone == ["v-add-dns-domain", "v-insert-dns-records", "v-rebuild-dns-domain"]


def unified_order(door: Door, **options: str) -> int:
    add_product(door, ProductForm("one", "eu", "unified", tuple(Role), {"account_backups": "7"}))
    return place_order(door, OrderForm("customer.test", "one", options=options))


def test_a_unified_order_is_one_account_and_its_zone_joins_it(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(("all01", "ns01")) as fleet:
        register(door, fleet)
        service = unified_order(door)
        run_all_due(runner)
        assert status(service) is ServiceStatus.ACTIVE, error_of(service)
        named = {(a.server.name, a.username, tuple(a.roles)) for a in Account.select()}
        assert named == {("all01", "customer-test", ("web", "mail", "dns")), ("ns01", "customer-test-dns", ("dns",))}
        package = fleet["all01"].account.run(["v-list-user-package", f"hdk-{service:06d}-all-p", "json"]).stdout
        assert '"BACKUPS": "7"' in package


def test_a_unified_account_without_mail_is_still_the_combined_one(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(("all01",)) as fleet:
        register(door, fleet)
        service = unified_order(door, mail_disk_quota="0")
        run_all_due(runner)
        assert status(service) is ServiceStatus.ACTIVE, error_of(service)
        assert set(statuses(service)) & {"mail.addDomain@all01"} == set()
        assert [a.username for a in Account.select()] == ["customer-test"]


def test_a_single_all_in_one_node_holds_all_roles_under_one_user(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(("all01",)) as fleet:
        register(door, fleet)
        service = order(door)
        run_all_due(runner)
        assert status(service) is ServiceStatus.ACTIVE, error_of(service)
        assert [a.username for a in Account.select()] == ["customer-test"]
        assert Server.get().accounts == 1


def test_a_user_of_somebody_else_is_left_alone_and_named(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(TIERS) as fleet:
        register(door, fleet)
        fleet["web01"].account.add_foreign_user("customer-test-web", "bob@elsewhere.com", "Bob Elsewhere")
        before = fleet["web01"].account.run(["v-list-user", "customer-test-web", "json"]).stdout
        service = order(door)
        run_all_due(runner)
        assert status(service) is ServiceStatus.ERROR
        assert "account 'customer-test-web' on web01 is not managed by hostdeck" in error_of(service)
        assert "Bob Elsewhere" in error_of(service)
        assert fleet["web01"].account.run(["v-list-user", "customer-test-web", "json"]).stdout == before
        assert statuses(service)["mail.addDomain@mx01"] is TaskStatus.SUCCESS


def test_a_domain_of_somebody_else_is_left_alone_and_its_owner_named(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(TIERS) as fleet:
        register(door, fleet)
        account = fleet["web01"].account
        account.add_foreign_user("bob", "bob@elsewhere.com", "Bob")
        added = account.run(["v-add-web-domain", "bob", "customer.test", account.ip, "no", "none"])
        assert added.exit == 0
        service = order(door)
        run_all_due(runner)
        assert status(service) is ServiceStatus.ERROR
        assert "belongs to account 'bob'" in error_of(service)


@pytest.mark.parametrize("email", ["", "owner@customer.com"])
@pytest.mark.parametrize("stage", ["useradd", "home", "data", "conf", "jail"])
def test_f13_a_half_made_user_that_carries_our_mark_becomes_whole(
    store: Settings, runner: Runner, door: Door, stage: str, email: str
) -> None:
    with sim_fleet(TIERS) as fleet:
        register(door, fleet)
        service = order(door, email=email)
        account = Account.get(Account.username == "customer-test-web")
        mark = f"hdk-{service}.{account.nonce}@hostdeck.invalid"
        fleet["web01"].account.half_made("customer-test-web", mark, stage, f"hdk {service} {account.nonce}")
        run_all_due(runner)
        assert status(service) is ServiceStatus.ACTIVE, error_of(service)


def test_f33_a_failed_reload_is_repeated_without_doing_the_work_again(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(TIERS, faults={"web01": ["v-restart-web=exit:20*1"]}) as fleet:
        register(door, fleet)
        service = order(door)
        run_all_due(runner)
        task = Task.get(Task.service == service, Task.action == "web.addDomain")
        assert task.status is TaskStatus.RETRYING
        assert "did not reload" in (task.error or "")
        make_due()
        run_all_due(runner)
        assert status(service) is ServiceStatus.ACTIVE
        assert changing(fleet).count(("web01", "v-add-web-domain")) == 1


def test_f32_success_without_effect_is_not_believed(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(TIERS, faults={"web01": ["v-add-web-domain=lie*1"]}) as fleet:
        register(door, fleet)
        service = order(door)
        run_all_due(runner)
        task = Task.get(Task.service == service, Task.action == "web.addDomain")
        assert task.status is TaskStatus.RETRYING
        assert "did not take" in (task.error or "")
        make_due()
        run_all_due(runner)
        assert status(service) is ServiceStatus.ACTIVE


@pytest.mark.parametrize("kind", ["drop-before", "drop-after", "cut"])
@pytest.mark.parametrize("command", ["v-add-user", "v-add-mail-domain", "v-rebuild-dns-domain", "v-list-user"])
def test_f4_a_lost_line_is_never_guessed_about(
    store: Settings, runner: Runner, door: Door, command: str, kind: str
) -> None:
    if kind == "cut" and not command.startswith("v-list"):
        kind = "exit-after:137"
    faults = {name: [f"{command}={kind}*1"] for name in TIERS}
    with sim_fleet(TIERS, faults=faults) as fleet:
        register(door, fleet)
        service = order(door)
        for _ in range(4):
            run_all_due(runner)
            make_due()
        assert status(service) is ServiceStatus.ACTIVE, error_of(service)
        for name, added in Counter(changing(fleet)).items():
            assert added == 1 or "v-rebuild" in name[1] or "v-insert" in name[1] or name[1] == command, name
        assert not any(node.overlaps for node in fleet.nodes.values())


def test_f14_an_unreachable_node_costs_no_attempt(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(TIERS) as fleet:
        register(door, fleet)
        Server.update(ssh_port=1).where(Server.name == "web01").execute()
        service = order(door)
        run_all_due(runner)
        task = Task.get(Task.service == service, Task.action == "web.createPackage")
        assert (task.status, task.attempts) == (TaskStatus.RETRYING, 0)
        assert task.snoozes >= 1
        assert "web01: not reachable at 127.0.0.1:1" in (task.error or "")
        assert statuses(service)["mail.addDomain@mx01"] is TaskStatus.SUCCESS


def test_one_dead_nameserver_leaves_the_service_active(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(TIERS) as fleet:
        register(door, fleet)
        Server.update(ssh_port=1).where(Server.name == "ns02").execute()
        service = order(door)
        run_all_due(runner)
        assert status(service) is ServiceStatus.ACTIVE
        assert statuses(service)["dns.createPackage@ns02"] is TaskStatus.RETRYING


def test_f27_a_changed_host_key_quarantines_before_any_login_byte(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(TIERS) as fleet:
        register(door, fleet)
        other = public_key(fleet["mx01"])
        Server.update(host_key=other).where(Server.name == "web01").execute()
        service = order(door)
        run_all_due(runner)
        server = Server.get(Server.name == "web01")
        assert server.status is ServerStatus.QUARANTINED
        assert "host key is not the pinned one" in server.health_error
        assert status(service) is ServiceStatus.ERROR
        assert fleet["web01"].journal == []


def test_f26_a_refused_login_fails_at_once_and_shows_on_the_server(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(TIERS) as fleet:
        register(door, fleet)
        fleet["web01"].authorized, fleet["web01"].password, fleet["web01"].open_house = [], "other", False
        service = order(door)
        run_all_due(runner)
        assert "login as root with this key is refused" in error_of(service)
        assert Task.get(Task.service == service, Task.action == "web.createPackage").attempts == 1
        assert "login as root" in Server.get(Server.name == "web01").health_error


def test_a_failed_step_goes_on_from_where_it_stopped_when_it_is_retried(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(TIERS, faults={"web01": ["v-add-web-domain=exit:12*1"]}) as fleet:
        register(door, fleet)
        service = order(door)
        run_all_due(runner)
        failed = Task.get(Task.service == service, Task.status == TaskStatus.FAILED)
        assert "(exit 12 E_PARSING, a template or archive can't be read)" in error_of(service)
        retry(door, failed.id)
        assert status(service) is ServiceStatus.DEPLOYING
        run_all_due(runner)
        assert status(service) is ServiceStatus.ACTIVE


def test_no_password_reaches_the_log_or_the_nodes_journal(
    store: Settings, runner: Runner, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def make(size: int) -> str:
        made.append(f"Secret-{len(made)}-{'x' * size}")
        return made[-1]

    monkeypatch.setattr("hostdeck.queue.runner.secrets.token_urlsafe", make)
    with sim_fleet(TIERS) as fleet:
        register(door, fleet)
        order(door)
        run_all_due(runner)
        logged = "\n".join(row.text for row in TaskLog.select())
        ran = "\n".join(" ".join(item.argv) for node in fleet.nodes.values() for item in node.journal)
        assert len(made) >= 4
        assert not [secret for secret in made if secret in logged or secret in ran]
        assert "•••" in logged


def test_a_reserved_name_gets_no_certificate_and_is_passed_over(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(TIERS) as fleet:
        register(door, fleet)
        service = order(door)
        run_all_due(runner)
        task = Task.get(Task.service == service, Task.action == "ssl.seed")
        assert (task.status, "reserved name" in task.error) == (TaskStatus.SKIPPED, True)


def test_the_ssl_follow_up_waits_without_holding_the_service(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(TIERS) as fleet:
        register(door, fleet)
        service = order(door, "customer.com")
        run_all_due(runner)
        task = Task.get(Task.service == service, Task.action == "ssl.seed")
        assert (task.status, task.attempts) == (TaskStatus.RETRYING, 0)
        assert status(service) is ServiceStatus.ACTIVE


def test_a_check_reads_the_nodes_figures(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(("web01",)) as fleet:
        register(door, fleet)
        check_server(door, "web01")
        run_all_due(runner)
        server = Server.get(Server.name == "web01")
        assert server.health == "ok"
        assert server.health_facts["panel_version"] == "1.10.3"


def test_a_failed_check_says_so_on_the_server_and_does_not_wait(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(("web01",)) as fleet:
        register(door, fleet)
        Server.update(ssh_port=1).execute()
        task = check_server(door, "web01")
        run_all_due(runner)
        assert Task.get_by_id(task).status is TaskStatus.FAILED
        assert Server.get().health == "error"


def test_every_command_and_its_exit_code_stand_in_the_log(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(TIERS) as fleet:
        register(door, fleet)
        service = order(door)
        run_all_due(runner)
        task = Task.get(Task.service == service, Task.action == "web.addDomain")
        lines = list(TaskLog.select().where(TaskLog.task == task).order_by(TaskLog.seq))
        commands = [line.text for line in lines if line.stream is Stream.COMMAND]
        added = f"v-add-web-domain customer-test-web customer.test {fleet['web01'].account.ip} no www.customer.test"
        assert added in commands
        assert sum(line.text.startswith("exit ") for line in lines) == len(commands)


def test_a_user_that_became_somebody_elses_between_two_steps_is_left_alone(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(TIERS) as fleet:
        register(door, fleet)
        service = order(door)
        account = fleet["web01"].account
        for action in ("web.createPackage", "web.createUser"):
            assert runner.run(Task.get(Task.service == service, Task.action == action).id)
        account.run(["v-delete-user", "customer-test-web"])
        account.add_foreign_user("customer-test-web", "bob@elsewhere.com", "Bob Elsewhere")
        run_all_due(runner)
        assert "it belongs to Bob Elsewhere" in error_of(service)
        assert account.run(["v-list-web-domain", "customer-test-web", "customer.test", "json"]).exit == 3


def test_a_user_that_has_gone_is_not_made_again_behind_its_steps_back(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(TIERS) as fleet:
        register(door, fleet)
        service = order(door)
        for action in ("web.createPackage", "web.createUser"):
            assert runner.run(Task.get(Task.service == service, Task.action == action).id)
        fleet["web01"].account.run(["v-delete-user", "customer-test-web"])
        run_all_due(runner)
        assert "is not there any more" in error_of(service)


def test_another_hostdecks_package_of_the_same_name_is_left_alone(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(TIERS) as fleet:
        register(door, fleet)
        order(door, "first.test", options={"web_disk_quota": "50000"})
        run_all_due(runner)
        account = fleet["web01"].account
        before = account.run(["v-list-user-package", "hdk-000001-web-p", "json"]).stdout
        # As a database made anew would number its first service.
        Account.update(nonce="00000000").execute()
        Task.update(status=TaskStatus.QUEUED).where(Task.action == "web.createPackage").execute()
        task = Task.get(Task.action == "web.createPackage")
        Task.update(
            args=task.args | {"mark": "hdk 1 00000000", "limits": task.args["limits"] | {"web_disk_quota": "1"}}
        ).where(Task.id == task.id).execute()
        assert runner.run(task.id)
        assert "package 'hdk-000001-web-p' on web01 is not this service's" in (Task.get_by_id(task.id).error or "")
        assert account.run(["v-list-user-package", "hdk-000001-web-p", "json"]).stdout == before


@pytest.mark.parametrize("code", [1, 15, 127, 137])
def test_a_reload_that_failed_is_not_success_whatever_its_code(
    store: Settings, runner: Runner, door: Door, code: int
) -> None:
    with sim_fleet(TIERS, faults={"web01": [f"v-restart-web=exit:{code}*1"]}) as fleet:
        register(door, fleet)
        service = order(door)
        run_all_due(runner)
        task = Task.get(Task.service == service, Task.action == "web.addDomain")
        assert task.status in (TaskStatus.RETRYING, TaskStatus.FAILED)
        assert "v-restart-web" in (task.error or "")


def test_a_site_without_aliases_asks_for_no_www_certificate(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(TIERS) as fleet:
        register(door, fleet)
        service = order(door, options={"web_aliases": "0"})
        assert Task.get(Task.service == service, Task.action == "ssl.seed").args["hosts"] == ["customer.test"]


def test_a_quarantined_nameserver_does_not_hold_a_service(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(TIERS) as fleet:
        register(door, fleet)
        service = order(door)
        Server.update(status=ServerStatus.QUARANTINED).where(Server.name == "ns02").execute()
        run_all_due(runner)
        assert status(service) is ServiceStatus.ACTIVE


def test_f45_a_cancel_while_the_node_works_lets_the_command_end_and_begins_no_other(
    store: Settings, runner: Runner, door: Door
) -> None:
    with sim_fleet(TIERS, latency_ms=1500, faults={"web01": ["v-add-user=half*1"]}) as fleet:
        register(door, fleet)
        service = order(door)
        runner.run(Task.get(Task.service == service, Task.action == "web.createPackage").id)
        task = Task.get(Task.service == service, Task.action == "web.createUser").id
        with ThreadPoolExecutor(1) as other:
            under_way = other.submit(runner.run, task)
            begun = TaskLog.select().where(TaskLog.task == task, TaskLog.text.startswith("v-add-user"))
            wait_until(begun.exists)
            cancel(door, task)
            row = Task.get_by_id(task)
            assert (row.status, row.cancel_asked) == (TaskStatus.RUNNING, True)
            assert under_way.result(30)
        assert Task.get_by_id(task).status is TaskStatus.CANCELLED
        assert begun.count() == 1
        acts = [ran.argv for ran in fleet["web01"].journal if fleet["web01"].account.changes(ran.argv)]
        assert acts[-1][0].endswith("v-add-user")
        assert Task.get(Task.service == service, Task.action == "web.addDomain").status is TaskStatus.WAITING


def test_a_cancelled_step_can_be_taken_up_again(store: Settings, runner: Runner, door: Door) -> None:
    with sim_fleet(TIERS) as fleet:
        register(door, fleet)
        service = order(door)
        for action in ("web.createPackage", "web.addDomain"):
            cancel(door, Task.get(Task.service == service, Task.action == action).id)
        run_all_due(runner)
        assert status(service) is ServiceStatus.ERROR
        for action in ("web.addDomain", "web.createPackage"):
            retry(door, Task.get(Task.service == service, Task.action == action).id)
        run_all_due(runner)
        assert status(service) is ServiceStatus.ACTIVE
