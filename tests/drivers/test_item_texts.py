"""The fixed shell texts about what is inside an account, run by a real bash against files; the simulator's twins answer
byte for byte the same.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from hostdeck.core.domain.autoreply import message_argument
from hostdeck.core.drivers.guard import FixedText
from hostdeck.core.drivers.hestia import item_texts, scripts
from hostdeck.core.sim.hestia import DiskFiles, HestiaNode
from hostdeck.core.sim.reply import Reply

STAMP = "SUSPENDED='no' TIME='15:00:29' DATE='2026-11-23'"


def box(name: str, alias: str = "") -> str:
    secret = "MD5='{BLF-CRYPT}$2y$05$abc'"
    return f"ACCOUNT='{name}' ALIAS='{alias}' AUTOREPLY='no' FWD='' FWD_ONLY='' {secret} QUOTA='500' U_DISK='0' {STAMP}"


def both(text: FixedText, label: str, *words: str) -> Reply:
    """What bash says; the simulator must say the same."""
    argv = scripts.script(text, label, *words)
    env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, env=env, check=False, timeout=30)
    said = Reply(done.returncode, done.stdout.decode(), "")
    assert HestiaNode(files=DiskFiles()).run(argv) == said
    return said


ALONE = [
    ([], "info", 3),
    ([box("info")], "info", 0),
    ([box("info"), box("sales")], "info", 0),
    ([box("info", "post")], "post", 4),
    ([box("info", "post")], "info", 0),
    ([box("info", "inf.")], "info", 4),
    ([box("info", "i.fo")], "i.fo", 4),
    ([box("axb")], "a.b", 4),
    ([box("a.b")], "axb", 4),
    ([box("a.b")], "a.b", 0),
    ([box("a.b"), box("axb")], "a.b", 4),
    ([box("axb"), box("a.b")], "axb", 0),
    ([box("info", "a.b"), box("info2", "axb")], "info", 4),
    ([box("info", "c,a.b"), box("axb")], "info", 4),
    ([box("info", "axb,c")], "a.b", 4),
    ([box("a.b", "axb")], "a.b", 4),
    ([box("info"), box("info", "post")], "info", 4),
    ([box("longer"), box("")], "long", 3),
    (["ACCOUNT='bare'"], "bare", 0),
]


@pytest.mark.parametrize(("lines", "name", "code"), ALONE)
def test_a_mailbox_name_is_alone_while_no_other_looks_like_it(
    tmp_path: Path, lines: list[str], name: str, code: int
) -> None:
    file = tmp_path / "customer.test.conf"
    file.write_text("".join(f"{line}\n" for line in lines))
    assert both(item_texts.MAIL_NAMES_ALONE, "mail-names-alone", str(file), name).exit == code


def test_a_domain_that_is_not_there_can_not_be_looked_into(tmp_path: Path) -> None:
    assert both(item_texts.MAIL_NAMES_ALONE, "mail-names-alone", str(tmp_path / "no"), "info").exit == 5
    assert both(item_texts.MAIL_ACCOUNTS, "mail-accounts", str(tmp_path / "no")).exit == 3


def test_the_lines_of_mailboxes_come_without_what_their_passwords_became(tmp_path: Path) -> None:
    file = tmp_path / "customer.test.conf"
    file.write_text(f"{box('info')}\n{box('sales')}\n")
    said = both(item_texts.MAIL_ACCOUNTS, "mail-accounts", str(file)).stdout
    assert "MD5" not in said
    assert "BLF" not in said
    assert [line.split()[0] for line in said.splitlines()] == ["ACCOUNT='info'", "ACCOUNT='sales'", "end=1"]


@pytest.mark.parametrize("text", ["plain", "-n", "-e x", "two\n\nlines", "C:\\new\\x41 \\c \\0", "'\"`$HOME` %d", "ż"])
def test_an_automatic_answer_comes_out_of_echo_as_it_was_meant(text: str) -> None:
    """`echo -e "$autoreply"` is what v-add-mail-account-autoreply does with its argument."""
    argv = ["/bin/bash", "-c", 'echo -e "$1"', "echo", message_argument(text)]
    assert subprocess.run(argv, capture_output=True, check=True, timeout=30).stdout.decode() == f"{text}\n"
