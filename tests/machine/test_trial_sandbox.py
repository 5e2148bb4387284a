"""The sandbox in which an archive's parts are opened, made by a real systemd beside a node's database servers.

A dump is loaded by a server of its own, in which it may do anything: so it can try every wall itself, from inside.
"""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Iterator

import pytest
from tests.drivers.test_proof_text import packed, parts, tar_of
from tests.drivers.test_replies import result
from tests.machine.guest import Guest, started
from tests.machine.image import made_image

from hostdeck.core.domain.proofs import Parts
from hostdeck.core.drivers.hestia.scripts import script
from hostdeck.core.drivers.hestia.trials import TRIAL, TRIALS, trial_facts
from hostdeck.core.drivers.trials import AskTrial

pytestmark = [pytest.mark.machine, pytest.mark.timeout(1800)]

TRIED, ARCHIVE = "7-n0nce-web", "acme-web.2026-11-23_14-52-29.tar"
SHOP = "./db/acme_shop/acme_shop.mysql.sql.zst"
GEO = "./db/acme_geo/acme_geo.pgsql.sql.zst"

WALLS = """
echo ran
id -u | grep -qE '^6[1-5]...$' || echo user
for place in /home /root /etc /srv /var/lib /var/spool/cron /usr/bin /opt /run; do
touch $place/x 2>/dev/null && echo "writes $place"; done
cp /bin/sh /var/tmp/sh && chmod 4755 /var/tmp/sh 2>/dev/null && [ -u /var/tmp/sh ] && echo setuid
cp /bin/sh /dev/shm/sh 2>/dev/null && chmod 4755 /dev/shm/sh 2>/dev/null && [ -u /dev/shm/sh ] && echo shm
timeout 5 bash -c 'exec 3<>/dev/tcp/10.0.2.15/22' 2>/dev/null && echo network
timeout 5 bash -c 'exec 3<>/dev/tcp/127.0.0.1/22' 2>/dev/null && echo loopback
find /run -type s 2>/dev/null | grep -q . && echo sockets
ls /home/* 2>/dev/null | grep -q . && echo homes
unshare -r true 2>/dev/null && echo namespaces
grep -q 'NoNewPrivs:.1' /proc/self/status || echo privileges
setsid sleep 1000 >/dev/null 2>&1 </dev/null &
"""
TRIES_WALLS = """
CREATE TABLE told (word text);
COPY told FROM PROGRAM '{walls}';
DO $$ DECLARE one text; BEGIN FOR one IN SELECT word FROM told LOOP
RAISE EXCEPTION USING ERRCODE = '53000', MESSAGE = (SELECT string_agg(word, ', ') FROM told); END LOOP; END $$;
"""
"""What came of it is told as a server's own trouble, which stands in the verdict."""


@pytest.fixture(scope="module")
def guest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guest]:
    with started(made_image(), tmp_path_factory.mktemp("node")) as guest:
        guest.run("apt install mariadb-server postgresql zstd >/dev/null")
        guest.run("mkdir -p /backup /home/acme; touch /home/acme/x /etc/hestia.conf")
        yield guest


def dumps(guest: Guest) -> dict[str, bytes]:
    """As HestiaCP has them made."""
    guest.run("mariadb -e 'CREATE DATABASE IF NOT EXISTS acme_shop; CREATE OR REPLACE TABLE acme_shop.goods (id int)'")
    guest.run("runuser -u postgres -- psql -qc 'CREATE DATABASE acme_geo'")
    guest.run("runuser -u postgres -- psql -qd acme_geo -c 'CREATE TABLE places (id serial PRIMARY KEY)'")
    shop = guest.run("mariadb-dump --single-transaction --routines acme_shop")
    geo = guest.run("runuser -u postgres -- pg_dump -c --inserts -O -x acme_geo")
    return {SHOP: packed(shop.encode() + b"\n", "zst"), GEO: packed(geo.encode() + b"\n", "zst")}


def begin(guest: Guest, files: dict[str, bytes]) -> None:
    put = guest.ssh("root", f"cat >/backup/{ARCHIVE}")
    subprocess.run(put, input=tar_of(files), check=True)
    guest.run(shlex.join(script(TRIALS, "try", TRIED, ARCHIVE, "7", "/etc/hestia.conf", "/var/lib")))


