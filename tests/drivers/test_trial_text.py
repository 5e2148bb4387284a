"""The fixed texts that restore an archive for trial, run by a real bash, with dumps as HestiaCP has them made and real
database servers to load them.

What stands here for systemd's sandbox is another user of this machine; `tests/machine` tries the sandbox itself.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from tests.drivers.test_proof_text import CONTENTS, NAME, packed, parts, tar_of, with_holes
from tests.drivers.test_replies import result
from tests.mariadb import PASSWORD, SERVER, sql, start_mariadb
from tests.postgres import binaries, start_postgres

from hostdeck.core.domain.proofs import Parts, troubles, words
from hostdeck.core.drivers.guard import FixedText
from hostdeck.core.drivers.hestia.scripts import script
from hostdeck.core.drivers.hestia.trials import TRIAL, TRIALS, trial_facts
from hostdeck.core.drivers.trials import AskTrial, TrialFacts

pytestmark = pytest.mark.xdist_group("trial")

IS_ROOT = os.getuid() == 0
USER = "hdktrytest"
"""Whom systemd would make up; without root everything runs as the one who tests."""

TRIED = "7-n0nce-web"
SINCE = 1_796_000_000_000
SHOP = "./db/acme_shop/acme_shop.mysql.sql.gz"
GEO = "./db/acme_geo/acme_geo.pgsql.sql.gz"
SITE = "./web/acme.test/domain_data.tar.gz"
SHOP_SQL = r"""
CREATE TABLE goods (id int PRIMARY KEY AUTO_INCREMENT, name text);
INSERT INTO goods (name) VALUES ('a'), ('it''s; \\'), ('DEFINER=`a`@`b`');
CREATE TABLE sold (id int, good int, FOREIGN KEY (good) REFERENCES goods (id));
CREATE DEFINER=gone@localhost VIEW v AS SELECT 1 AS one;
CREATE DEFINER=gone@localhost TRIGGER t BEFORE INSERT ON goods FOR EACH ROW SET NEW.name = NEW.name;
CREATE DEFINER=gone@localhost FUNCTION f () RETURNS int DETERMINISTIC RETURN 1;
CREATE TABLE kept (id int) WITH SYSTEM VERSIONING;
CREATE TABLE doubled (a int, b int AS (a * 2) STORED);
INSERT INTO doubled (a) VALUES (4);
CREATE PROCEDURE p ()
CREATE TABLE IF NOT EXISTS made (id int);
"""
GEO_SQL = """
CREATE TABLE places (id serial PRIMARY KEY, name text UNIQUE);
CREATE TABLE roads (id int, place int REFERENCES places (id));
INSERT INTO places (name) VALUES ('a'), (E'b\nDROP TABLE places;'), ('c');
CREATE FUNCTION twice (a int) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  RETURN 2 * a;
END $$;
CREATE VIEW named AS SELECT name FROM places;
CREATE VIEW grouped AS SELECT places.id, name, count(*) FROM places JOIN roads ON place = places.id GROUP BY places.id;
CREATE UNLOGGED TABLE quick (id int);
CREATE FUNCTION made () RETURNS void LANGUAGE plpgsql AS $$
BEGIN
CREATE TABLE IF NOT EXISTS made (id int);
END $$;
INSERT INTO places (name) VALUES (E'd\nCREATE TABLE x (\nCOMMENT ON EXTENSION plpgsql');
SELECT lo_from_bytea(0, 'large');
CREATE TYPE mood AS ENUM ('well');
CREATE SCHEMA other;
CREATE MATERIALIZED VIEW other.m AS SELECT 1 AS one;
"""
ADDED_SQL = """
CREATE EXTENSION dblink;
CREATE TABLE said (word text);
INSERT INTO said VALUES (convert_from('\\xe9', 'LATIN1'));
"""

KEPT_APART = """
CREATE ROLE acme_u;
CREATE TABLE mine (w text CHECK (w ~ '^\\w+$'));
INSERT INTO mine VALUES ('Käse');
CREATE POLICY own ON mine TO acme_u USING (true);
CREATE PUBLICATION told FOR TABLE mine;
"""

SYSTEMD_RUN = """while :; do case $1 in
--setenv=*) export "${1#--setenv=}" ;;
-p) shift ;;
-*) ;;
*) break ;;
esac; shift; done
exec %s "$@"
"""


@dataclass(frozen=True)
class Dumps:
    """`latin` is of a database of other characters, with an extension in it; `apart` names what stands outside it."""

    shop: bytes
    geo: bytes
    latin: bytes
    apart: bytes


@pytest.fixture(scope="module")
def dumps() -> Dumps:
    found = binaries()
    if found is None or not Path(SERVER).exists() or shutil.which("mariadb-dump") is None:
        missing = "apt install postgresql mariadb-server-core mariadb-client"
        if os.environ.get("CI"):
            pytest.fail(f"CI installs what this needs: {missing}")
        pytest.skip(f"no backup was restored for trial: {missing}")
    with start_mariadb() as port, start_postgres(found) as address:
        where = ["-h", "127.0.0.1", "-P", str(port)]
        sql(f"CREATE DATABASE acme_shop; USE acme_shop; {SHOP_SQL}", *where, f"-p{PASSWORD}")
        for name, how, text in (("acme_geo", "", GEO_SQL), ("latin", "ENCODING 'LATIN1' LOCALE 'C'", ADDED_SQL),
                                ("apart", "ENCODING 'UTF8' LOCALE 'C.UTF-8'", KEPT_APART)):  # fmt: skip
            psql = ["psql", "-qX", "-v", "ON_ERROR_STOP=1"]
            make = f"CREATE DATABASE {name} TEMPLATE template0 {how}"
            subprocess.run([*psql, "-c", make, f"{address}/postgres"], check=True)
            subprocess.run([*psql, "-c", text, f"{address}/{name}"], check=True, stdout=subprocess.DEVNULL)
        # As `mysql_dump` and `psql_dump` in Hestia's `func/db.sh`.
        mysql = ["mariadb-dump", "--no-defaults", *where, "-u", "root", f"-p{PASSWORD}", "--single-transaction"]
        pgsql = ["pg_dump", "-c", "--inserts", "-O", "-x"]
        return Dumps(
            subprocess.run([*mysql, "--routines", "acme_shop"], check=True, capture_output=True).stdout,
            subprocess.run([*pgsql, f"{address}/acme_geo"], check=True, capture_output=True).stdout,
            subprocess.run([*pgsql, f"{address}/latin"], check=True, capture_output=True).stdout,
            subprocess.run([*pgsql, f"{address}/apart"], check=True, capture_output=True).stdout,
        )


@pytest.fixture(scope="module")
def system_user() -> Iterator[None]:
    if IS_ROOT:
        subprocess.run(["useradd", "-M", "-s", "/usr/sbin/nologin", USER], check=True)
    yield
    if IS_ROOT:
        subprocess.run(["userdel", USER], check=True, capture_output=True)


@dataclass
class Node:
    """A node's folder."""

    at: Path
    dumps: Dumps

    @property
    def state(self) -> Path:
        return self.at / "state" / f"hdk-trial.{TRIED}"

    def run(self, *argv: str) -> subprocess.CompletedProcess[str]:
        path = f"{self.at / 'tools'}:/usr/sbin:/usr/bin:/sbin:/bin"
        return subprocess.run(
            argv, capture_output=True, text=True, check=False, env={"PATH": path, "HOME": "/root", "LC_ALL": "C"}
        )

    def begin(self) -> int:
        conf, state = str(self.at / "hestia.conf"), str(self.at / "state")
        return self.run(*script(TRIALS, "try", TRIED, NAME, str(SINCE), conf, state)).returncode

    def end(self) -> int:
        return self.run(*script(TRIALS, "end-trial", TRIED, str(self.at / "state"))).returncode

    def look(self) -> TrialFacts:
        done = self.run(*script(TRIAL, "trial", TRIED, NAME, str(self.at / "hestia.conf"), str(self.at / "state")))
        assert done.stderr == ""
        return trial_facts(AskTrial(TRIED, NAME), [result(("bash",), 0, done.stdout)], "n")

    def ended(self) -> Parts:
        while (facts := self.look()).running:
            time.sleep(0.05)
        assert facts.found is not None
        return facts.found

    def tried(self, files: dict[str, bytes], keep: int | None = None) -> Parts:
        self.holds(files, keep)
        assert self.begin() == 0
        found = self.ended()
        assert self.end() == 0
        assert not self.state.exists()
        return found

    def holds(self, files: dict[str, bytes], keep: int | None = None) -> None:
        (self.at / "backup" / NAME).write_bytes(tar_of(files)[:keep])

    def archive(self, how: str = "gz") -> dict[str, bytes]:
        own = {
            f"./db/acme_shop/acme_shop.mysql.sql.{how}": packed(self.dumps.shop, how),
            f"./db/acme_geo/acme_geo.pgsql.sql.{how}": packed(self.dumps.geo, how),
        }
        return parts(how) | own

    def tool(self, name: str, text: str) -> None:
        (self.at / "tools" / name).write_text(f"#!/bin/sh\n{text}\n")
        (self.at / "tools" / name).chmod(0o755)


