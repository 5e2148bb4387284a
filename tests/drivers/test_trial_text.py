"""The fixed texts that restore an archive for trial, run by a real bash, with a real MariaDB and a real PostgreSQL."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from tests.drivers.test_proof_text import CONTENTS, NAME, packed, parts, tar_of
from tests.drivers.test_replies import result
from tests.mariadb import PASSWORD, SERVER, sql, start_mariadb
from tests.postgres import binaries, start_postgres

from hostdeck.core.domain.proofs import Parts, troubles, words
from hostdeck.core.domain.trials import scratch_databases
from hostdeck.core.drivers.hestia.scripts import script
from hostdeck.core.drivers.hestia.trials import TRIAL, TRY, trial_facts
from hostdeck.core.drivers.trials import AskTrial, TrialFacts

pytestmark = pytest.mark.xdist_group("trial")

IS_ROOT = os.getuid() == 0
USER = "nobody" if IS_ROOT else "scratch"
"""The scratch account's system user; without root everything runs as the one who tests."""

PAIRS = scratch_databases(USER, ("acme_shop", "acme_geo"))
SHOP, GEO = PAIRS["acme_shop"], PAIRS["acme_geo"]
MYSQL = b"""/*M!999999\\- enable the sandbox mode */
-- MariaDB dump 10.19
DROP TABLE IF EXISTS `goods`;
CREATE TABLE `goods` (
  `id` int NOT NULL, `name` text
) ENGINE=InnoDB;
INSERT INTO `goods` VALUES (1,'a'),(2,'it''s; \\\\');
CREATE TABLE `sold` (
  `id` int
);
/*!50003 CREATE*/ /*!50017 DEFINER=`acme_shop`@`localhost`*/ /*!50003 TRIGGER t BEFORE INSERT ON goods
  FOR EACH ROW SET NEW.id = NEW.id */;
/*!50001 CREATE DEFINER=`acme_shop`@`localhost` SQL SECURITY DEFINER VIEW `v` AS select 1 AS `one` */;
-- Dump completed on 2026-11-23 14:52:30
"""
PGSQL = b"""--
-- PostgreSQL database dump
--
SET client_encoding = 'UTF8';
CREATE TABLE public.places (
    id integer
);
ALTER TABLE public.places OWNER TO postgres;
COPY public.places (id) FROM stdin;
1
2
\\.

-- PostgreSQL database dump complete
"""


@dataclass
class Servers:
    mariadb: int
    postgres: int

    def mysql(self, text: str) -> str:
        return sql(text, "-h", "127.0.0.1", "-P", str(self.mariadb), f"-p{PASSWORD}")

    def psql(self, text: str, database: str = "postgres") -> str:
        argv = ["psql", "-qXAt", "-h", "127.0.0.1", "-p", str(self.postgres), "-U", "postgres", "-c", text, database]
        return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    found = binaries()
    if found is None or not Path(SERVER).exists():
        missing = "apt install postgresql mariadb-server-core mariadb-client-core"
        if os.environ.get("CI"):
            pytest.fail(f"CI installs what this needs: {missing}")
        pytest.skip(f"no backup was restored for trial: {missing}")
    with start_mariadb() as mariadb, start_postgres(found) as address:
        both = Servers(mariadb, int(address.rpartition(":")[2]))
        subprocess.run(["psql", "-qX", f"{address}/postgres", "-c", "CREATE ROLE postgres SUPERUSER LOGIN"], check=True)
        yield both


