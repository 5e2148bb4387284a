"""An archive of Hestia's restored into a scratch account: the fixed texts, and what they say. Pure.

`v-restore-user` can't do it: under another user's name it drops the database of the archive's own (`domain/trials.py`).
So each part is unpacked by the scratch account's own system user, and each dump is loaded into a database of the
scratch account's by that database's own user: what an archive holds gets no right that the account has not. The parts
are those of `proofs`; where dumps come from, and with which options, is in Hestia's `func/db.sh` (1.8 to 1.10).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from importlib import resources
from typing import Any

from hostdeck.core.drivers.guard import Argument, FixedText, GuardStep, StepResult
from hostdeck.core.drivers.hestia.argv import Steps, act, look, owner_step
from hostdeck.core.drivers.hestia.items_web import database_names
from hostdeck.core.drivers.hestia.layout import Layout
from hostdeck.core.drivers.hestia.listings import named_object
from hostdeck.core.drivers.hestia.proofs import parts_in
from hostdeck.core.drivers.hestia.scripts import BASH, script
from hostdeck.core.drivers.hestia.users import ask_user, user_facts
from hostdeck.core.drivers.language import Owner
from hostdeck.core.drivers.trials import AskTrial, KeepNoBackups, RemoveScratch, StartTrial, TrialFacts
from hostdeck.core.errors import Transient

# trial USER ARCHIVE HESTIA_CONF DATA_USERS HOMES: size=MB of the archive, or gone=1; dump=ENGINE NAME for each database
# in it; free=MB where accounts live; begun=ARCHIVE where one was begun, running=1 while that goes on, then the lines
# that `try` has left. The lock is looked at before the lines: who leaves them does so before the lock is let go.
TRIAL = FixedText(r"""u=$1 a=$2 c=$3 d=$4/$1/hdk-trial h=$5
b=$(sed -n "s/^BACKUP='\(.*\)'$/\1/p" "$c"); f=${b:-/backup}/$a
if [ -f "$f" ]; then printf 'size=%s\n' "$(($(stat -c %s "$f") / 1048576 + 1))"
tar -tf "$f" 2>/dev/null | sed -nE 's,^\./db/([^/]*)/[^/]*\.(mysql|pgsql)\.sql\..*,dump=\2 \1,p'
else echo gone=1; fi
printf 'free=%s\n' "$(df -Pm "$h" | awk 'NR == 2 { print $4 }')"
[ -d "$d" ] || exit 0; printf 'begun=%s\n' "$(cat "$d/of" 2>/dev/null)"
flock -n "$d/lock" true || echo running=1
cat "$d/found" 2>/dev/null; exit 0""")

TRIALS = FixedText((resources.files("hostdeck.core.drivers.hestia") / "trial.sh").read_text("utf-8"))


def _ask(ask: AskTrial, at: Layout) -> Iterable[tuple[Argument, ...]]:
    yield from ask_user(ask.user, at)
    yield look(at, "v-list-databases", ask.user, "json")
    yield script(TRIAL, "trial", ask.user, ask.archive, at.conf, at.users, at.homes)


def _start(change: StartTrial, at: Layout) -> Steps:
    words: list[Argument] = [change.user, change.archive, at.conf, at.users, at.homes]
    for one in change.databases:
        words += [one.name, one.database, one.password]
    owned = owner_step(Owner(change.user, change.mark), at, "0")
    return (owned, GuardStep((*BASH, TRIALS, "try", *words), "any"))


def _remove(change: RemoveScratch, at: Layout) -> Steps:
    owned = owner_step(Owner(change.user, change.mark), at, "0")
    return (
        owned,
        GuardStep(script(TRIALS, "end-trial", change.user, at.conf, at.users, at.homes)),
        act(at, "v-delete-user", change.user, "no"),
    )


def _keep_no_backups(change: KeepNoBackups, at: Layout) -> Steps:
    owned = owner_step(Owner(change.user, change.mark), at, "0")
    command = "v-change-user-config-value"
    ordinary = GuardStep((at.command(command), change.user, "BACKUPS", "0"))
    return (owned, ordinary, act(at, command, change.user, "BACKUPS_INCREMENTAL", "no"))


QUESTIONS: dict[Any, Any] = {AskTrial: _ask}
CHANGES: dict[Any, Callable[[Any, Layout], Steps]] = {
    StartTrial: _start,
    RemoveScratch: _remove,
    KeepNoBackups: _keep_no_backups,
}


def trial_facts(ask: AskTrial, results: Sequence[StepResult], server: str) -> TrialFacts:
    if results[3].exit != 0:
        raise Transient(f"{server}: how the trial of {ask.archive} stands can't be read there")
    listed = named_object(results[0], ask.user, server) or {}
    lines = results[3].text.splitlines()
    said = dict(line.partition("=")[::2] for line in lines)
    dumps = (line.removeprefix("dump=").partition(" ") for line in lines if line.startswith("dump="))
    return TrialFacts(
        user=user_facts(results[:2], ask.user, server),
        backed_up=listed.get("BACKUPS", "0") != "0" or listed.get("BACKUPS_INCREMENTAL") == "yes",
        databases=database_names(results[2], server),
        dumps={name: engine for engine, _, name in dumps},
        gone=said.get("gone") == "1",
        begun=said.get("begun"),
        running=said.get("running") == "1",
        found=parts_in(lines) if said.get("end") == "1" else None,
        size=int(said.get("size", "0")),
        free=int(said.get("free") or 0),
    )


READERS: dict[Any, Callable[[Any, Sequence[StepResult], str], Any]] = {AskTrial: trial_facts}