def ended(guest: Guest) -> Parts:
    look = shlex.join(script(TRIAL, "trial", TRIED, ARCHIVE, "/etc/hestia.conf", "/var/lib"))
    said = guest.run(
        f'while s=$({look}); case $s in *running=1*) true ;; *) false ;; esac; do sleep 1; done; echo "$s"'
    )
    facts = trial_facts(AskTrial(TRIED, ARCHIVE), [result(("bash",), 0, said)], "n")
    assert facts.found is not None
    return facts.found


def end(guest: Guest) -> None:
    guest.run(shlex.join(script(TRIALS, "end-trial", TRIED, "/var/lib")))


def left(guest: Guest) -> str:
    """All of a user that systemd has made up, and of the trial: files, processes, units."""
    files = "find / /dev/shm -xdev -uid +61183 -uid -65520; find / /dev/shm -xdev -name '*hdk-trial*'"
    processes = "ps -eo uid=,pid=,args= | awk '$1 > 61183 && $1 < 65520'"
    return guest.run(f"{files}; {processes}; systemctl list-units --all --no-legend 'hdk-trial*'")


def test_an_honest_archive_comes_back_and_nothing_of_it_stays(guest: Guest) -> None:
    begin(guest, parts("zst") | dumps(guest))
    found = ended(guest)
    assert (found.faults, found.bad) == ({}, frozenset())
    assert found.good == {
        ("web", "acme.test"): 3, ("mail", "acme.test"): 1, ("db", "acme_shop"): 1, ("db", "acme_geo"): 1,
    }  # fmt: skip
    end(guest)
    assert left(guest) == ""


def test_what_runs_in_it_reaches_nothing_and_leaves_nothing(guest: Guest) -> None:
    text = TRIES_WALLS.format(walls=WALLS.replace("'", "''"))
    begin(guest, {GEO: packed(text.encode() + b"-- PostgreSQL database dump complete\n", "zst")})
    found = ended(guest)
    assert found.faults == {("db", "acme_geo"): "53000: ran"}
    end(guest)
    assert left(guest) == ""


def test_one_that_wants_all_memory_is_ended_and_the_nodes_servers_are_not(guest: Guest) -> None:
    servers = guest.run("systemctl show --value -p MainPID mariadb postgresql@15-main")
    greedy = b"DO $$ DECLARE t text := 'x'; BEGIN LOOP t := t || t; END LOOP; END $$;\n"
    begin(guest, {GEO: packed(greedy + b"-- PostgreSQL database dump complete\n", "zst")})
    found = ended(guest)
    assert (list(found.faults), found.bad) == ([("db", "acme_geo")], frozenset())
    assert guest.run("systemctl show --value -p MainPID mariadb postgresql@15-main") == servers
    end(guest)
    assert left(guest) == ""


def test_one_that_wants_all_room_is_ended_and_gives_it_back(guest: Guest) -> None:
    """At once, as no rate of writing would."""
    most = "fallocate -l $(($(stat -f -c '%a*%S' /var/tmp)*9/10)) /var/tmp/x; sleep 1000".replace("'", "''")
    text = f"CREATE TABLE told (word text);\nCOPY told FROM PROGRAM '{most}';\n"
    before = int(guest.run("stat -f -c %a /var/tmp"))
    begin(guest, {GEO: packed(text.encode() + b"-- PostgreSQL database dump complete\n", "zst")})
    found = ended(guest)
    assert found.faults == {("db", "acme_geo"): "it takes more than half of what is free"}
    assert int(guest.run("stat -f -c %a /var/tmp")) > before * 9 // 10
    end(guest)
    assert left(guest) == ""


def test_it_can_be_ended_in_the_middle(guest: Guest) -> None:
    begin(guest, {GEO: packed(b"SELECT pg_sleep(1000);\n", "zst")})
    guest.run(f"until systemctl is-active -q 'hdk-trial-{TRIED}*'; do sleep 0.5; done")
    end(guest)
    assert left(guest) == ""