@dataclass
class Node:
    """A node's folder with a scratch account in it."""

    at: Path
    servers: Servers

    @property
    def home(self) -> Path:
        return self.at / "home" / USER

    @property
    def where(self) -> tuple[str, ...]:
        return (str(self.at / "conf/hestia.conf"), str(self.at / "data/users"), str(self.at / "home"))

    def run(self, *argv: str) -> subprocess.CompletedProcess[str]:
        path = f"{self.at / 'tools'}:/usr/sbin:/usr/bin:/sbin:/bin"
        return subprocess.run(
            argv, capture_output=True, text=True, check=False, env={"PATH": path, "HOME": "/root", "LC_ALL": "C"}
        )

    def begin(self) -> int:
        pairs = (name for pair in PAIRS.items() for name in pair)
        return self.run(*script(TRY, "try", USER, NAME, *self.where, *pairs)).returncode

    def look(self) -> TrialFacts:
        done = self.run(*script(TRIAL, "trial", USER, NAME, *self.where))
        none = result(("v-list",), 3, "")
        assert done.stderr == ""
        state, said = result(("bash",), 0, ""), result(("bash",), 0, done.stdout)
        return trial_facts(AskTrial(USER, NAME), [none, state, none, said], "n")

    def tried(self) -> Parts:
        assert self.begin() == 0
        while (facts := self.look()).running:
            time.sleep(0.05)
        assert facts.found is not None
        return facts.found

    def holds(self, files: dict[str, bytes], keep: int | None = None) -> None:
        (self.at / "backup" / NAME).write_bytes(tar_of(files)[:keep])


@pytest.fixture
def node(servers: Servers) -> Iterator[Node]:
    at = Path(tempfile.mkdtemp(prefix="hdk-node-"))
    at.chmod(0o755)
    for folder in ("backup", "conf", "tools", f"data/users/{USER}", f"home/{USER}"):
        (at / folder).mkdir(parents=True)
    (at / "conf/hestia.conf").write_text(f"BACKUP='{at}/backup'\n")
    (at / "conf/mysql.conf").write_text(
        f"HOST='127.0.0.1' USER='root' PASSWORD='{PASSWORD}' CHARSETS='UTF8' MAX_DB='500' PORT='{servers.mariadb}'\n"
    )
    (at / "conf/pgsql.conf").write_text(
        f"HOST='127.0.0.1' USER='postgres' PASSWORD='x' CHARSETS='UTF8' TPL='template1' PORT='{servers.postgres}'\n"
    )
    rows = [f"DB='{name}' DBUSER='{name}' HOST='127.0.0.1' TYPE='x' CHARSET='UTF8'" for name in (SHOP, GEO)]
    (at / f"data/users/{USER}/db.conf").write_text("\n".join(rows) + "\n")
    if not IS_ROOT:
        (at / "tools/runuser").write_text('#!/bin/sh\nshift 3\nexec "$@"\n')
        (at / "tools/chown").write_text("#!/bin/sh\n")
        for tool in ("runuser", "chown"):
            (at / "tools" / tool).chmod(0o755)
    servers.mysql(f"CREATE DATABASE {SHOP}")
    servers.psql(f"CREATE DATABASE {GEO}")
    yield Node(at, servers)
    servers.mysql(f"DROP DATABASE {SHOP}")
    servers.psql(f"DROP DATABASE {GEO}")
    shutil.rmtree(at)


def archive(how: str) -> dict[str, bytes]:
    """With dumps as the servers of a node write them."""
    dumps = {
        f"./db/acme_shop/acme_shop.mysql.sql.{how}": packed(MYSQL, how),
        f"./db/acme_geo/acme_geo.pgsql.sql.{how}": packed(PGSQL, how),
    }
    return parts(how) | dumps


@pytest.mark.parametrize("how", ["zst", "gz"])
def test_files_are_unpacked_and_dumps_are_loaded_into_databases_of_its_own(node: Node, how: str) -> None:
    node.holds(archive(how))
    before = node.look()
    assert (before.gone, before.begun, before.size) == (False, None, 1)
    assert before.dumps == {"acme_shop": "mysql", "acme_geo": "pgsql"}
    assert before.free > 0
    found = node.tried()
    assert found.good == {
        ("web", "acme.test"): 3, ("mail", "acme.test"): 1, ("db", "acme_shop"): 3, ("db", "acme_geo"): 1,
        ("udir", ".ssh"): 1,
    }  # fmt: skip
    assert (troubles(CONTENTS, found), words(found)) == ((), "1 site, 2 databases, 2 mailboxes")
    assert node.servers.mysql(f"SELECT name FROM {SHOP}.goods WHERE id = 2") == "it's; \\\\\n"
    assert node.servers.psql("SELECT count(*) FROM places", GEO) == "2\n"
    assert list((node.home / "hdk-trial").iterdir()) == []
    assert node.begin() == 4


