"""An archive of Hestia's restored for trial: the fixed texts, and what they say. Pure.

`v-restore-user` can't do it: under another user's name it drops the database of the archive's own (`domain/trials.py`).
So each part is opened in a sandbox that systemd makes on the node, and dumps are loaded by servers of its own there.
The parts are those of `proofs`; where dumps come from, and with which options, is in Hestia's `func/db.sh` (1.8 to
1.10).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from importlib import resources
from typing import Any

from hostdeck.core.drivers.guard import Argument, FixedText, GuardStep, StepResult
from hostdeck.core.drivers.hestia.argv import Steps
from hostdeck.core.drivers.hestia.layout import Layout
from hostdeck.core.drivers.hestia.proofs import ARCHIVE, parts_in
from hostdeck.core.drivers.hestia.scripts import script
from hostdeck.core.drivers.probe import is_count
from hostdeck.core.drivers.trials import AskTrial, EndTrial, StartTrial, TrialFacts
from hostdeck.core.errors import Transient

# trial NAME ARCHIVE HESTIA_CONF STATE: size=MB of the archive, or gone=1; free=MB where parts are unpacked;
# begun=SINCE ARCHIVE where one was begun under that name, running=1 while it goes on, then the lines that `try` has
# left. The lock is looked at before the lines: who leaves them does so before the lock is let go.
TRIAL = FixedText(r"""a=$2 c=$3 d=$4/hdk-trial.$1
b=$(sed -n "s/^BACKUP='\(.*\)'$/\1/p" "$c"); f=${b:-/backup}/$a
if [ -f "$f" ]; then printf 'size=%s\n' "$(($(stat -c %s "$f") / 1048576 + 1))"; else echo gone=1; fi
printf 'free=%s\n' "$(df -Pm /var/tmp | awk 'NR == 2 { print $4 }')"
[ -d "$d" ] || exit 0; printf 'begun=%s\n' "$(cat "$d/of" 2>/dev/null)"
flock -n "$d/lock" true || echo running=1
cat "$d/found" 2>/dev/null; exit 0""")

TRIALS = FixedText(ARCHIVE + (resources.files("hostdeck.core.drivers.hestia") / "trial.sh").read_text("utf-8"))


def _ask(ask: AskTrial, at: Layout) -> Iterable[tuple[Argument, ...]]:
    yield script(TRIAL, "trial", ask.name, ask.archive or "-", at.conf, at.state)


def _start(change: StartTrial, at: Layout) -> Steps:
    words = (change.name, change.archive, str(change.since), at.conf, at.state)
    return (GuardStep(script(TRIALS, "try", *words), "any"),)


def _end(change: EndTrial, at: Layout) -> Steps:
    return (GuardStep(script(TRIALS, "end-trial", change.name, at.state)),)


QUESTIONS: dict[Any, Any] = {AskTrial: _ask}
CHANGES: dict[Any, Callable[[Any, Layout], Steps]] = {StartTrial: _start, EndTrial: _end}


def trial_facts(ask: AskTrial, results: Sequence[StepResult], server: str) -> TrialFacts:
    if results[0].exit != 0:
        raise Transient(f"{server}: how the trial of {ask.archive or ask.name} stands can't be read there")
    lines = results[0].text.splitlines()
    said = dict(line.partition("=")[::2] for line in lines)
    since, _, begun = said.get("begun", "").partition(" ")
    return TrialFacts(
        gone=said.get("gone") == "1",
        begun=begun if "begun" in said else None,
        since=int(since) if is_count(since) else None,
        running=said.get("running") == "1",
        found=parts_in(lines) if said.get("end") == "1" else None,
        size=int(said.get("size", "0")),
        free=int(said.get("free") or 0),
    )


READERS: dict[Any, Callable[[Any, Sequence[StepResult], str], Any]] = {AskTrial: trial_facts}
