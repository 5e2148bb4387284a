"""A group's configuration and files behind OpenSSH's own sshd, by each login: the shell texts a real node runs."""

from __future__ import annotations

import pytest
from tests.queue.conftest import run_all_due
from tests.real.conftest import Fleet, RealFleet, SystemUser

from hostdeck.core.domain.config_wishes import Push
from hostdeck.core.domain.vocabulary import Target, TaskStatus
from hostdeck.core.intents import bulk
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.group_config import put_file, set_config
from hostdeck.core.queries.bulk import bulk_run
from hostdeck.core.queries.drift import drift_board
from hostdeck.core.settings import Settings
from hostdeck.core.store.work_models import Task
from hostdeck.queue.runner import Runner

# The real text sweeps /tmp/hdkx.* of dead guards: one real guard at a time on this machine.
pytestmark = pytest.mark.xdist_group("real-guard")

NODES = ("web01", "mx01")
ROBOTS = "/var/www/html/robots.txt"
SUSPENDED = "/usr/local/hestia/data/templates/web/suspend/index.html"


def conf(running: RealFleet, name: str) -> dict[str, str]:
    text = (running[name].folder / "conf" / "hestia.conf").read_text()
    return dict(line.removesuffix("'").split("='", 1) for line in text.splitlines())


def sent(running: RealFleet, name: str) -> list[object]:
    argvs = (ran["argv"] for ran in running[name].journal())
    return [argv[1:] for argv in argvs if isinstance(argv, list) and argv[0].startswith("v-change-sys-")]


def test_configuration_and_files_reach_real_files_once(
    store: Settings, runner: Runner, door: Door, fleet: Fleet, who: SystemUser | None
) -> None:
    with fleet(NODES, who) as running:
        running.register(door)
        set_config(door, "eu", Target.ALL, {"THEME": "flat", "APP_NAME": "My Panel & Co"})
        set_config(door, "eu", Target.WEB, {"DB_PMA_ALIAS": "sql"})
        set_config(door, "eu", Target.MAIL, {"WEBMAIL_ALIAS": "post"})
        put_file(door, "eu", ROBOTS, "User-agent: *\n" * 15_000, Target.ALL)
        put_file(door, "eu", SUSPENDED, "<h1>gone</h1>\n", Target.WEB)
        for _ in range(2):
            for to in (Push.ALL, Push.FILES):
                number = bulk.apply(door, "eu", to)
                run_all_due(runner)
                run = bulk_run(number)
                assert run.state == "done", [step.error for step in run.steps]
        assert (conf(running, "web01")["APP_NAME"], conf(running, "web01")["DB_PMA_ALIAS"]) == ("My Panel & Co", "sql")
        assert (conf(running, "mx01")["WEBMAIL_ALIAS"], conf(running, "mx01")["DB_PMA_ALIAS"]) == ("post", "phpmyadmin")
        assert sent(running, "web01") == [["THEME", "flat"], ["APP_NAME", "My Panel & Co"], ["pma", "sql"]]
        assert sent(running, "mx01") == [["THEME", "flat"], ["APP_NAME", "My Panel & Co"], ["post"]]
        robots = running["mx01"].folder / "var/www/html/robots.txt"
        assert robots.read_text() == "User-agent: *\n" * 15_000
        assert robots.stat().st_mode & 0o777 == 0o644
        suspended = "data/templates/web/suspend/index.html"
        assert (running["web01"].folder / suspended).read_text() == "<h1>gone</h1>\n"
        assert not (running["mx01"].folder / suspended).exists()
        assert drift_board("eu").differing == 0
        assert running.overlaps() == []
        robots.write_text("changed by somebody\n")
        bulk.apply(door, "eu", Push.FILES)
        run_all_due(runner)
        assert robots.read_text() == "User-agent: *\n" * 15_000
        assert not Task.select().where(Task.status != TaskStatus.SUCCESS).exists()
