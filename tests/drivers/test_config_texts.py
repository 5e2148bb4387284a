"""The fixed texts about a node's configuration and its standard files, run by a real bash; the simulator's twins answer
the same.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from hostdeck.core.domain.config_keys import BY_KEY, RAW
from hostdeck.core.drivers.changes import PutFile, SetConfig
from hostdeck.core.drivers.guard import GuardStep, StepResult
from hostdeck.core.drivers.hestia import config
from hostdeck.core.drivers.hestia.commands import change_steps, sends
from hostdeck.core.drivers.hestia.layout import Layout
from hostdeck.core.drivers.hestia.scripts import BASH, script
from hostdeck.core.drivers.language import AskConfig
from hostdeck.core.errors import Permanent, StepError, Transient
from hostdeck.core.sim.hestia import DiskFiles, HestiaNode
from hostdeck.core.sim.reply import Reply
from hostdeck.core.sim.stubs import install
from hostdeck.core.transport.base import Secret


def run(argv: Sequence[object]) -> Reply:
    env = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C"}
    done = subprocess.run(
        [str(word) for word in argv], stdin=subprocess.DEVNULL, capture_output=True, env=env, check=False, timeout=30
    )
    out, err = (text.decode("utf-8", "surrogateescape") for text in (done.stdout, done.stderr))
    return Reply(done.returncode, out, err)


def judged(argv: Sequence[object], reply: Reply) -> StepError:
    step = GuardStep(tuple(str(word) for word in argv), "any")
    return config.judge_text(StepResult(step, reply.exit, 5, reply.stdout.encode(), reply.stderr.encode()), "web01")


def setting(home: Path, *pairs: tuple[str, str]) -> tuple[object, ...]:
    keys = tuple((key, BY_KEY[key].command(value)) for key, value in pairs)
    (step,) = change_steps(SetConfig(keys), Layout(str(home)))
    return step.argv


# ------------------------------------------------------------------------------------------------------- config-read


def test_reading_tells_every_line_but_secrets_and_counts_them_all(tmp_path: Path) -> None:
    stub = install(tmp_path / "node", "web01.example.net", "192.0.2.1")
    argv = script(config.CONFIG_READ, "config-read", f"{stub.folder}/conf/hestia.conf")
    told = run(argv)
    node = HestiaNode("web01.example.net", "192.0.2.1", files=DiskFiles(), home=str(stub.folder))
    assert node.run(argv) == told
    facts = config.config_facts([StepResult(GuardStep(argv), told.exit, 1, told.stdout.encode(), b"")], "web01")
    lines = (stub.folder / "conf" / "hestia.conf").read_text().splitlines()
    assert facts.lines == len(lines)
    assert facts.whole
    assert facts.values["SIEVE_SYSTEM" if "SIEVE_SYSTEM" in facts.values else "DOMAINDIR_WRITABLE"] == "no"
    assert {line.partition("=")[0] for line in lines} - set(facts.values) == {"PHPMYADMIN_KEY", "SERVER_SMTP_PASSWD"}
    assert facts.values["POLICY_SYSTEM_PASSWORD_RESET"] == "no"


def test_an_answer_that_was_cut_or_a_file_that_is_missing_is_never_an_empty_configuration(tmp_path: Path) -> None:
    argv = script(config.CONFIG_READ, "config-read", str(tmp_path / "none"))
    assert run(argv) == Reply(3)
    step = GuardStep(argv)
    with pytest.raises(Permanent):
        config.config_facts([StepResult(step, 3, 1, b"", b"")], "web01")
    with pytest.raises(Transient):
        config.config_facts([StepResult(step, 0, 1, b"A='1'\nB='2'\n", b"")], "web01")


# -------------------------------------------------------------------------------------------------------- config-set


def both(home: Path, *pairs: tuple[str, str]) -> Reply:
    """What bash makes of it on the stub node; the twin says the same of a node like it."""
    argv = setting(home, *pairs)
    twin = HestiaNode("web01.example.net", "192.0.2.1", files=DiskFiles(), home=str(home))
    simulated = twin.run([str(word) for word in argv])
    told = run(argv)
    assert simulated == told
    real = (home / "conf" / "hestia.conf").read_text()
    assert {line.split("='")[0]: line.split("='")[1].rstrip("'") for line in real.splitlines()} == twin.book.config
    return told


def test_each_key_goes_by_its_command_and_tells_its_exit_code(tmp_path: Path) -> None:
    stub = install(tmp_path / "node", "web01.example.net", "192.0.2.1")
    pairs = (("THEME", "flat"), ("APP_NAME", "My Panel"), ("FROM_NAME", ""), ("WEBMAIL_ALIAS", "post"), ("API", "yes"),
             ("DB_PMA_ALIAS", "sql"), ("LANGUAGE", "de"))  # fmt: skip
    told = both(stub.folder, *pairs)
    assert told.exit == 0
    assert told.stdout.splitlines() == [
        f"{RAW} THEME flat", "@exit 0 THEME",
        f"{RAW} APP_NAME 'My Panel'", "@exit 0 APP_NAME",
        f"{RAW} FROM_NAME ''", "@exit 0 FROM_NAME",
        "v-change-sys-webmail post", "@exit 0 WEBMAIL_ALIAS",
        "v-change-sys-api enable legacy", "@exit 0 API",
        "v-change-sys-db-alias pma sql", "@exit 0 DB_PMA_ALIAS",
        "v-change-sys-language de", "@exit 0 LANGUAGE",
    ]  # fmt: skip
    assert [call["argv"] for call in stub.journal()][:2] == [
        [RAW, "THEME", "flat"], [RAW, "APP_NAME", "My Panel"],
    ]  # fmt: skip
    assert stub.overlaps() == []


def test_a_key_that_fails_hides_no_other_and_is_named_with_the_reason(tmp_path: Path) -> None:
    stub = install(tmp_path / "node", "web01.example.net", "192.0.2.1")
    told = both(stub.folder, ("LANGUAGE", "xx"), ("THEME", "flat"))
    assert told.exit == 1
    error = judged(setting(stub.folder, ("LANGUAGE", "xx"), ("THEME", "flat")), told)
    assert isinstance(error, Permanent)
    assert str(error) == (
        "web01: 1 of its keys failed: LANGUAGE: Error: language xx doesn't exist (exit 3 E_NOTEXIST). "
        "The others are set"
    )
    assert "THEME='flat'" in (stub.folder / "conf" / "hestia.conf").read_text()


def broken_node(folder: Path, breaking: str) -> Path:
    """A panel whose command for THEME does something to the file instead of setting a key."""
    (folder / "bin").mkdir(parents=True)
    (folder / "conf").mkdir()
    conf = folder / "conf" / "hestia.conf"
    conf.write_text("A='1'\nROOT_USER='admin'\nTHEME='dark'\nVERSION='1.10.3'\n")
    command = folder / "bin" / RAW
    command.write_text(f'#!/bin/sh\nc={conf}\nif [ "$1" = THEME ]; then {breaking}; else echo "$1=\'$2\'" >>"$c"; fi\n')
    command.chmod(0o755)
    return conf


@pytest.mark.parametrize(
    "breaking",
    ["sed -i 1,2d \"$c\"", ": >\"$c\"", "rm \"$c\"", "sed -i s/^ROOT_USER=.*/ROOT_USER=\\'\\'/ \"$c\"",
     "sed -i s/^VERSION/X/ \"$c\""],
)  # fmt: skip
def test_a_file_that_lost_something_is_put_back_and_nothing_more_is_run(tmp_path: Path, breaking: str) -> None:
    home = tmp_path / "node"
    conf = broken_node(home, breaking)
    before = conf.read_text()
    argv = setting(home, ("THEME", "flat"), ("TITLE", "never"))
    told = run(argv)
    assert told.exit == 7, told
    assert told.stdout.splitlines()[-1] == "@restored THEME"
    assert "TITLE" not in told.stdout
    assert conf.read_text() == before
    assert (home / "conf" / "hestia.conf.hostdeck").read_text() == before
    error = judged(argv, told)
    assert isinstance(error, Transient)
    assert "lost lines while THEME was set" in str(error)


def test_the_twin_puts_the_file_back_likewise(tmp_path: Path) -> None:
    node = HestiaNode("web01.example.net", "192.0.2.1", files=DiskFiles(), home=str(tmp_path))
    (tmp_path / "conf").mkdir()
    before = dict(node.book.config)
    run_real = node.run

    def lossy(argv: Sequence[str]) -> Reply:
        done = run_real(argv)
        if argv[0].endswith(RAW) and argv[1] == "THEME":
            del node.book.config["ROOT_USER"]
        return done

    node.run = lossy  # type: ignore[method-assign]
    argv = [str(word) for word in setting(tmp_path, ("THEME", "flat"), ("TITLE", "never"))]
    told = lossy(argv)
    assert (told.exit, told.stdout.splitlines()[-1]) == (7, "@restored THEME")
    assert node.book.config == before


def test_a_file_that_was_not_whole_before_is_not_touched(tmp_path: Path) -> None:
    home = tmp_path / "node"
    conf = broken_node(home, "true")
    conf.write_text("THEME='dark'\n")
    told = run(setting(home, ("TITLE", "x")))
    assert told == Reply(6)
    assert conf.read_text() == "THEME='dark'\n"
    assert isinstance(judged(setting(home, ("TITLE", "x")), told), Permanent)


def test_output_of_a_command_can_not_pretend_to_be_an_exit_code(tmp_path: Path) -> None:
    home = tmp_path / "node"
    broken_node(home, "echo '@exit 0 THEME'; exit 3")
    told = run(setting(home, ("THEME", "flat")))
    assert (told.exit, told.stdout.splitlines()[1:]) == (1, ["  @exit 0 THEME", "@exit 3 THEME"])


def test_a_plan_shows_the_very_commands() -> None:
    changes = (SetConfig((("THEME", (RAW, "THEME", "flat")), ("API", ("v-change-sys-api", "enable", "legacy")))),)
    assert sends(changes, ()) == (f"{RAW} THEME flat", "v-change-sys-api enable legacy")
    put = PutFile("/var/www/html/index.html", Secret(":eA=="), "ab" * 32)
    assert sends((put,), ()) == ("write /var/www/html/index.html (sha256 abababababab)",)


def test_a_secret_never_stands_in_an_answer(tmp_path: Path) -> None:
    conf = tmp_path / "hestia.conf"
    conf.write_text("SERVER_SMTP_PASSWD='hunter2'\nPHPMYADMIN_KEY='hunter3'\nX_TOKEN='hunter4'\nROOT_USER='a'\n")
    told = run((*next(iter(config.ask_config(AskConfig(), Layout(str(tmp_path / "x")))))[:6], str(conf)))
    assert told.stdout == "ROOT_USER='a'\n@lines 4\n"


# --------------------------------------------------------------------------------------------------- standard files


def file_put(path: Path, secret: Path) -> tuple[object, ...]:
    return (*BASH, config.FILE_PUT, "file-put", str(path), str(secret))


@pytest.mark.parametrize("content", ["", "one line\n", "no end", "ünï {x}\n\n", "x" * 262_144])
def test_a_file_arrives_whole_and_both_say_its_digest(tmp_path: Path, content: str) -> None:
    import base64

    target, secret = tmp_path / "html" / "deep" / "index.html", tmp_path / "s1"
    secret.write_text(":" + base64.b64encode(content.encode()).decode() + "\n")
    assert run(file_put(target, secret)) == Reply(0)
    assert target.read_text("utf-8") == content
    assert target.stat().st_mode & 0o777 == 0o644
    assert os.listdir(target.parent) == ["index.html"]
    node = HestiaNode("web01.example.net", "192.0.2.1", files=DiskFiles())
    ask = script(config.FILE_DIGESTS, "file-digests", str(target), str(tmp_path / "none"))
    digest = hashlib.sha256(content.encode()).hexdigest()
    assert node.run(ask) == run(ask) == Reply(0, f"{digest}\n-\n")
    target.write_text("old")
    assert node.run([str(word) for word in file_put(target, secret)]) == Reply(0)
    assert target.read_text("utf-8") == content


def test_a_link_is_left_alone(tmp_path: Path) -> None:
    secret, outside, link = tmp_path / "s1", tmp_path / "outside", tmp_path / "index.html"
    secret.write_text(":eA==\n")
    outside.write_text("not ours")
    link.symlink_to(outside)
    argv = file_put(link, secret)
    told = run(argv)
    assert told.exit == 4
    assert outside.read_text() == "not ours"
    assert "left alone" in str(judged(argv, told))


def somebodys_link(folder: Path, to: Path) -> Path:
    """A link to a folder that is neither root's nor ours; where only root could make one, root's own, which is followed
    to where nobody writes."""
    if os.geteuid() != 0:
        return Path("/proc/self")
    link = folder / "sub"
    link.symlink_to(to)
    os.lchown(link, 65534, 65534)
    return link


def test_nothing_is_written_behind_somebody_elses_link(tmp_path: Path) -> None:
    """A folder that a site's user may write to could lead root to any place."""
    secret, outside = tmp_path / "s1", tmp_path / "outside"
    secret.write_text(":eA==\n")
    outside.mkdir()
    argv = file_put(somebodys_link(tmp_path, outside) / "deep" / "index.html", secret)
    told = run(argv)
    assert told.exit == (4 if os.geteuid() == 0 else 5)
    assert os.listdir(outside) == []
    assert ("left alone" in str(judged(argv, told))) == (os.geteuid() == 0)


