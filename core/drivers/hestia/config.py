"""The node's own configuration and its standard files, as fixed texts: one read, one script for all that differs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from hostdeck.core.domain.config_keys import RAW
from hostdeck.core.domain.exits import BY_NUMBER, said_as
from hostdeck.core.domain.text import clean_line
from hostdeck.core.drivers import changes as tell
from hostdeck.core.drivers import language as say
from hostdeck.core.drivers.guard import Argument, FixedText, GuardStep, StepResult
from hostdeck.core.drivers.hestia.argv import Steps
from hostdeck.core.drivers.hestia.layout import Layout
from hostdeck.core.drivers.hestia.listings import TRANSIENT, judge
from hostdeck.core.drivers.hestia.scripts import BASH, script
from hostdeck.core.errors import Permanent, StepError, Transient

# config-read CONF: every line but those of keys that hold a secret, and `@lines N` of the whole file; 3 where there is
# no such file. What is left out never leaves the node.
CONFIG_READ = FixedText("""c=$1 n=0; [ -f "$c" ] || exit 3; mapfile -t l <"$c"
for x in "${l[@]}"; do n=$((n+1)); case ${x%%=*} in POLICY_*) ;; *PASS*|*SECRET*|*TOKEN*|*_KEY) continue ;; esac
printf '%s\\n' "$x"; done; printf '@lines %s\\n' "$n"; exit 0""")

# config-set CONF BIN { KEY SHOWN COUNT WORD... }...: runs each key's command and prints SHOWN, its output two spaces
# in, and `@exit CODE KEY`. A copy of the file stands beside it first. Eight writers at once left three lines of it,
# each with exit 0 (`hestia.md` 3.3): where it has lost lines, ROOT_USER or VERSION, the copy goes back and nothing more
# is run. 0 all went well, 1 a key failed, 5 no copy could be made, 6 the file was not whole before, 7 it was put back.
CONFIG_SET = FixedText("""c=$1 b=$2 k=$1.hostdeck f=0; shift 2
whole() { local l t IFS=; mapfile l <"$c" || return 1; t=$'\\n'"${l[*]}"
[ "${#l[@]}" -ge "$1" ] && [[ $t == *$'\\n'ROOT_USER=\\'[!\\']* && $t == *$'\\n'VERSION=\\'[!\\']* ]]; }
mapfile -t l <"$c" && n=${#l[@]}; whole "${n:-0}" || exit 6
cp -p -- "$c" "$k" || exit 5
while [ $# -ge 4 ]; do y=$1 w=$2 m=$3; shift 3; a=("${@:1:m}"); shift "$m"
printf '%s\\n' "$w"; o=$(exec "$b/${a[0]}" "${a[@]:1}" 2>&1 </dev/null); r=$?
[ -z "$o" ] || while IFS= read -r x; do printf '  %s\\n' "$x"; done <<<"$o"
printf '@exit %s %s\\n' "$r" "$y"; [ "$r" = 0 ] || f=1
whole "$n" || { cp -p -- "$k" "$c.hostdeck.new" && mv -f -- "$c.hostdeck.new" "$c"; printf '@restored %s\\n' "$y"
exit 7; }; done; exit "$f\"""")

# file-digests PATH...: one line each: SHA-256 in hex, or - where no such file is; always exits 0.
FILE_DIGESTS = FixedText("""for f; do if [ -f "$f" ] && d=$(sha256sum <"$f"); then echo "${d%% *}"; else echo -; fi
done; exit 0""")

# file-put PATH SECRET_FILE: writes what SECRET_FILE has as `:` and base64 to a new file beside PATH and renames it, so
# that nobody ever reads half of it; its mode is 0644, its owner the old one's. 4 where PATH is a link or a folder, or
# a link leads to it that is neither root's nor ours. Whoever may write to the folder must gain nothing: nobody opens
# the new file before us (noclobber), and what is done to it by name follows no link.
FILE_PUT = FixedText("""f=$1 d=${1%/*}; [ -L "$f" ] || [ -d "$f" ] && exit 4
p=$d; while [ -n "$p" ]; do if [ -L "$p" ]; then
case $(stat -c %u -- "$p") in 0|"$EUID") ;; *) exit 4 ;; esac; fi; p=${p%/*}; done
mkdir -p -- "$d" && t=$(mktemp -u "$d/.hostdeck.XXXXXXXX") || exit 5; trap 'rm -f -- "$t"' EXIT; umask 022; set -C
IFS= read -r s <"$2" || exit 5; printf '%s' "${s#:}" | base64 -d >"$t" || exit 5
[ ! -f "$f" ] || chown -h --reference="$f" -- "$t" || exit 5; mv -fT -- "$t" "$f" || exit 5
exit 0""")

_PAIR = re.compile(r"([A-Za-z0-9_.-]+)='([^']*)'")


def ask_config(ask: say.AskConfig, at: Layout) -> Iterable[tuple[Argument, ...]]:
    yield script(CONFIG_READ, "config-read", at.conf)


def ask_files(ask: say.AskFiles, at: Layout) -> Iterable[tuple[Argument, ...]]:
    yield script(FILE_DIGESTS, "file-digests", *(at.standard_file(path) for path in ask.paths))


def set_config(change: tell.SetConfig, at: Layout) -> Steps:
    words: list[str] = []
    for key, command in change.keys:
        words += [key, shown(command), str(len(command)), *command]
    quick = all(command[0] == RAW for _, command in change.keys)
    return (GuardStep(script(CONFIG_SET, "config-set", at.conf, f"{at.home}/bin", *words), "any", brief=quick),)


def shown(command: Sequence[str]) -> str:
    """A command as people read it, in plans and in the log alike."""
    return GuardStep(tuple(command)).shown()


def put_file(change: tell.PutFile, at: Layout) -> Steps:
    return (GuardStep((*BASH, FILE_PUT, "file-put", at.standard_file(change.path), change.content), "any"),)


def told(change: say.Change) -> tuple[str, ...]:
    """What a change of these sends, one line for each command a person would type."""
    if isinstance(change, tell.SetConfig):
        return tuple(shown(command) for _, command in change.keys)
    if isinstance(change, tell.PutFile):
        return (f"write {change.path} (sha256 {change.digest[:12]})",)
    return ()


def config_facts(results: Sequence[StepResult], server: str) -> say.ConfigFacts:
    """Transient where the answer was cut."""
    result = results[0]
    if result.exit == 3:
        raise Permanent(f"{server}: there is no hestia.conf in the panel's folder; look at the node [NODE_PANEL]")
    *lines, last = result.text.splitlines() or [""]
    word, _, count = last.partition(" ")
    if result.exit != 0 or word != "@lines" or not count.isdecimal():
        raise Transient(f"{server}: hestia.conf could not be read whole (exit {result.exit})")
    pairs = ((match[1], match[2]) for line in lines if (match := _PAIR.fullmatch(line)))
    return say.ConfigFacts(dict(pairs), int(count))


def file_facts(results: Sequence[StepResult], paths: Sequence[str], server: str) -> say.FileFacts:
    lines = results[0].text.splitlines()
    if results[0].exit != 0 or len(lines) != len(paths):
        raise Transient(f"{server}: the standard files could not be looked at (exit {results[0].exit})")
    return say.FileFacts({path: None if line == "-" else line for path, line in zip(paths, lines, strict=True)})


OWN_CODES = {
    5: "no copy of hestia.conf could be made beside it (is the disk full?); nothing was changed",
    6: "hestia.conf is not whole (ROOT_USER or VERSION is missing); nothing was changed. Its last good copy, if any, "
    "is hestia.conf.hostdeck beside it",
}


def judge_config(result: StepResult, server: str) -> StepError:
    """The error behind a `config-set` that did not go well: which keys failed, and why."""
    if result.exit in OWN_CODES:
        return Permanent(f"{server}: {OWN_CODES[result.exit]} [CFG_NODE]")
    failed: list[tuple[str, int, str]] = []
    said: list[str] = []
    for line in result.text.splitlines():
        if line.startswith("  "):
            said.append(line.strip())
        elif line.startswith("@exit "):
            _, code, key = line.split(" ", 2)
            if code != "0":
                failed.append((key, int(code), clean_line(" ".join(said), 200)))
            said = []
        elif line.startswith("@restored "):
            key = line.partition(" ")[2]
            text = f"hestia.conf lost lines while {key} was set; the copy from before was put back"
            return Transient(f"{server}: {text}. Does somebody else change it at the same time? [CFG_RESTORED]")
    if not failed:
        return judge(result, server)
    parts = [f"{key}: {text or _meaning(code)} ({said_as(code)})" for key, code, text in failed]
    again = all(code in TRANSIENT or code >= 128 for _, code, _ in failed)
    text = f"{server}: {len(failed)} of its keys failed: {'; '.join(parts)}. The others are set"
    return Transient(text) if again else Permanent(text)


def _meaning(code: int) -> str:
    return BY_NUMBER[code].meaning if code in BY_NUMBER else "no message"


def judge_file(result: StepResult, server: str) -> StepError:
    path = str(result.step.argv[6])
    if result.exit == 4:
        return Permanent(
            f"{server}: {path} is a link or a folder, or lies behind another user's link; it was left alone. "
            "Look at the node [FILE_LINK]"
        )
    said = clean_line(result.stderr.decode("utf-8", "replace").strip(), 200) or "no message"
    return Transient(f"{server}: {path} could not be written: {said} (exit {result.exit})")


def judge_text(result: StepResult, server: str) -> StepError:
    """As `judge`, with the texts of this module told in their own words."""
    label = result.step.argv[5] if len(result.step.argv) > 5 and result.step.argv[:4] == BASH else ""
    by_label = {"config-set": judge_config, "file-put": judge_file}
    return by_label.get(str(label), judge)(result, server)
