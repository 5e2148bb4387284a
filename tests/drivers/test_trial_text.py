"""The fixed texts that restore an archive for trial, run by a real bash, with a real MariaDB and a real PostgreSQL and
dumps as HestiaCP has them made."""

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
from tests.drivers.test_proof_text import CONTENTS, NAME, packed, parts, tar_of
from tests.drivers.test_replies import result
from tests.mariadb import PASSWORD, SERVER, sql, start_mariadb
from tests.postgres import binaries, start_postgres

from hostdeck.core.domain.proofs import Parts, troubles, words
from hostdeck.core.domain.trials import scratch_databases
from hostdeck.core.drivers.hestia.scripts import script
from hostdeck.core.drivers.hestia.trials import TRIAL, TRIALS, trial_facts
from hostdeck.core.drivers.trials import AskTrial, TrialFacts

pytestmark = pytest.mark.xdist_group("trial")

IS_ROOT = os.getuid() == 0
USER = "hdktrytest"
"""The scratch account's system user; without root everything runs as the one who tests."""

PAIRS = scratch_databases(USER, ("acme_shop", "acme_geo"))
SHOP, GEO = PAIRS["acme_shop"], PAIRS["acme_geo"]
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
EVIL_SQL = """
CREATE FUNCTION evil (a int) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('is_superuser') = 'on' THEN COPY (SELECT 1) TO PROGRAM 'touch {outside}'; END IF;
  RETURN true;
END $$;
CREATE TABLE trap (a int CHECK (evil(a)));
INSERT INTO trap VALUES (1);
"""

COLLATION = "SELECT default_collation_name FROM information_schema.schemata WHERE schema_name = 'acme_shop'"


@dataclass
class Servers:
    mariadb: int
    postgres: int

    def mysql(self, text: str, *how: str) -> str:
        return sql(text, "-h", "127.0.0.1", "-P", str(self.mariadb), f"-p{PASSWORD}", *how)

    def psql(self, text: str, database: str = "postgres", user: str = "postgres") -> str:
        where = ["-h", "127.0.0.1", "-p", str(self.postgres), "-U", user]
        argv = ["psql", "-qXAt", "-v", "ON_ERROR_STOP=1", *where, "-c", text, database]
        return subprocess.run(argv, check=True, capture_output=True, text=True).stdout

    def dump_shop(self) -> bytes:
        """As `mysql_dump` in Hestia's `func/db.sh`."""
        where = ["-h", "127.0.0.1", "-P", str(self.mariadb), "-u", "root", f"-p{PASSWORD}"]
        argv = ["mariadb-dump", "--no-defaults", *where, "--single-transaction", "--routines", "acme_shop"]
        return subprocess.run(argv, check=True, capture_output=True).stdout

    def dump_geo(self, database: str = "acme_geo") -> bytes:
        """As `psql_dump` there."""
        where = ["-h", "127.0.0.1", "-p", str(self.postgres), "-U", "postgres"]
        argv = ["pg_dump", *where, "-c", "--inserts", "-O", "-x", database]
        return subprocess.run(argv, check=True, capture_output=True).stdout


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    found = binaries()
    if found is None or not Path(SERVER).exists() or shutil.which("mariadb-dump") is None:
        missing = "apt install postgresql mariadb-server-core mariadb-client"
        if os.environ.get("CI"):
            pytest.fail(f"CI installs what this needs: {missing}")
        pytest.skip(f"no backup was restored for trial: {missing}")
    with start_mariadb() as mariadb, start_postgres(found) as address:
        both = Servers(mariadb, int(address.rpartition(":")[2]))
        subprocess.run(["psql", "-qX", f"{address}/postgres", "-c", "CREATE ROLE postgres SUPERUSER LOGIN"], check=True)
        both.mysql(f"CREATE DATABASE acme_shop; USE acme_shop; {SHOP_SQL}")
        both.psql("CREATE DATABASE acme_geo")
        both.psql(GEO_SQL, "acme_geo")
        yield both