@pytest.fixture
def node(dumps: Dumps, system_user: None) -> Iterator[Node]:
    at = Path(tempfile.mkdtemp(prefix="hdk-node-"))
    at.chmod(0o755)
    for folder in ("backup", "tools", "state"):
        (at / folder).mkdir()
    (at / "hestia.conf").write_text(f"BACKUP='{at}/backup'\n")
    found = Node(at, dumps)
    found.tool("systemd-run", SYSTEMD_RUN % (f"runuser -u {USER} --" if IS_ROOT else ""))
    found.tool(
        "systemctl", f"case $1 in --version) echo 'systemd 252 (252.1)' ;; *) pkill -KILL -u {USER} ;; esac; exit 0"
    )
    found.tool("find", "exit 0")  # no socket is seen in the sandbox
    yield found
    shutil.rmtree(at)
    for folder in Path("/var/tmp").glob("hdk-trial.*"):
        shutil.rmtree(folder)


@pytest.mark.parametrize("how", ["zst", "gz"])
def test_files_are_unpacked_and_dumps_are_loaded_into_servers_of_their_own(node: Node, how: str) -> None:
    node.holds(node.archive(how))
    before = node.look()
    assert (before.gone, before.begun, before.size, before.free > 0) == (False, None, 1, True)
    assert node.begin() == 0
    found = node.ended()
    assert (found.faults, found.bad) == ({}, frozenset())
    assert found.good == {
        ("web", "acme.test"): 3, ("mail", "acme.test"): 1, ("db", "acme_shop"): 5, ("db", "acme_geo"): 5,
    }  # fmt: skip
    assert (troubles(CONTENTS, found), words(found)) == ((), "1 site, 2 databases, 2 mailboxes")
    assert (node.look().begun, node.look().since) == (NAME, SINCE)
    assert node.begin() == 4
    assert {stat.S_IMODE(file.stat().st_mode) for file in node.state.iterdir()} == {0o600, 0o644}
    shown = {file.name for file in node.state.iterdir() if stat.S_IMODE(file.stat().st_mode) == 0o644}
    assert shown == {"inside", "passwd"}


