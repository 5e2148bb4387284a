"""The fixed text that reads an archive through, run by a real bash on archives as a node makes them."""

from __future__ import annotations

import hashlib
import io
import subprocess
import tarfile
from pathlib import Path

import pytest
from tests.drivers.test_replies import result

from hostdeck.core.domain.proofs import Parts, troubles, words
from hostdeck.core.drivers.hestia.proofs import PROOF
from hostdeck.core.drivers.hestia.replies import facts
from hostdeck.core.drivers.hestia.scripts import script
from hostdeck.core.drivers.proofs import AskArchive

NAME = "acme-web.2026-11-23_14-52-29.tar"
DUMP = b"-- MariaDB dump\nCREATE TABLE `a` (\n);\nINSERT INTO `a` VALUES (1);\nCREATE TABLE `b` (\n);\n"
MYSQL = DUMP + b"-- Dump completed on 2026-11-23 14:52:30\n"
PGSQL = b"CREATE TABLE public.x (\n);\n--\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict abc\n"
CONTENTS = {"web": ("acme.test",), "mail": ("acme.test",), "db": ("acme_shop", "acme_geo"), "dns": ("acme.test",)}


def packed(text: bytes, how: str) -> bytes:
    argv = ["gzip", "-c"] if how == "gz" else ["zstd", "-qc"]
    return subprocess.run(argv, input=text, capture_output=True, check=True).stdout


def tar_of(files: dict[str, bytes]) -> bytes:
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as tar:
        for name, text in files.items():
            about = tarfile.TarInfo(name)
            about.size = len(text)
            tar.addfile(about, io.BytesIO(text))
    return whole.getvalue()


def with_holes(name: str) -> bytes:
    """A few bytes that say to be a file of nine exabytes."""
    about = tarfile.TarInfo("./GNUSparseFile.0/x")
    told = b"1\n9000000000000000000\n0\n".ljust(512, b"\0")
    about.size = len(told)
    about.pax_headers = {
        "GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": name,
        "GNU.sparse.realsize": "9000000000000000000",
    }  # fmt: skip
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(about, io.BytesIO(told))
    return whole.getvalue()


