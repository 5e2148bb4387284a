"""A sold name's life as it was recorded on a real node: what the driver says is what was said there, and what came back
is read for what it is.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from tests.drivers.test_replies import result
from tests.sim.replay import Bench, rows
from tests.sim.staging import before as before_row
from tests.sim.staging import begin

from hostdeck.core.domain.zone import address
from hostdeck.core.drivers import provider as say
from hostdeck.core.drivers.guard import StepResult
from hostdeck.core.drivers.hestia.commands import change_steps, question_steps
from hostdeck.core.drivers.hestia.layout import Layout
from hostdeck.core.drivers.hestia.listings import judge
from hostdeck.core.drivers.hestia.replies import facts
from hostdeck.core.errors import Permanent, StepError, Taken, Transient
from hostdeck.core.transport.base import Secret

ROWS = rows("34")
USER, PARENT = "prov", "parent-shop.com"
BOX = (USER, PARENT, "alice")
RECORD = replace(address("alice", "203.0.113.10"), ttl=3600)
ASK_BOX = say.AskMailbox(*BOX)
ASK_RECORD = say.AskRecord(USER, PARENT, RECORD)
ZONE_FILE = f"/usr/local/hestia/data/users/{USER}/dns/{PARENT}.conf"


def row(*argv: str, nth: int = 0, exit: int | None = 0) -> dict[str, Any]:
    """The nth recorded run that begins so and ended so."""
    found = [one for one in ROWS if tuple(one["argv"][: len(argv)]) == argv and one["exit"] == exit]
    return found[nth]


def came_back(one: dict[str, Any]) -> StepResult:
    return result(tuple(one["argv"]), one["exit"], one["stdout"], one["stderr"])


def listed(recording: str, index: int, key: str = "") -> StepResult:
    """A recorded listing of one object; `key` puts it under the name that is asked for here."""
    one = rows(recording)[index]
    ((_, value),) = json.loads(one["stdout"]).items()
    return result(tuple(one["argv"]), 0, json.dumps({key: value}))


def said(change: Any) -> list[str]:
    """The acting command of a change, its secret as the recordings write one."""
    argv = change_steps(change, Layout())[-1].argv
    words = ["@S1" if isinstance(word, Secret) else str(word) for word in argv]
    return [words[0].rsplit("/", 1)[-1], *words[1:]]


@pytest.mark.parametrize(
    "change",
    [
        say.AddMailbox(*BOX, Secret("x" * 20), "1024"),
        say.AddRecord(USER, PARENT, RECORD),
        say.SuspendMailbox(*BOX),
        say.UnsuspendMailbox(*BOX),
        say.RemoveRecord(USER, PARENT, "23", RECORD),
        say.RemoveMailbox(*BOX),
    ],
    ids=lambda change: type(change).__name__,
)
def test_every_change_is_said_word_for_word_as_it_was_tried(change: Any) -> None:
    assert said(change) in [one["argv"] for one in ROWS if one["exit"] == 0]


def test_a_record_is_added_with_its_priority_and_id_left_empty_without_a_restart_and_with_its_ttl() -> None:
    assert said(say.AddRecord(USER, PARENT, RECORD))[4:] == ["A", "203.0.113.10", "", "", "no", "3600"]


@pytest.mark.parametrize(
    ("change", "look", "accept"),
    [
        (say.AddMailbox(*BOX, Secret("x" * 20), "1024"), f"v-list-mail-account {USER} {PARENT} alice json", "3"),
        (say.AddRecord(USER, PARENT, RECORD), f"at-name {ZONE_FILE} alice", "3"),
        (say.RemoveRecord(USER, PARENT, "23", RECORD), f"record-is {ZONE_FILE} 23 alice A 203.0.113.10", "0"),
    ],
    ids=("mailbox", "record", "record-gone"),
)
def test_what_no_exit_code_tells_is_looked_at_in_the_exec_that_changes_it(change: Any, look: str, accept: str) -> None:
    first, act = change_steps(change, Layout())
    assert (first.shown(), first.accept, first.looks) == (look, accept, True)
    assert not act.looks


@pytest.mark.parametrize(
    ("argv", "exit", "kind", "meaning"),
    [
        (("v-add-mail-account", *BOX), 4, Taken, "mail account alice already exists (exit 4 E_EXISTS, exists already)"),
        (("v-suspend-mail-account", *BOX), 5, Permanent, "alice is suspended (exit 5 E_SUSPENDED, suspended)"),
        (
            ("v-unsuspend-mail-account", *BOX),
            6,
            Permanent,
            "alice is not suspended (exit 6 E_UNSUSPENDED, ",
        ),
        (("v-delete-mail-account", *BOX), 3, Permanent, "alice doesn't exist (exit 3 E_NOTEXIST, does not exist)"),
        (
            ("v-delete-dns-record", USER, PARENT, "23"),
            3,
            Permanent,
            "id 23 doesn't exist (exit 3 E_NOTEXIST, ",
        ),
        (("v-add-web-domain", "s4714-web"), 4, Taken, "parent-shop.com belongs to a different user"),
    ],
)
def test_a_repeat_is_an_error_that_the_next_look_makes_harmless(
    argv: tuple[str, ...], exit: int, kind: type[StepError], meaning: str
) -> None:
    error = judge(came_back(row(*argv, exit=exit)), "mx01")
    assert type(error) is kind
    assert meaning in str(error)


def boxes(nth: int) -> say.MailboxFacts:
    """The one mailbox out of the recorded listing of all, as its own listing would have told it."""
    domain = listed("05-", 2, PARENT)
    user = listed("31", next(n for n, one in enumerate(rows("31")) if one["argv"][:2] == ["v-list-user", "own1"]), USER)
    every = json.loads(row("v-list-mail-accounts", USER, PARENT, nth=nth)["stdout"])
    one = {"alice": every["alice"]} if "alice" in every else None
    account = result(("v-list-mail-account",), 3 if one is None else 0, json.dumps(one))
    found = facts(ASK_BOX, [domain, account, NO_ALIAS, user], "mx01")
    assert isinstance(found, say.MailboxFacts)
    return found


NO_ALIAS = result(("alias-of",), 0, "")


def test_the_mailbox_is_read_before_and_after_it_was_made() -> None:
    before, after = boxes(0), boxes(1)
    count = int(json.loads(listed("05-", 2, PARENT).text)[PARENT]["ACCOUNTS"])
    assert (before.domain, before.count, before.mailbox, before.alias_of) == (False, count, None, None)
    assert after.mailbox == say.Mailbox("1024", suspended=False, used=0)
    assert before.has_room


def test_an_alias_of_another_mailbox_is_in_the_way() -> None:
    domain, user = listed("05-", 2, PARENT), result(("v-list-user",), 0, json.dumps({USER: {}}))
    absent = result(("v-list-mail-account",), 3, "")
    found = facts(ASK_BOX, [domain, absent, result(("alias-of",), 0, "info\n"), user], "mx01")
    assert (found.alias_of, found.mailbox, found.most) == ("info", None, "")
    assert not found.has_room


def test_a_mailbox_of_another_name_is_never_taken_for_the_one_asked_for() -> None:
    domain, user = listed("05-", 2, PARENT), result(("v-list-user",), 0, json.dumps({USER: {}}))
    other = result(("v-list-mail-account",), 0, json.dumps({"alicia": {"QUOTA": "1024"}}))
    with pytest.raises(Transient, match="answered for alicia"):
        facts(ASK_BOX, [domain, other, NO_ALIAS, user], "mx01")


def test_aliases_that_cannot_be_read_are_no_free_name() -> None:
    domain, user = listed("05-", 2, PARENT), result(("v-list-user",), 0, json.dumps({USER: {}}))
    absent = result(("v-list-mail-account",), 3, "")
    with pytest.raises(Transient, match="aliases"):
        facts(ASK_BOX, [domain, absent, result(("alias-of",), 5, ""), user], "mx01")


def test_a_mail_domain_that_is_not_there_has_no_mailboxes() -> None:
    absent = came_back(rows("13")[12])
    user = result(("v-list-user",), 0, json.dumps({USER: {"MAIL_ACCOUNTS": "unlimited"}}))
    found = facts(ASK_BOX, [absent, absent, NO_ALIAS, user], "mx01")
    assert found == say.MailboxFacts(None, "unlimited", 0, None, None)


LINE = next(
    line.partition(": ")[2] for line in row("TOTAL", exit=None)["stdout"].splitlines() if "RECORD='alice'" in line
)
OWNER = result(("v-search-domain-owner", PARENT, "dns"), 0, f"{USER}\n")


def record(lines: StepResult, answer: dict[str, Any]) -> say.RecordFacts:
    found = facts(ASK_RECORD, [listed("06", 2, PARENT), lines, OWNER, came_back(answer)], "ns01")
    assert isinstance(found, say.RecordFacts)
    return found


def test_the_sold_record_is_read_with_its_number_its_ttl_and_what_named_answers() -> None:
    there, free = result(("at-name",), 0, f"{LINE}\n"), result(("at-name",), 3, "")
    answered, gone = row("dig", "+short"), row("dig", "+short", nth=-1)
    assert record(there, answered) == say.RecordFacts(
        False, frozenset({USER}), {"23": RECORD}, frozenset({"203.0.113.10"})
    )
    assert record(free, gone) == say.RecordFacts(False, frozenset({USER}), {}, frozenset())


def test_records_that_cannot_be_read_are_no_free_name() -> None:
    with pytest.raises(Transient, match="can't be read"):
        record(result(("at-name",), 5, ""), row("dig", "+short"))


def test_a_zone_that_is_not_there_is_told_with_its_owner_elsewhere() -> None:
    absent, unread = came_back(rows("13")[17]), result(("at-name",), 5, "")
    found = facts(ASK_RECORD, [absent, unread, result(("v-search",), 0, "other\n"), result(("dig",), 9)], "ns01")
    assert found == say.RecordFacts(None, frozenset({"other"}), {}, frozenset())


def test_the_questions_ask_for_one_name_and_end_with_what_was_asked_on_the_real_node() -> None:
    asked = [step.shown() for step in question_steps(ASK_RECORD, Layout())]
    assert asked[1] == f"at-name {ZONE_FILE} alice"
    assert asked[3].split() == ["dig", "+short", "+time=2", "+tries=1", "@127.0.0.1", f"alice.{PARENT}", "A"]
    asked = [step.shown() for step in question_steps(ASK_BOX, Layout())]
    assert asked[1] == f"v-list-mail-account {USER} {PARENT} alice json"
    assert asked[2] == f"alias-of /usr/local/hestia/data/users/{USER}/mail/{PARENT}.conf alice"


def without_stamp(text: str) -> str:
    return re.sub(r"TIME='[^']*' DATE='[^']*'", "STAMP", text)


def test_the_simulated_node_keeps_the_providers_record_file_as_the_real_one_did() -> None:
    bench = Bench()
    begin(bench, "34")
    cat = ["cat", ZONE_FILE]
    seen = []
    for number, one in enumerate(ROWS):
        if number in (22, 30, 70):  # before the sold name, with it, after it
            seen.append(bench.run(cat).stdout.splitlines())
        before_row(bench, "34", number, ROWS)
        if one["argv"][0].startswith("v-"):
            assert bench.run(one["argv"]).exit == one["exit"], one["argv"]
    before, during, after = seen
    (new,) = set(during) - set(before)
    told = next(line for line in row("TOTAL", exit=None)["stdout"].splitlines() if "RECORD='alice'" in line)
    assert without_stamp(new) == without_stamp(told.partition(": ")[2])
    assert during == [*before, new]
    assert after == before
