"""An archive of Hestia's restored into a scratch account: the fixed texts, and what they say. Pure.

`v-restore-user` can't do it: under another user's name it drops the database of the archive's own (`domain/trials.py`).
So each part is unpacked by the scratch account's own system user, who can harm nobody with it, and each dump is loaded
into a database of the scratch account's with the access that Hestia has itself (`func/db.sh` of 1.8 to 1.10), by a
client that runs as that system user too. The parts are those of `proofs`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from hostdeck.core.drivers.guard import Argument, FixedText, GuardStep, StepResult
from hostdeck.core.drivers.hestia.argv import Steps, look, owner_step
from hostdeck.core.drivers.hestia.items_web import database_names
from hostdeck.core.drivers.hestia.layout import Layout
from hostdeck.core.drivers.hestia.proofs import parts_in
from hostdeck.core.drivers.hestia.scripts import script
from hostdeck.core.drivers.hestia.users import ask_user, user_facts
from hostdeck.core.drivers.language import Owner
from hostdeck.core.drivers.trials import AskTrial, StartTrial, TrialFacts
from hostdeck.core.errors import Transient

# trial USER ARCHIVE HESTIA_CONF DATA_USERS HOMES: size=MB of the archive, or gone=1; dump=ENGINE NAME for each database
# in it; free=MB where accounts live; begun=ARCHIVE where one was begun, running=1 while that goes on, then the lines
# that TRY has left. The lock is looked at before the lines: who leaves them does so before the lock is let go.
TRIAL = FixedText(r"""u=$1 a=$2 c=$3 d=$4/$1/hdk-trial h=$5
b=$(sed -n "s/^BACKUP='\(.*\)'$/\1/p" "$c"); f=${b:-/backup}/$a
if [ -f "$f" ]; then printf 'size=%s\n' "$(($(stat -c %s "$f") / 1048576 + 1))"
tar -tf "$f" 2>/dev/null | sed -nE 's,^\./db/([^/]*)/[^/]*\.(mysql|pgsql)\.sql\..*,dump=\2 \1,p'
else echo gone=1; fi
printf 'free=%s\n' "$(df -Pm "$h" | awk 'NR == 2 { print $4 }')"
[ -d "$d" ] || exit 0; printf 'begun=%s\n' "$(cat "$d/of" 2>/dev/null)"
flock -n "$d/lock" true || echo running=1
cat "$d/found" 2>/dev/null; exit 0""")

# try USER ARCHIVE HESTIA_CONF DATA_USERS HOMES [NAME DATABASE]...: sets the restore going and ends at once; 4 where it
# was set going before. What it finds is written in the words of PROOF to a folder that only root can enter and that
# goes with the account; end=1 is the last line. A part is cleared away before the next one is unpacked.
TRY = FixedText(r"""u=$1 a=$2 c=$3 d=$4/$1; h=$5/$1/hdk-trial; shift 5
b=$(sed -n "s/^BACKUP='\(.*\)'$/\1/p" "$c"); f=${b:-/backup}/$a
umask 077; mkdir "$d/hdk-trial" || exit 4
exec 8>"$d/hdk-trial/lock"; flock -n 8 || exit 4
printf '%s\n' "$a" >"$d/hdk-trial/of" || exit 1
go() { u=$1 f=$2 d=$3 h=$4 c=$5; shift 5; export HOME=/ n; set -o pipefail
n="nice -n 19"; command -v ionice >/dev/null && n="$n ionice -c 3"
as() { $n runuser -u "$u" -- "$@" 2>/dev/null; }
of() { k=$1; l=" $2"; v=${l#*" $k='"}; [ "$v" = "$l" ] && v= || v=${v%%"'"*}; printf %s "$v"; }
sql() { l=$(grep "^DB='$new' " "$d/db.conf"); H=$(of HOST "$l"); s=$(grep "HOST='$H'" "$c/$e.conf" | head -n 1)
U=$(of USER "$s") p=$(of PASSWORD "$s") P=$(of PORT "$s")
if [ "$e" = mysql ]; then x=mysql; command -v mariadb >/dev/null && x=mariadb
MYSQL_PWD=$p as "$x" -h "$H" -P "${P:-3306}" -u "$U" -N "$new" "$@"
else PGPASSWORD=$p as psql -qXAt -v ON_ERROR_STOP=1 -h "$H" -p "${P:-5432}" -U "$U" "$@" "$new"; fi; }
tables() { w="NOT IN ('pg_catalog', 'information_schema')"; o=-c
[ "$e" = mysql ] && w="= '$new'" o=-e; sql $o "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema $w"; }
mkdir "$h" && chown "$u:" "$h" || { printf 'torn=1\nend=1\n'; return; }
m=$($n tar -tf "$f" 2>/dev/null) || { printf 'torn=1\nend=1\n'; return; }
while IFS= read -r m; do
k=${m#./} k=${k%%/*} o=${m#./*/} o=${o%%/*}
case $m in *.zst) z="zstd -dcq" ;; *) z="gzip -dcq" ;; esac
part() { $n tar -xOf "$f" "$m" 2>/dev/null | $n $z 2>/dev/null; }
case $m in
./mail/*/hestia/"$o.conf") printf 'box=%s %s\n' "$(tar -xOf "$f" "$m" 2>/dev/null | grep -c "^ACCOUNT='")" "$o" ;;
./web/*/domain_data.tar.*|./mail/*/accounts.tar.*|./user_dir/*.tar.*)
[ "$k" = user_dir ] && k=udir o=${o%.tar.*}
if r=$(part | as tar -xvf - -C "$h" | wc -l); then printf 'ok=%s %s %s\n' "$k" "$r" "$o"
else printf 'bad=%s %s\n' "$k" "$o"; fi
as find "$h" -mindepth 1 -delete ;;
./db/*/*.sql.*) e=mysql new=; case $m in *.pgsql.sql.*) e=pgsql ;; esac
for w in "$@"; do [ "$new" = "=$o" ] && { new=$w; break; }; new="=$w"; done
case $new in =*|"") r= ;; *) name=$o; part | sql >/dev/null && r=$(tables); [ $? = 0 ] || r=; o=$name ;; esac
case $r in ""|*[!0-9]*) printf 'bad=db %s\n' "$o" ;; *) printf 'ok=db %s %s\n' "$r" "$o" ;; esac ;;
esac
done <<<"$m"
echo end=1; }
run() { d=$3; go "$@" >"$d/hdk-trial/lines" 2>/dev/null; mv "$d/hdk-trial/lines" "$d/hdk-trial/found"; }
setsid /bin/bash --noprofile --norc -c "$(declare -f go run); run \"\$@\"" hdk-trial \
"$u" "$f" "$d" "$h" "${c%/*}" "$@" </dev/null >/dev/null 2>&1 &
exit 0""")


def _ask(ask: AskTrial, at: Layout) -> Iterable[tuple[Argument, ...]]:
    yield from ask_user(ask.user, at)
    yield look(at, "v-list-databases", ask.user, "json")
    yield script(TRIAL, "trial", ask.user, ask.archive, at.conf, at.users, at.homes)


def _start(change: StartTrial, at: Layout) -> Steps:
    pairs = (name for pair in change.databases.items() for name in pair)
    words = (change.user, change.archive, at.conf, at.users, at.homes, *pairs)
    return (owner_step(Owner(change.user, change.mark), at, "0"), GuardStep(script(TRY, "try", *words), "any"))


QUESTIONS: dict[Any, Any] = {AskTrial: _ask}
CHANGES: dict[Any, Callable[[Any, Layout], Steps]] = {StartTrial: _start}


def trial_facts(ask: AskTrial, results: Sequence[StepResult], server: str) -> TrialFacts:
    if results[3].exit != 0:
        raise Transient(f"{server}: how the trial of {ask.archive} stands can't be read there")
    lines = results[3].text.splitlines()
    said = dict(line.partition("=")[::2] for line in lines)
    dumps = (line.removeprefix("dump=").partition(" ") for line in lines if line.startswith("dump="))
    return TrialFacts(
        user=user_facts(results[:2], ask.user, server),
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