def test_our_own_link_to_a_folder_is_followed(tmp_path: Path) -> None:
    secret, other = tmp_path / "s1", tmp_path / "bigger_disk"
    secret.write_text(":eA==\n")
    other.mkdir()
    (tmp_path / "html").symlink_to(other)
    assert run(file_put(tmp_path / "html" / "index.html", secret)) == Reply(0)
    assert (other / "index.html").read_text() == "x"


def test_whoever_may_write_to_the_folder_is_given_no_file_of_roots(tmp_path: Path) -> None:
    """The new file is made by us alone, and what is done to it by its name follows no link: between two commands the
    folder's owner could put a link to any file in its place."""
    target, secret, precious = tmp_path / "html" / "index.html", tmp_path / "s1", tmp_path / "precious"
    target.parent.mkdir()
    target.write_text("old")
    precious.write_text("root's")
    precious.chmod(0o600)
    secret.write_text(":eA==\n")
    quick = tmp_path / "bin"
    quick.mkdir()
    for name in ("base64", "chown", "chmod", "mv"):
        real = f"/usr/bin/{name}"
        swap = f'for t in {target.parent}/.hostdeck.*; do rm -f "$t"; ln -s {precious} "$t"; done'
        (quick / name).write_text(f'#!/bin/bash\n[ {name} = base64 ] || {{ {swap}; }}\nexec {real} "$@"\n')
        (quick / name).chmod(0o755)
    if os.geteuid() == 0:
        os.chown(target, 65534, 65534)
    argv = [str(word) for word in file_put(target, secret)]
    path = f"{quick}:/usr/bin:/bin"
    subprocess.run(argv, env={"PATH": path, "LC_ALL": "C"}, capture_output=True, check=False, timeout=30)
    assert precious.read_text() == "root's"
    assert (precious.stat().st_uid, precious.stat().st_mode & 0o777) == (os.geteuid(), 0o600)


def test_a_standard_file_lies_in_the_nodes_own_folder_where_it_has_one() -> None:
    skeleton = "/usr/local/hestia/data/templates/web/skel/public_html/index.html"
    assert Layout().standard_file(skeleton) == skeleton
    assert Layout("/srv/h").standard_file(skeleton) == "/srv/h/data/templates/web/skel/public_html/index.html"
    assert Layout("/srv/h").standard_file("/var/www/html/robots.txt") == "/srv/h/var/www/html/robots.txt"