@pytest.fixture(scope="module")
def system_user() -> Iterator[None]:
    if IS_ROOT:
        subprocess.run(["useradd", "-M", "-s", "/usr/sbin/nologin", USER], check=True)
    yield
    if IS_ROOT:
        subprocess.run(["userdel", USER], check=True, capture_output=True)


@dataclass
class Node:
    """A node's folder with a scratch account in it."""

    at: Path
    servers: Servers

    @property
    def folder(self) -> Path:
        """Where parts are unpacked."""
        return self.at / "home" / f".hdk-trial.{USER}"

    @property
    def users(self) -> str:
        return str(self.at / "data/users")

    @property
    def where(self) -> tuple[str, ...]:
        return (str(self.at / "conf/hestia.conf"), self.users, str(self.at / "home"))

    def run(self, *argv: str) -> subprocess.CompletedProcess[str]:
        path = f"{self.at / 'tools'}:/usr/sbin:/usr/bin:/sbin:/bin"
        return subprocess.run(
            argv, capture_output=True, text=True, check=False, env={"PATH": path, "HOME": "/root", "LC_ALL": "C"}
        )

    def begin(self) -> int:
        secret = self.at / "secret"
        secret.write_text("A-pass-word-88\n")
        words = (word for name, database in PAIRS.items() for word in (name, database, str(secret)))
        ended = self.run(*script(TRIALS, "try", USER, NAME, *self.where, *words)).returncode
        secret.unlink()  # as the guard does with its own
        return ended

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
        assert not self.folder.exists()
        return facts.found

    def holds(self, files: dict[str, bytes], keep: int | None = None) -> None:
        (self.at / "backup" / NAME).write_bytes(tar_of(files)[:keep])

    def archive(self, how: str = "gz") -> dict[str, bytes]:
        dumps = {
            f"./db/acme_shop/acme_shop.mysql.sql.{how}": packed(self.servers.dump_shop(), how),
            f"./db/acme_geo/acme_geo.pgsql.sql.{how}": packed(self.servers.dump_geo(), how),
        }
        return parts(how) | dumps

    def tool(self, name: str, text: str) -> None:
        (self.at / "tools" / name).write_text(f"#!/bin/sh\n{text}\n")
        (self.at / "tools" / name).chmod(0o755)


@pytest.fixture
def node(servers: Servers, system_user: None) -> Iterator[Node]:
    at = Path(tempfile.mkdtemp(prefix="hdk-node-"))
    at.chmod(0o755)
    for folder in ("backup", "conf", "tools", f"data/users/{USER}", f"home/{USER}"):
        (at / folder).mkdir(parents=True)
    (at / "conf/hestia.conf").write_text(f"BACKUP='{at}/backup'\n")
    administrators = (("mysql", servers.mariadb, "root", PASSWORD), ("pgsql", servers.postgres, "postgres", "x"))
    for engine, port, who, word in administrators:
        line = f"HOST='127.0.0.1' USER='{who}' PASSWORD='{word}' CHARSETS='UTF8' MAX_DB='500' PORT='{port}'\n"
        (at / f"conf/{engine}.conf").write_text(line)
    kinds = {SHOP: "mysql", GEO: "pgsql"}
    rows = [f"DB='{name}' DBUSER='{name}' HOST='127.0.0.1' TYPE='{kind}' CHARSET='X'" for name, kind in kinds.items()]
    (at / f"data/users/{USER}/db.conf").write_text("\n".join(rows) + "\n")
    found = Node(at, servers)
    if IS_ROOT:
        shutil.chown(at / "home" / USER, USER)  # as useradd leaves it
    else:
        found.tool("runuser", 'shift 3\nexec "$@"')
        found.tool("prlimit", 'shift 2\nexec "$@"')
        found.tool("chown", "")
    # As `add_mysql_database` and `add_pgsql_database` do.
    servers.mysql(f"CREATE DATABASE {SHOP}; GRANT ALL ON {SHOP}.* TO {SHOP}@'%' IDENTIFIED BY 'A-pass-word-88'")
    servers.psql(f"CREATE ROLE {GEO} LOGIN PASSWORD 'A-pass-word-88'")
    servers.psql(f"CREATE DATABASE {GEO} OWNER {GEO}")
    yield found
    servers.mysql(f"DROP DATABASE {SHOP}; DROP USER {SHOP}@'%'")
    servers.psql(f"DROP DATABASE {GEO}")
    servers.psql(f"DROP ROLE {GEO}")
    shutil.rmtree(at)