def test_what_ends_too_early_or_does_not_load_is_named(node: Node) -> None:
    files = node.archive()
    files[SITE] = files[SITE][:-9]
    files[SHOP] = packed(node.dumps.shop.replace(b"CREATE TABLE `sold`", b"CREATE TALBE `sold`"), "gz")
    files[GEO] = packed(node.dumps.geo.replace(b"    place integer", b"    place intteger"), "gz")
    found = node.tried(files)
    assert found.faults == {}
    assert found.bad == {("db", "acme_geo"), ("db", "acme_shop"), ("web", "acme.test")}


def test_the_more_is_wrong_with_a_dump_the_surer_it_is_bad(node: Node) -> None:
    head, end, tail = node.dumps.geo.rpartition(b"--\n-- PostgreSQL database dump complete")
    wrong = b"INSERT INTO public.places VALUES ('x', 'y');\n" * 3000
    found = node.tried({GEO: packed(head + wrong + end + tail, "gz")})
    assert (found.bad, found.faults) == ({("db", "acme_geo")}, {})


def test_a_database_comes_back_in_its_own_characters_with_its_extensions(node: Node) -> None:
    assert b"SET client_encoding = 'LATIN1'" in node.dumps.latin
    found = node.tried({GEO: packed(node.dumps.latin, "gz")})
    assert (found.bad, found.faults, found.good) == (frozenset(), {}, {("db", "acme_geo"): 1})


