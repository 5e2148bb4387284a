"""An archive of Hestia's read through on its node, in one exec. Pure.

Its parts (`v-backup-user` of HestiaCP 1.8 and 1.9): `./web/DOMAIN/domain_data.tar.{zst,gz}`,
`./mail/DOMAIN/accounts.tar.{zst,gz}` where the domain has any mailbox, `./mail/DOMAIN/hestia/DOMAIN.conf` with a line
for each, `./db/NAME/NAME.{mysql,pgsql}.sql.{zst,gz}` and `./user_dir/NAME.tar.{zst,gz}`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from importlib import resources
from typing import Any

from hostdeck.core.domain.proofs import Parts
from hostdeck.core.drivers.guard import Argument, FixedText, StepResult
from hostdeck.core.drivers.hestia.layout import Layout
from hostdeck.core.drivers.hestia.scripts import script
from hostdeck.core.drivers.probe import is_count
from hostdeck.core.drivers.proofs import AskArchive
from hostdeck.core.errors import Transient

ARCHIVE = FixedText((resources.files("hostdeck.core.drivers.hestia") / "archive.sh").read_text("utf-8"))

# proof ARCHIVE HESTIA_CONF: unpacks every part into nothing, with the least claim on the node. Prints absent=1 or
# torn=1 where the archive is not there or ends early; `ok=PART COUNT NAME` for each part that was read to its end
# (files of a site, of mailboxes or of a folder; tables of a dump that says it is complete), `bad=PART NAME` for any
# other; `box=COUNT DOMAIN`, the mailboxes of a mail domain's own list; `sum=SHA256`. end=1 is the last line.
PROOF = FixedText(
    ARCHIVE
    + r"""set -o pipefail; a=$1 c=$2 nice="nice -n 19"; command -v ionice >/dev/null && nice="$nice ionice -c 3"
b=$(sed -n "s/^BACKUP='\(.*\)'$/\1/p" "$c"); f=${b:-/backup}/$a
[ -f "$f" ] || { printf 'absent=1\nend=1\n'; exit 0; }
l=$(list_parts "$f"); case $? in 0) ;; 3|137) exit 1 ;; *) printf 'torn=1\nend=1\n'; exit 0 ;; esac
while IFS= read -r m; do
k=${m#./} k=${k%%/*} o=${m#./*/} o=${o%%/*}
case $m in *.zst) z="zstd -dcq" ;; *) z="gzip -dcq" ;; esac
case $m in
./mail/*/hestia/"$o.conf")
printf 'box=%s %s\n' "$(boxes "$f" "$m")" "$o"; continue ;;
./web/*/domain_data.tar.*|./mail/*/accounts.tar.*|./user_dir/*.tar.*)
[ "$k" = user_dir ] && k=udir o=${o%.tar.*}
r=$(take "$f" "$m" | $nice $z 2>/dev/null | tar -tf - 2>/dev/null | wc -l) ;;
./db/*/*.sql.*) r=$(take "$f" "$m" | $nice $z 2>/dev/null | awk '/^CREATE TABLE /{t++}
/^-- (Dump completed|PostgreSQL database dump complete)/{d=NR} END{print t+0; exit !(d && NR - d < 5)}') ;;
*) continue ;; esac && printf 'ok=%s %s %s\n' "$k" "$r" "$o" || printf 'bad=%s %s\n' "$k" "$o"
done <<<"$l"
printf 'sum=%s\nend=1\n' "$($nice sha256sum <"$f" | cut -c1-64)"; exit 0"""
)


def _ask(ask: AskArchive, at: Layout) -> Iterable[tuple[Argument, ...]]:
    yield script(PROOF, "proof", ask.archive, at.conf)


QUESTIONS: dict[Any, Any] = {AskArchive: _ask}


def parts_of(ask: AskArchive, results: Sequence[StepResult], server: str) -> Parts:
    lines = results[0].text.splitlines()
    if results[0].exit != 0 or lines[-1:] != ["end=1"]:
        raise Transient(f"{server}: {ask.archive} can't be read there")
    return parts_in(lines)


def parts_in(lines: Sequence[str]) -> Parts:
    """What the lines of a fixed text say of an archive's parts."""
    good: dict[tuple[str, str], int] = {}
    bad: set[tuple[str, str]] = set()
    faults: dict[tuple[str, str], str] = {}
    boxes: dict[str, int] = {}
    digest = ""
    for line in lines:
        kind, _, rest = line.partition("=")
        words = rest.split(" ")
        match kind, words:
            case "ok", [part, count, *name] if is_count(count):
                good[part, " ".join(name)] = int(count)
            case "bad", [part, *name]:
                bad.add((part, " ".join(name)))
            case "fault", [part, name, *why]:
                faults[part, name] = " ".join(why)
            case "box", [count, name] if is_count(count):
                boxes[name] = int(count)
            case "sum", [digest]:
                pass
    return Parts("absent=1" in lines, "torn=1" in lines, good, frozenset(bad), boxes, digest, faults)


READERS: dict[Any, Callable[[Any, Sequence[StepResult], str], Any]] = {AskArchive: parts_of}