@pytest.mark.parametrize("how", ["zst", "gz"])
def test_files_are_unpacked_and_dumps_are_loaded_into_databases_of_its_own(node: Node, how: str) -> None:
    node.holds(node.archive(how))
    before = node.look()
    assert (before.gone, before.begun, before.size) == (False, None, 1)
    assert before.dumps == {"acme_shop": "mysql", "acme_geo": "pgsql"}
    assert before.free > 0
    found = node.tried()
    assert found.faults == {}
    assert found.good == {
        ("web", "acme.test"): 3, ("mail", "acme.test"): 1, ("db", "acme_shop"): 5, ("db", "acme_geo"): 5,
        ("udir", ".ssh"): 1,
    }  # fmt: skip
    assert (troubles(CONTENTS, found), words(found)) == ((), "1 site, 2 databases, 2 mailboxes")
    names = node.servers.mysql(f"SELECT name FROM {SHOP}.goods ORDER BY id")
    assert names == "a\nit's; \\\\\nDEFINER=`a`@`b`\n"
    definers = "SELECT DISTINCT definer FROM information_schema"
    assert node.servers.mysql(f"{definers}.triggers WHERE trigger_schema = '{SHOP}'") == f"{SHOP}@%\n"
    assert node.servers.psql("SELECT count(*) FROM places WHERE name LIKE E'%\\nDROP TABLE places;'", GEO) == "1\n"
    assert node.servers.psql("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'", GEO) == f"{GEO}\n"
    assert node.begin() == 4


def test_what_ends_too_early_or_does_not_load_is_named(node: Node) -> None:
    files = node.archive()
    site, shop = "./web/acme.test/domain_data.tar.gz", "./db/acme_shop/acme_shop.mysql.sql.gz"
    files[site] = files[site][:-9]
    files[shop] = packed(node.servers.dump_shop().replace(b"CREATE TABLE `sold`", b"CREATE TALBE `sold`"), "gz")
    broken = node.servers.dump_geo().replace(b"    place integer", b"    place intteger")
    files["./db/acme_geo/acme_geo.pgsql.sql.gz"] = packed(broken, "gz")
    node.holds(files)
    found = node.tried()
    assert found.faults == {}
    assert found.bad == {("db", "acme_geo"), ("db", "acme_shop"), ("web", "acme.test")}


@pytest.mark.parametrize("language", ["ERROR", "FEHLER"])
def test_the_more_is_wrong_with_a_dump_the_surer_it_is_bad(node: Node, language: str) -> None:
    """Also where the server speaks another language than ours."""
    begin = "/usr/sbin/runuser" if IS_ROOT else "shift 3;"
    node.tool("runuser", f'exec 3>&1; {begin} "$@" 2>&1 >&3 | sed s/ERROR/{language}/ >&2')
    head, end, tail = node.servers.dump_geo().rpartition(b"--\n-- PostgreSQL database dump complete")
    wrong = b"INSERT INTO public.places VALUES ('x', 'y');\n" * 3000
    files = node.archive() | {"./db/acme_geo/acme_geo.pgsql.sql.gz": packed(head + wrong + end + tail, "gz")}
    node.holds(files)
    found = node.tried()
    assert (found.bad, found.faults) == ({("db", "acme_geo")}, {})