def with_names(names: list[str], text: bytes) -> bytes:
    """Each a member; what it is called does not stand in its own block, but in the one before all of them."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w", format=tarfile.PAX_FORMAT, pax_headers={"path": names[0]}) as tar:
        for number, _ in enumerate(names):
            about = tarfile.TarInfo(f"{number}")
            about.size = len(text)
            tar.addfile(about, io.BytesIO(text))
    return whole.getvalue()


def parts(how: str) -> dict[str, bytes]:
    site = tar_of({"public_html/index.html": b"x" * 5000, "public_html/a b.txt": b"y", "private/z": b"z"})
    return {
        "./pam/passwd": b"acme-web:x:1001:1001::/home/acme-web:/bin/bash\n",
        "./hestia/user.conf": b"NAME='hdk 1 n'\n",
        f"./web/acme.test/domain_data.tar.{how}": packed(site, how),
        "./web/acme.test/hestia/web.conf": b"DOMAIN='acme.test'\n",
        f"./mail/acme.test/accounts.tar.{how}": packed(tar_of({"info/cur/1": b"mail"}), how),
        "./mail/acme.test/hestia/acme.test.conf": b"ACCOUNT='info' QUOTA='500'\nACCOUNT='sales' QUOTA='1'\n",
        "./mail/acme.test/hestia/mail.conf": b"DOMAIN='acme.test'\n",
        f"./db/acme_shop/acme_shop.mysql.sql.{how}": packed(MYSQL, how),
        "./db/acme_shop/hestia/db.conf": b"DB='acme_shop'\n",
        f"./db/acme_geo/acme_geo.pgsql.sql.{how}": packed(PGSQL, how),
        f"./user_dir/.ssh.tar.{how}": packed(tar_of({".ssh/authorized_keys": b"k"}), how),
    }


def read(node: Path, files: dict[str, bytes] | None, keep: int | None = None, within: tuple[str, ...] = ()) -> Parts:
    (node / "backup").mkdir(exist_ok=True)
    (node / "hestia.conf").write_text(f"BACKUP='{node}/backup'\n")
    if files is not None:
        whole = tar_of(files)
        (node / "backup" / NAME).write_bytes(whole[:keep])
    argv = [*within, *script(PROOF, "proof", NAME, f"{node}/hestia.conf")]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    found = facts(AskArchive(NAME), [result(("bash",), 0, done.stdout)], "web01")
    assert isinstance(found, Parts)
    return found


@pytest.mark.parametrize("how", ["zst", "gz"])
def test_a_whole_archive_is_read_part_by_part(tmp_path: Path, how: str) -> None:
    found = read(tmp_path, parts(how))
    assert found.good == {
        ("web", "acme.test"): 3, ("mail", "acme.test"): 1, ("db", "acme_shop"): 2, ("db", "acme_geo"): 1,
        ("udir", ".ssh"): 1,
    }  # fmt: skip
    assert (found.bad, found.boxes) == (frozenset(), {"acme.test": 2})
    assert found.digest == hashlib.sha256((tmp_path / "backup" / NAME).read_bytes()).hexdigest()
    assert troubles(CONTENTS, found) == ()
    assert words(found) == "1 site, 2 databases, 2 mailboxes"


@pytest.mark.parametrize("how", ["zst", "gz"])
def test_what_ends_too_early_is_named(tmp_path: Path, how: str) -> None:
    files = parts(how)
    site, shop = f"./web/acme.test/domain_data.tar.{how}", f"./db/acme_shop/acme_shop.mysql.sql.{how}"
    files[site] = files[site][:-9]
    files[shop] = packed(DUMP, how)
    assert troubles(CONTENTS, read(tmp_path, files)) == (
        "db acme_shop can't be read to its end", "web acme.test can't be read to its end",
    )  # fmt: skip


def test_a_dump_that_speaks_of_its_end_in_the_middle_has_not_ended(tmp_path: Path) -> None:
    files = parts("gz")
    files["./db/acme_shop/acme_shop.mysql.sql.gz"] = packed(MYSQL + b"INSERT\n" * 20, "gz")
    assert troubles(CONTENTS, read(tmp_path, files)) == ("db acme_shop can't be read to its end",)


def test_what_is_listed_and_not_in_it_is_named_and_a_mail_domain_without_mailboxes_has_no_part(tmp_path: Path) -> None:
    files = parts("zst")
    del files["./mail/acme.test/accounts.tar.zst"], files["./db/acme_geo/acme_geo.pgsql.sql.zst"]
    found = read(tmp_path, files)
    assert troubles(CONTENTS, found) == ("db acme_geo is not in it", "mail acme.test is not in it")
    files["./mail/acme.test/hestia/acme.test.conf"] = b""
    assert troubles(CONTENTS, read(tmp_path, files)) == ("db acme_geo is not in it",)


def test_an_archive_that_is_cut_off_or_gone_is_said_to_be(tmp_path: Path) -> None:
    assert troubles(CONTENTS, read(tmp_path, None)) == ("it does not lie on the node any more",)
    assert troubles(CONTENTS, read(tmp_path, parts("zst"), keep=3000)) == ("the archive ends before its end",)


def test_a_part_that_the_node_could_not_take_is_not_missing_from_the_archive() -> None:
    found = Parts(good={("web", "a.test"): 3}, bad=frozenset({("mail", "a.test")}), faults={("db", "shop"): "no room"})
    contents = {"web": ("a.test",), "mail": ("a.test",), "db": ("shop",)}
    assert troubles(contents, found) == ("mail a.test can't be read to its end",)


def test_an_archive_whose_members_are_holes_costs_nobody_any_time(tmp_path: Path) -> None:
    (tmp_path / "backup").mkdir()
    (tmp_path / "backup" / NAME).write_bytes(with_holes("./mail/acme.test/hestia/acme.test.conf"))
    assert read(tmp_path, None).torn


def test_a_list_that_never_ends_is_not_held_in_memory(tmp_path: Path) -> None:
    (tmp_path / "backup").mkdir()
    (tmp_path / "backup" / NAME).write_bytes(with_names(["./db/" + "a" * 1_000_000] * 400, b""))
    assert read(tmp_path, None, within=("bash", "-c", 'ulimit -v 100000; exec "$@"', "-")).good == {}