def test_a_dump_that_names_roles_letters_and_publications_comes_back(node: Node) -> None:
    """What the server that it is of has, and a new one has not."""
    found = node.tried({GEO: packed(node.dumps.apart, "gz")})
    assert (found.bad, found.faults, found.good) == (frozenset(), {}, {("db", "acme_geo"): 1})


def test_a_view_on_another_database_says_nothing_of_the_archive(node: Node) -> None:
    head, end, tail = node.dumps.shop.rpartition(b"-- Dump completed")
    broken = frozenset({("db", "acme_shop")})
    for other, bad in (
        (b"* FROM elsewhere.t", frozenset()), (b"* FROM nowhere", broken),
        (b"mysql.twice(1)", frozenset()), (b"nowhere(1)", broken),
    ):  # fmt: skip
        view = b"CREATE VIEW w AS SELECT " + other + b";\n"
        found = node.tried({SHOP: packed(head + view + end + tail, "gz")})
        assert (found.bad, bool(found.faults)) == (bad, not bad)


def test_a_dump_that_makes_the_public_schema_anew_comes_back(node: Node) -> None:
    """As those of PostgreSQL up to 14 may."""
    before, first, rest = node.dumps.geo.partition(b"CREATE SCHEMA other")
    dump = before + b"DROP SCHEMA public;\nCREATE SCHEMA public;\n" + first + rest
    found = node.tried({GEO: packed(dump, "gz")})
    assert (found.bad, found.faults, found.good) == (frozenset(), {}, {("db", "acme_geo"): 5})