def test_what_only_an_administrator_could_load_is_told_apart(node: Node) -> None:
    asked = b"CREATE EXTENSION IF NOT EXISTS dblink WITH SCHEMA public;\nCREATE SCHEMA other"  # as pg_dump has it
    dump = node.servers.dump_geo().replace(b"CREATE SCHEMA other", asked)
    node.holds(node.archive() | {"./db/acme_geo/acme_geo.pgsql.sql.gz": packed(dump, "gz")})
    found = node.tried()
    assert (found.bad, found.faults) == (frozenset(), {})
    assert troubles(CONTENTS, found) == ()
    why = "only the administrator of its server could load it"
    assert words(found) == f"1 site, 1 database, 2 mailboxes; db acme_geo not tried: {why}"


@pytest.mark.parametrize("cut", ["archive", "dump"])
def test_a_dump_that_was_cut_off_is_no_whole_one(node: Node, cut: str) -> None:
    files = node.archive()
    for name, text in (("acme_shop.mysql", node.servers.dump_shop()), ("acme_geo.pgsql", node.servers.dump_geo())):
        place = f"./db/{name.partition('.')[0]}/{name}.sql.gz"
        files[place] = packed(text, "gz")[:-12] if cut == "archive" else packed(text[: len(text) * 2 // 3], "gz")
    node.holds(files)
    found = node.tried()
    assert (found.bad, found.faults) == ({("db", "acme_geo"), ("db", "acme_shop")}, {})


def test_an_archive_that_is_cut_off_or_gone_is_said_to_be(node: Node) -> None:
    assert node.look().gone
    node.holds(node.archive("zst"), keep=3000)
    assert troubles(CONTENTS, node.tried()) == ("the archive ends before its end",)


def test_a_second_site_comes_back_beside_one_that_nobody_may_write_to(node: Node) -> None:
    """Folders of mode 0555, as they are left by whoever has been broken into once."""

    def fill(tar: tarfile.TarFile) -> None:
        for name in ("public_html", "public_html/wp"):
            about = tarfile.TarInfo(name)
            about.type, about.mode = tarfile.DIRTYPE, 0o555
            tar.addfile(about)
        about = tarfile.TarInfo("public_html/wp/index.php")
        tar.addfile(about, BytesIO())

    sites = [f"./web/{name}.test/domain_data.tar.gz" for name in ("one", "two")]
    node.holds({site: made for site in sites for made in hostile(site, fill).values()})
    found = node.tried()
    assert (found.good, found.bad) == ({("web", "one.test"): 3, ("web", "two.test"): 3}, frozenset())


@pytest.mark.parametrize("engine", ["mysql", "pgsql"])
def test_a_server_that_can_not_be_reached_says_nothing_of_the_archive(node: Node, engine: str) -> None:
    conf = node.at / f"conf/{engine}.conf"
    conf.write_text(conf.read_text().replace("PORT='", "PORT='1"))
    node.holds(node.archive())
    found = node.tried()
    name = "acme_shop" if engine == "mysql" else "acme_geo"
    assert (list(found.faults), found.bad) == ([("db", name)], frozenset())
    assert found.faults["db", name] != ""


def test_no_more_is_written_than_half_of_what_is_free(node: Node) -> None:
    """Zeros take a thousandth of their room in an archive."""
    node.tool("df", "echo Filesystem; echo x 0 0 9000 0 /")

    def fill(tar: tarfile.TarFile) -> None:
        about = tarfile.TarInfo("zeros")
        about.size = 3 << 20
        tar.addfile(about, BytesIO(bytes(about.size)))

    node.holds(node.archive() | hostile("./web/acme.test/domain_data.tar.gz", fill))
    found = node.tried()
    assert (list(found.faults), found.bad) == ([("web", "acme.test")], frozenset())
    node.tool("df", "echo Filesystem; echo x 0 0 8 0 /")
    shutil.rmtree(node.at / f"data/users/{USER}/hdk-trial")
    assert {("db", "acme_geo"), ("db", "acme_shop")} <= set(node.tried().faults)
    node.tool("df", "exit 1")
    shutil.rmtree(node.at / f"data/users/{USER}/hdk-trial")
    assert ("web", "acme.test") in node.tried().faults


def test_a_left_over_folder_of_an_earlier_trial_is_in_nobodys_way(node: Node) -> None:
    (node.folder / "1/left").mkdir(parents=True)
    node.holds(node.archive())
    assert troubles(CONTENTS, node.tried()) == ()


@pytest.fixture
def stuck(node: Node) -> Iterator[Node]:
    """A trial that waits for a table that somebody else holds."""
    node.holds(node.archive())
    node.servers.mysql(f"CREATE TABLE {SHOP}.goods (id int)")
    where = ["-h", "127.0.0.1", "-P", str(node.servers.mariadb), "-u", "root", f"-p{PASSWORD}"]
    argv = ["mariadb", "--no-defaults", *where, "-Nn", SHOP]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holding:
        assert holding.stdin is not None
        assert holding.stdout is not None
        holding.stdin.write(b"LOCK TABLES goods WRITE; SELECT 1;\n")
        holding.stdin.flush()
        assert holding.stdout.readline() == b"1\n"
        assert node.begin() == 0
        yield node
        holding.communicate()
    while node.look().running:  # what it still writes would come back while the node is cleared away
        time.sleep(0.05)


def test_it_goes_on_when_nobody_listens_and_is_seen_to_run(stuck: Node) -> None:
    facts = stuck.look()
    assert (facts.begun, facts.running, facts.found) == (NAME, True, None)


@pytest.mark.skipif(not IS_ROOT, reason="ends whatever runs as a user: it must be one of its own; CI is root")
def test_it_can_be_ended_with_all_that_runs_for_it(stuck: Node) -> None:
    assert stuck.look().running
    beside = subprocess.Popen(["runuser", "-u", USER, "--", "sleep", "1000"])
    assert stuck.run(*script(TRIALS, "end-trial", USER, *stuck.where)).returncode == 0
    assert (stuck.look().running, stuck.look().found) == (False, None)
    beside.wait(5)
    assert subprocess.run(["pgrep", "-u", USER], capture_output=True).returncode == 1
    assert stuck.run(*script(TRIALS, "end-trial", "nobody-there", *stuck.where)).returncode == 0


BUSY_SHOP = """SET PASSWORD = PASSWORD('another');
CREATE TABLE held (id int);
START TRANSACTION;
SELECT * FROM held;
SELECT BENCHMARK(100000000000, MD5(1));
"""
BUSY_GEO = f"ALTER ROLE {GEO} PASSWORD 'another'; ALTER DATABASE {GEO} CONNECTION LIMIT 0;\nSELECT pg_sleep(1000);\n"


@pytest.mark.skipif(not IS_ROOT, reason="ends whatever runs as a user: it must be one of its own; CI is root")
@pytest.mark.parametrize("engine", ["mysql", "pgsql"])
def test_what_a_server_goes_on_with_is_ended_too(node: Node, engine: str) -> None:
    """A server does not see that a client has gone while it works for it, and what is in use can't be dropped. A dump
    may have shut everybody else out."""
    files, servers = node.archive(), node.servers
    if engine == "mysql":
        files["./db/acme_shop/acme_shop.mysql.sql.gz"] = packed(BUSY_SHOP.encode() + servers.dump_shop(), "gz")
    else:
        files["./db/acme_geo/acme_geo.pgsql.sql.gz"] = packed(BUSY_GEO.encode() + servers.dump_geo(), "gz")

    def sessions() -> int:
        if engine == "mysql":
            asleep = f"user = '{SHOP}' AND info LIKE '%BENCHMARK%'"
            found = servers.mysql(f"SELECT COUNT(*) FROM information_schema.processlist WHERE {asleep}")
        else:
            asleep = f"usename = '{GEO}' AND wait_event = 'PgSleep'"
            found = servers.psql(f"SELECT COUNT(*) FROM pg_stat_activity WHERE {asleep}")
        return int(found)

    node.holds(files)
    assert node.begin() == 0
    while not sessions():
        time.sleep(0.05)
    assert node.run(*script(TRIALS, "end-trial", USER, *node.where)).returncode == 0
    assert (sessions(), node.look().running, node.folder.exists()) == (0, False, False)


@pytest.mark.skipif(not IS_ROOT, reason="without root all of it runs as one user; CI is root")
def test_the_accounts_user_can_not_put_anything_in_the_place_of_where_root_works(stuck: Node) -> None:
    while not (stuck.folder / "1").exists():
        time.sleep(0.01)
    about = stuck.folder.stat()
    assert (about.st_uid, stat.S_IMODE(about.st_mode), stuck.folder.parent.stat().st_uid) == (0, 0o711, 0)
    for argv in (["mv", stuck.folder, f"{stuck.folder}2"], ["touch", stuck.folder / "x"], ["ls", stuck.folder]):
        assert subprocess.run(["runuser", "-u", USER, "--", *argv], capture_output=True).returncode != 0


def hostile(name: str, fill: Callable[[tarfile.TarFile], None]) -> dict[str, bytes]:
    whole = BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as tar:
        fill(tar)
    return {name: packed(whole.getvalue(), "gz")}


@pytest.mark.skipif(not IS_ROOT, reason="without root all of it runs as one user; CI is root")
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

    node.holds(node.archive() | hostile("./web/acme.test/domain_data.tar.gz", fill))
    found = node.tried()
    assert ("web", "acme.test") not in found.good
    assert (outside.exists(), kept.read_text()) == (False, "kept")


def without_restraint(dump: bytes) -> bytes:
    """Without the lines by which newer programs keep a dump from asking their clients for anything."""
    return b"".join(
        line for line in dump.splitlines(True) if not line.startswith((b"/*!999999", b"\\restrict", b"\\unr"))
    )


@pytest.mark.skipif(not IS_ROOT, reason="without root all of it runs as one user; CI is root")
def test_no_program_that_a_dump_asks_for_is_begun_and_no_file_of_it_stays(node: Node) -> None:
    """A copy of a shell that gives its owner's rights would give those of the next account with that number."""
    open_to_all = Path(tempfile.mkdtemp(prefix="hdk-open-", dir="/var/tmp"))
    open_to_all.chmod(0o777)
    try:
        begins = [f"\\! touch {open_to_all}/a", f"system touch {open_to_all}/b"]
        mysql = "\n".join([*begins, f"tee {open_to_all}/said", "SELECT 1;", "notee", ""])
        begins = [
            f"\\! touch {open_to_all}/c",
            f"SELECT 1 \\g |touch {open_to_all}/d",
            f"\\set x `touch {open_to_all}/e`",
        ]
        psql = "\n".join([*begins, f"\\o {open_to_all}/told", "SELECT 1;", "\\o", ""])
        node.holds({
            "./db/acme_shop/acme_shop.mysql.sql.gz":
                packed(mysql.encode() + without_restraint(node.servers.dump_shop()), "gz"),
            "./db/acme_geo/acme_geo.pgsql.sql.gz":
                packed(psql.encode() + without_restraint(node.servers.dump_geo()), "gz"),
        })  # fmt: skip
        node.tried()
        assert {file.name for file in open_to_all.iterdir()} <= {"said", "told"}
        assert node.run(*script(TRIALS, "end-trial", USER, *node.where)).returncode == 0
        assert list(open_to_all.iterdir()) == []
    finally:
        shutil.rmtree(open_to_all)


def test_what_a_dump_has_to_say_does_not_fill_the_nodes_disk(node: Node) -> None:
    loud = b"DO $$ BEGIN FOR i IN 1..70 LOOP RAISE WARNING '%', repeat('x', 1000000); END LOOP; END $$;\n"
    head, end, tail = node.servers.dump_geo().rpartition(b"--\n-- PostgreSQL database dump complete")
    node.holds({"./db/acme_geo/acme_geo.pgsql.sql.gz": packed(head + loud + end + tail, "gz")})
    found = node.tried()
    assert (list(found.faults), found.bad) == ([("db", "acme_geo")], frozenset())
    assert (node.at / f"data/users/{USER}/hdk-trial/err").stat().st_size <= 64 << 20


def test_an_archive_that_is_rotated_away_meanwhile_is_tried_to_its_end(stuck: Node) -> None:
    (stuck.at / "backup" / NAME).unlink()
    holds = f"db = '{SHOP}' AND user = 'root' AND command = 'Sleep'"
    stuck.servers.mysql(f"KILL {stuck.servers.mysql(f'SELECT id FROM information_schema.processlist WHERE {holds}')}")
    while (facts := stuck.look()).running:
        time.sleep(0.05)
    assert facts.found is not None
    assert (facts.found.bad, facts.found.faults, facts.found.torn) == (frozenset(), {}, False)
    assert facts.found.good["db", "acme_shop"] == 5
    shutil.rmtree(stuck.at / f"data/users/{USER}/hdk-trial")
    assert stuck.begin() == 1


def test_a_dump_that_makes_the_public_schema_anew_comes_back(node: Node) -> None:
    """As those of PostgreSQL up to 14 may."""
    before, first, rest = node.servers.dump_geo().partition(b"CREATE SCHEMA other")
    dump = before + b"DROP SCHEMA public;\nCREATE SCHEMA public;\n" + first + rest
    node.holds(node.archive() | {"./db/acme_geo/acme_geo.pgsql.sql.gz": packed(dump, "gz")})
    found = node.tried()
    assert (found.faults, found.skipped, found.good.get(("db", "acme_geo"))) == ({}, {}, 5)


def test_a_folder_whose_name_has_a_space_is_told_of(node: Node) -> None:
    whole, broken = packed(b"no tar" * 100, "gz"), "./user_dir/my files.tar.gz"
    node.holds(node.archive() | {broken: whole})
    assert node.tried().bad == {("udir", "my files")}


def test_what_a_dump_runs_has_no_more_rights_than_its_account(node: Node, servers: Servers) -> None:
    outside = Path(tempfile.gettempdir()) / f"hdk-outside-{os.getpid()}"
    servers.psql("CREATE DATABASE evil")
    try:
        servers.psql("CREATE ROLE plain LOGIN; GRANT ALL ON DATABASE evil TO plain; ALTER DATABASE evil OWNER TO plain")
        servers.psql(EVIL_SQL.format(outside=outside), "evil", "plain")
        files = node.archive()
        files["./db/acme_geo/acme_geo.pgsql.sql.gz"] = packed(servers.dump_geo("evil"), "gz")
        live = servers.mysql(COLLATION)
        other = servers.dump_shop() + b"ALTER DATABASE `acme_shop` CHARACTER SET ascii;\nDROP TABLE acme_shop.sold;\n"
        files["./db/acme_shop/acme_shop.mysql.sql.gz"] = packed(other + b"-- Dump completed\n", "gz")
        node.holds(files)
        found = node.tried()
        assert not outside.exists()
        assert found.good["db", "acme_geo"] == 1
        assert list(found.skipped) == [("db", "acme_shop")]
        same = servers.mysql(COLLATION)
        assert (same, servers.mysql("SELECT count(*) FROM acme_shop.sold")) == (live, "0\n")
    finally:
        servers.psql("DROP DATABASE evil")
        servers.psql("DROP ROLE plain")


def test_only_root_reads_what_a_trial_writes(node: Node) -> None:
    node.holds(node.archive())
    node.tried()
    folder = node.at / f"data/users/{USER}/hdk-trial"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
