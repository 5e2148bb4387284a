"""Mailboxes, databases, FTP accounts and cron jobs as they were recorded on a real node: what the driver says is what
was said there, and what came back is read for what it is.
"""

from __future__ import annotations

from typing import Any

import pytest
from tests.drivers.test_replies import result
from tests.sim.replay import rows

from hostdeck.core.drivers import items as say
from hostdeck.core.drivers import mail_items as mail
from hostdeck.core.drivers.guard import StepResult
from hostdeck.core.drivers.hestia.commands import change_steps, question_steps
from hostdeck.core.drivers.hestia.layout import Layout
from hostdeck.core.drivers.hestia.replies import facts
from hostdeck.core.transport.base import Secret

BOX = ("mia", "mia.example", "info")
SITE = ("alice", "alpha.example")
TRUE = say.CronLine("*/10 * * * *", "true")
PHP = say.CronLine("*/5 * * * *", "/usr/bin/php /home/alice/cron.php > /dev/null 2>&1")
QUOTES = say.CronLine("0 3 * * 1-5", "echo 'single' \"double\" 100% $HOME")


def said(change: Any) -> list[str]:
    """The acting command, its password as a word of the recordings' own."""
    argv = change_steps(change, Layout())[-1].argv
    words = ["SECRET" if isinstance(word, Secret) else str(word) for word in argv]
    return [words[0].rsplit("/", 1)[-1], *words[1:]]


def recorded(recording: str, *begin: str) -> list[list[str]]:
    """The good runs that begin so, their passwords masked."""
    masked = ("M4il-", "N3w-", "Db-Pass", "Ftp-Pass")
    good = [one["argv"] for one in rows(recording) if one["exit"] == 0 and tuple(one["argv"][: len(begin)]) == begin]
    return [["SECRET" if word.startswith(masked) else word for word in argv] for argv in good]


@pytest.mark.parametrize(
    ("recording", "change"),
    [
        ("05-", mail.AddMailAccount(*BOX, Secret("x"), "500")),
        ("05-", mail.SetMailPassword(*BOX, Secret("x"))),
        ("05-", mail.SetMailQuota(*BOX, "unlimited")),
        ("05-", mail.AddMailAlias(*BOX, "contact")),
        ("05-", mail.AddForward(*BOX, "elsewhere@example.org")),
        ("05-", mail.SetAutoreply(*BOX, "Away until Monday")),
        ("05-", mail.SuspendMailAccount("mia", "mia.example", "sales")),
        ("05-", mail.UnsuspendMailAccount("mia", "mia.example", "sales")),
        ("05-", mail.RemoveMailAccount("mia", "mia.example", "sales")),
        ("08", say.AddFtp(*SITE, "alice_designer", Secret("x"), "/")),
        ("08", say.AddFtp(*SITE, "alice_editor", Secret("x"), "/public_html")),
        ("08", say.SetFtpPassword(*SITE, "alice_designer", Secret("x"))),
        ("08", say.SetFtpPath(*SITE, "alice_designer", "/private")),
        ("08", say.RemoveFtp(*SITE, "alice_editor")),
        ("09", say.ChangeCronJob("alice", "1", PHP, TRUE)),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_every_change_is_said_word_for_word_as_it_was_tried(recording: str, change: Any) -> None:
    assert said(change) in recorded(recording, said(change)[0])


@pytest.mark.parametrize("name", ["shop2", "alice_shop2"])
def test_the_accounts_name_is_taken_off_once_because_the_node_puts_it_on(name: str) -> None:
    """07: `v-add-database alice alice_shop2 …` made `alice_alice_shop2`."""
    change = say.AddDatabase("alice", f"alice_{name}", f"alice_{name}", Secret("x"), "mysql", "UTF8MB4")
    assert said(change) == ["v-add-database", "alice", name, name, "SECRET", "mysql", "", "UTF8MB4"]
    assert ["v-add-database", "alice", "alice_shop2", "alice_shop2", "SECRET"] in recorded("07", "v-add-database")


@pytest.mark.parametrize("change", [say.SuspendCronJob, say.UnsuspendCronJob, say.RemoveCronJob])
def test_a_cron_commands_restart_is_no(change: Any) -> None:
    words = said(change("alice", "1", PHP))
    assert words[-1] == "no"
    assert words[:-1] in recorded("09", words[0])
    added = said(say.AddCronJob("alice", QUOTES))
    assert added[-2:] == ["", "no"]
    assert added[:-2] in recorded("09", "v-add-cron-job")


@pytest.mark.parametrize(
    "make",
    [
        lambda: mail.AddMailAccount("mia", "mia.example", "", Secret("x"), "500"),
        lambda: mail.RemoveMailAccount("mia", "mia.example", ""),
        lambda: mail.AskMailAccount("", "mia.example", "info"),
        lambda: mail.SetMailQuota(*BOX, ""),
        lambda: mail.SetAutoreply(*BOX, ""),
        lambda: say.RemoveDatabase("", "alice_shop"),
        lambda: say.SetFtpPath(*SITE, "alice_x", ""),
        lambda: say.RemoveCronJob("alice", "", PHP),
    ],
)
def test_an_empty_argument_can_not_be_built(make: Any) -> None:
    """05: `v-add-mail-account mia mia.example ''` was taken; removing it takes the whole domain's mail."""
    with pytest.raises(ValueError, match="is empty"):
        make()


def came_back(recording: str, *argv: str, nth: int = 0) -> StepResult:
    one = [row for row in rows(recording) if tuple(row["argv"]) == argv and row["exit"] == 0][nth]
    return result(tuple(one["argv"]), 0, one["stdout"])


def test_the_recorded_databases_are_read() -> None:
    found = facts(say.AskDatabases("alice"), [came_back("07", "v-list-databases", "alice", "json")], "web01")
    assert found.databases["alice_shop"] == say.Database("alice_shopuser", "mysql", "UTF8MB4")
    assert "alice_alice_shop2" in found.databases


def test_the_recorded_ftp_accounts_are_read() -> None:
    listed = came_back("08", "v-list-web-domain", *SITE, "json")
    found = facts(say.AskFtp(*SITE), [listed], "web01")
    assert found == say.FtpFacts(True, {"alice_designer": "/", "alice_editor": "/public_html"})


def test_a_command_with_quotes_is_read_as_it_was_written() -> None:
    """09: the file's own line; the listing had lost the backslash of another."""
    (ask,) = question_steps(say.AskCronJobs("alice"), Layout())
    lines = (
        "JOB='2' MIN='0' HOUR='3' DAY='*' MONTH='*' WDAY='1-5' "
        "CMD='echo %quote%single%quote% \"double\" 100% $HOME' SUSPENDED='no' TIME='14:55:22' DATE=''\nend=1\n"
    )
    found = facts(say.AskCronJobs("alice"), [StepResult(ask, 0, 1, lines.encode(), b"")], "web01")
    assert found.jobs == {"2": say.CronJob(QUOTES)}


def test_what_was_cut_off_is_never_taken_for_no_more() -> None:
    for question in (say.AskCronJobs("alice"), mail.AskMailAccount(*BOX)):
        steps = question_steps(question, Layout())
        with pytest.raises(Exception, match="did not come whole"):
            facts(question, [StepResult(step, 0, 1, b"", b"") for step in steps], "web01")