@pytest.mark.parametrize("cut", ["archive", "dump"])
def test_a_dump_that_was_cut_off_is_no_whole_one(node: Node, cut: str) -> None:
    files = {}
    for name, text in ((SHOP, node.dumps.shop), (GEO, node.dumps.geo)):
        files[name] = packed(text, "gz")[:-12] if cut == "archive" else packed(text[: len(text) * 2 // 3], "gz")
    found = node.tried(files)
    assert (found.bad, found.faults) == ({("db", "acme_geo"), ("db", "acme_shop")}, {})


def test_an_archive_that_is_cut_off_or_gone_is_said_to_be(node: Node) -> None:
    assert node.look().gone
    assert node.begin() == 1
    assert node.look().begun is None
    assert troubles(CONTENTS, node.tried(node.archive("zst"), keep=3000)) == ("the archive ends before its end",)


def test_an_archive_that_is_rotated_away_meanwhile_is_tried_to_its_end(node: Node) -> None:
    node.holds({SHOP: packed(node.dumps.shop, "gz")})
    assert node.begin() == 0
    (node.at / "backup" / NAME).unlink()
    assert node.ended().good == {("db", "acme_shop"): 5}


def filled(fill: Callable[[tarfile.TarFile], None]) -> bytes:
    whole = BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as tar:
        fill(tar)
    return packed(whole.getvalue(), "gz")


def test_a_site_with_folders_that_nobody_may_write_to_comes_back(node: Node) -> None:
    """Mode 0555, as they are left by whoever has been broken into once."""

    def fill(tar: tarfile.TarFile) -> None:
        for name in ("public_html", "public_html/wp"):
            about = tarfile.TarInfo(name)
            about.type, about.mode = tarfile.DIRTYPE, 0o555
            tar.addfile(about)
        tar.addfile(tarfile.TarInfo("public_html/wp/index.php"), BytesIO())

    sites = {f"./web/{name}.test/domain_data.tar.gz": filled(fill) for name in ("one", "two")}
    found = node.tried(sites)
    assert (found.good, found.bad) == ({("web", "one.test"): 3, ("web", "two.test"): 3}, frozenset())


def test_a_folder_whose_name_has_a_space_is_told_of(node: Node) -> None:
    found = node.tried({"./user_dir/my files.tar.gz": packed(b"no tar" * 100, "gz")})
    assert found.bad == {("udir", "my files")}


@pytest.mark.parametrize("program", ["mariadbd", "mariadb-install-db"])
def test_a_server_that_does_not_start_says_nothing_of_the_archive(node: Node, program: str) -> None:
    node.tool(program, "echo 'no room for me'; exit 1")
    found = node.tried({SHOP: packed(node.dumps.shop, "gz")})
    assert (found.faults, found.bad) == ({("db", "acme_shop"): "no room for me"}, frozenset())


def test_where_no_sandbox_can_be_made_nothing_is_opened(node: Node) -> None:
    node.tool("systemd-run", "echo 'System has not been booted with systemd' >&2; exit 1")
    found = node.tried({SITE: node.archive()[SITE]})
    assert found.faults == {("web", "acme.test"): "System has not been booted with systemd"}


def test_a_sandbox_that_sees_the_nodes_own_sockets_opens_nothing(node: Node) -> None:
    node.tool("find", "echo /run/mysqld/mysqld.sock")
    found = node.tried({SITE: node.archive()[SITE], SHOP: packed(node.dumps.shop, "gz")})
    assert set(found.faults.values()) == {"it would see the node's own sockets"}
    assert (found.good, found.bad) == ({}, frozenset())


@pytest.mark.parametrize(("version", "wall"), [
    ("245 (245.4-4ubuntu3)", "InaccessiblePaths=/run"), ("249 (249.11-0ubuntu3)", "InaccessiblePaths=/run"),
    ("252 (252.38-1~deb12u1)", "TemporaryFileSystem=/run:ro"), ("257~rc1", "TemporaryFileSystem=/run:ro"),
])  # fmt: skip
def test_each_systemd_is_asked_for_the_wall_that_it_can_build(node: Node, version: str, wall: str) -> None:
    node.tool("systemctl", f"echo 'systemd {version}'")
    node.tool("systemd-run", f'printf "%s\\n" "$@" >{node.at}/tools/asked; exit 1')
    node.tried({SITE: node.archive()[SITE]})
    assert wall in (node.at / "tools" / "asked").read_text().splitlines()


@pytest.mark.skipif(not IS_ROOT, reason="ends whatever runs as a user: it must be one of its own; CI is root")
def test_a_restore_ends_before_it_has_taken_half_of_what_is_free(node: Node) -> None:
    """Zeros take a thousandth of their room in an archive."""
    told = f"-f) n=$(cat {node.at}/n 2>/dev/null || echo 4000); echo 9000 800; echo $n 800"
    node.tool("stat", f'case $1 in {told} ;; *) exec /usr/bin/stat "$@" ;; esac')
    node.holds({SHOP: packed(b"SELECT SLEEP(1000);\n" + node.dumps.shop, "gz"), SITE: node.archive()[SITE]})
    assert node.begin() == 0
    while subprocess.run(["pgrep", "-u", USER, "mariadb$"], capture_output=True).returncode:
        time.sleep(0.05)
    (node.at / "n").write_text("1999")
    found = node.ended()
    assert found.faults == {
        ("db", "acme_shop"): "it takes more than half of what is free",
        ("web", "acme.test"): "not tried: another took too much room",
    }
    assert found.good == {}


@pytest.fixture
def stuck(node: Node) -> Node:
    """A trial that goes on for long."""
    node.holds({GEO: packed(b"SELECT pg_sleep(1000);\n" + node.dumps.geo, "gz")})
    assert node.begin() == 0
    return node


@pytest.mark.skipif(not IS_ROOT, reason="ends whatever runs as a user: it must be one of its own; CI is root")
def test_it_goes_on_when_nobody_listens_and_can_be_ended_with_all_that_runs_for_it(stuck: Node) -> None:
    while subprocess.run(["pgrep", "-u", USER, "psql"], capture_output=True).returncode:
        time.sleep(0.05)
    facts = stuck.look()
    assert (facts.begun, facts.running, facts.found) == (NAME, True, None)
    assert stuck.end() == 0
    assert stuck.look().begun is None
    while subprocess.run(["pgrep", "-u", USER], capture_output=True).returncode == 0:
        time.sleep(0.05)
    assert stuck.end() == 0


@pytest.mark.skipif(not IS_ROOT, reason="without root all of it runs as one user; CI is root")
def test_nothing_in_an_archive_is_opened_by_root(node: Node) -> None:
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

    asks = f"\\! touch {outside}; id -u >/var/tmp/hdk-who\nsystem rm -f {kept}\n".encode()
    found = node.tried({SITE: filled(fill), SHOP: packed(asks + node.dumps.shop.partition(b"\n")[2], "gz")})
    assert ("web", "acme.test") not in found.good
    assert (outside.exists(), kept.read_text()) == (False, "kept")
    who = Path("/var/tmp/hdk-who")
    if who.exists():  # where the client runs such a thing at all
        assert who.read_text() != "0\n"
        who.unlink()


def test_what_is_opened_sees_no_more_of_the_archive_than_its_part(node: Node) -> None:
    """Nor the file that holds how the trial stands."""
    node.tool("mariadbd", f"ls -l /proc/self/fd >{node.at}/tools/fds; exit 1")
    (node.at / "tools" / "fds").touch()
    (node.at / "tools" / "fds").chmod(0o666)
    node.tried({SHOP: packed(node.dumps.shop, "gz")})
    seen = (node.at / "tools" / "fds").read_text()
    assert "/proc/" in seen
    assert NAME not in seen
    assert "lock" not in seen


def test_an_archive_whose_members_are_holes_costs_nobody_any_time(node: Node) -> None:
    (node.at / "backup" / NAME).write_bytes(with_holes("./mail/acme.test/hestia/acme.test.conf"))
    assert node.begin() == 0
    assert node.ended().torn


def test_what_names_too_many_parts_says_so(node: Node) -> None:
    names = [f"./web/{number}/domain_data.tar.gz" for number in range(1001)]
    node.holds(dict.fromkeys(names, b""))
    assert node.begin() == 0
    found = node.ended()
    assert found.faults == {("web", "-"): "it has over a thousand parts"}


def test_a_part_that_is_in_it_twice_is_tried_once(node: Node) -> None:
    site = node.archive()[SITE]
    (node.at / "backup" / NAME).write_bytes(
        tar_of({SITE: site})[: 512 + -(-len(site) // 512) * 512] + tar_of({SITE: site})
    )
    assert node.begin() == 0
    assert node.ended().good == {("web", "acme.test"): 3}


def test_what_the_node_ends_is_no_fault_of_the_archive(node: Node) -> None:
    """Short of memory, its kernel ends whoever is nearest."""
    node.tool("gzip", "kill -KILL $$")
    found = node.tried({SITE: node.archive()[SITE], SHOP: packed(node.dumps.shop, "gz")})
    assert found.bad == frozenset()
    assert set(found.faults.values()) == {"the node ended what takes it out of the archive"}
    assert set(found.faults) == {("web", "acme.test"), ("db", "acme_shop")}


def test_a_verdict_that_could_not_be_written_down_is_none(node: Node) -> None:
    """Its disk is full: what is missing there is not missing in the archive."""
    node.holds({SITE: node.archive()[SITE]})
    text = FixedText(TRIALS.replace('go >"$h/lines"', "go >/dev/full"))
    conf, state = str(node.at / "hestia.conf"), str(node.at / "state")
    assert node.run(*script(text, "try", TRIED, NAME, str(SINCE), conf, state)).returncode == 0
    while (facts := node.look()).running:
        time.sleep(0.05)
    assert (facts.begun, facts.found) == (NAME, None)


def test_rows_that_are_too_wide_for_a_strict_server_say_nothing_of_the_archive(node: Node) -> None:
    head, end, tail = node.dumps.shop.rpartition(b"-- Dump completed")
    columns = ", ".join(f"c{number} VARCHAR(100)" for number in range(150))
    wide = f"CREATE TABLE wide ({columns}) ROW_FORMAT=COMPACT;\n".encode()
    found = node.tried({SHOP: packed(head + wide + end + tail, "gz")})
    assert (found.bad, set(found.faults)) == (frozenset(), {("db", "acme_shop")})