def test_a_dump_that_does_not_load_and_a_site_that_is_cut_off_are_named(node: Node) -> None:
    files = archive("gz")
    site = "./web/acme.test/domain_data.tar.gz"
    files[site] = files[site][:-9]
    files["./db/acme_shop/acme_shop.mysql.sql.gz"] = packed(MYSQL.replace(b"CREATE TABLE", b"CREATE TALBE"), "gz")
    files["./db/acme_geo/acme_geo.pgsql.sql.gz"] = packed(PGSQL.replace(b"integer", b"intteger"), "gz")
    node.holds(files)
    assert troubles(CONTENTS, node.tried()) == (
        "db acme_geo can't be read to its end", "db acme_shop can't be read to its end",
        "web acme.test can't be read to its end",
    )  # fmt: skip


def test_a_dump_that_was_cut_off_between_two_commands_is_no_whole_one(node: Node) -> None:
    files = archive("gz")
    files["./db/acme_shop/acme_shop.mysql.sql.gz"] = packed(MYSQL, "gz")[:-12]
    node.holds(files)
    assert troubles(CONTENTS, node.tried()) == ("db acme_shop can't be read to its end",)


def test_an_archive_that_is_cut_off_or_gone_is_said_to_be(node: Node) -> None:
    assert node.look().gone
    node.holds(archive("zst"), keep=3000)
    assert troubles(CONTENTS, node.tried()) == ("the archive ends before its end",)


def test_it_goes_on_when_nobody_listens_and_is_seen_to_run(node: Node) -> None:
    node.holds(archive("zst"))
    node.servers.mysql(f"CREATE TABLE {SHOP}.goods (id int)")
    holding = subprocess.Popen(
        ["mariadb", "--no-defaults", "-h", "127.0.0.1", "-P", str(node.servers.mariadb), "-u", "root", f"-p{PASSWORD}",
         "-Nn", SHOP], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert holding.stdin is not None
    assert holding.stdout is not None
    holding.stdin.write(b"LOCK TABLES goods WRITE; SELECT 1;\n")
    holding.stdin.flush()
    assert holding.stdout.readline() == b"1\n"
    assert node.begin() == 0
    facts = node.look()
    assert (facts.begun, facts.running, facts.found) == (NAME, True, None)
    holding.communicate()
    while (facts := node.look()).running:
        time.sleep(0.05)
    assert facts.found is not None
    assert troubles(CONTENTS, facts.found) == ()


def hostile(name: str, fill: Callable[[tarfile.TarFile], None]) -> dict[str, bytes]:
    whole = BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as tar:
        fill(tar)
    return {name: packed(whole.getvalue(), "gz")}


@pytest.mark.skipif(not IS_ROOT, reason="needs a user of its own")
def test_nothing_in_an_archive_can_reach_outside_or_act_as_root(node: Node) -> None:
    outside, kept = node.at / "outside", node.at / "kept"
    kept.write_text("kept")

    def fill(tar: tarfile.TarFile) -> None:
        for name, target in (("link", str(node.at)), ("up", "../../../..")):
            about = tarfile.TarInfo(name)
            about.type, about.linkname = tarfile.SYMTYPE, target
            tar.addfile(about)
        for name in ("link/outside", "../../../../outside", str(outside), "up/outside", "link/kept"):
            about = tarfile.TarInfo(name)
            about.size = 4
            tar.addfile(about, BytesIO(b"evil"))

    shell = MYSQL + f"\\! touch {outside}\nsystem rm -f {kept}\n".encode()
    files = archive("gz") | hostile("./web/acme.test/domain_data.tar.gz", fill)
    files["./db/acme_shop/acme_shop.mysql.sql.gz"] = packed(shell.removeprefix(MYSQL[:42]), "gz")
    node.holds(files)
    found = node.tried()
    assert ("web", "acme.test") in found.bad
    assert (outside.exists(), kept.read_text()) == (False, "kept")
    assert list((node.home / "hdk-trial").iterdir()) == []
