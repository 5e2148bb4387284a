"""A node's figures in one round trip, without a lock: a fixed script on stdin, `key=value` lines back
(`hestia.md` 11, `hestia-recipes.md` 5).
"""

from __future__ import annotations

import asyncio
import math
import shlex
from collections.abc import AsyncIterator, Sequence
from typing import Any

from hostdeck.core.domain.text import clean_line
from hostdeck.core.drivers.guard import Guard, refuse_sudo
from hostdeck.core.errors import NotYet, Permanent, Transient

PROBE_SECONDS = 30.0
COUNT_DIGITS = 18
"""As many as fit into a database's 64 bits."""

MACHINE = r"""export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; H=$HDK_HOME
cpu() { read -r _ a b c d e f g h _ </proc/stat; echo "$((a+b+c+d+e+f+g+h)) $((d+e))"; }
set -- $(cpu); old="$*"
echo "uid=$(id -u)"
( . /etc/os-release; echo "os=$ID $VERSION_ID" )
echo "cores=$(nproc)"; echo "load1=$(cut -d' ' -f1 /proc/loadavg)"
awk '/^MemTotal|^MemAvailable/{sub(":","",$1); print tolower($1)"_kb="$2}' /proc/meminfo
df -P -k / /home 2>/dev/null | awk 'NR>1&&!s[$1]++{print "disk="$6" "$2" "$3" "$4}'
"""
"""What every machine tells, before its panel's own part."""

ENDING = r"""
sleep 0.2; set -- $old $(cpu); d=$(($3-$1)); [ $d -gt 0 ] && echo "cpu_busy_pct=$((100*(d-($4-$2))/d))"
echo "probe=end"
"""


async def ask_probe(guard: Guard, panel_part: str) -> list[str]:
    """The probe's lines; Permanent where the node is misconfigured, Transient where the answer is cut."""
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            prefix = await guard.transport.prefix(f"{guard.home}/{guard.owned}")
            command = shlex.join((*prefix, "env", f"HDK_HOME={guard.home}", "sh", "-s"))
            async with guard.transport.open(command) as channel:
                channel.write(f"{MACHINE}{panel_part}{ENDING}".encode())
                channel.write_eof()
                said, complaints = await asyncio.gather(_all(channel.stdout()), _all(channel.stderr()))
                status = await channel.exit_status()
    except TimeoutError:
        raise NotYet(f"{guard.server}: no answer to the probe within {PROBE_SECONDS:.0f} s") from None
    if status is None:
        raise Transient(f"{guard.server}: the line was lost during the probe")
    if "probe=end" not in said:
        refuse_sudo(complaints, guard.server)
    return whole(said, guard.server)


async def _all(chunks: AsyncIterator[bytes]) -> str:
    """A stream to its end; of more than a MiB the last."""
    said = bytearray()
    async for chunk in chunks:
        said += chunk
        del said[: -(1 << 20)]
    return said.decode("utf-8", "replace")


def whole(text: str, server: str) -> list[str]:
    """Only a probe that came to its end counts."""
    lines = text.splitlines()
    if not lines or lines[-1] != "probe=end":
        first = clean_line(lines[0], 200) if lines else "nothing"
        raise Permanent(
            f"{server}: the probe did not run to its end (it said: {first}); is the SSH user root or a sudoer?"
        )
    return lines


def values_of(lines: Sequence[str]) -> dict[str, str]:
    return dict(line.partition("=")[::2] for line in lines if "=" in line and not line.startswith("disk="))


def machine_figures(lines: Sequence[str]) -> dict[str, Any]:
    """The keys of the health view that have nothing to do with the panel."""
    values = values_of(lines)
    total, free = number(values, "memtotal_kb"), number(values, "memavailable_kb")
    load, cores = number(values, "load1"), number(values, "cores")
    disk = _fullest([line for line in lines if line.startswith("disk=")])
    return {
        "cpu_percent": number(values, "cpu_busy_pct"),
        "ram_percent": round(100 * (1 - free / total), 1) if total and free is not None else None,
        "disk_percent": round(100 * disk[0] / disk[1], 1) if disk else None,
        "disk_used_mb": disk[0] // 1024 if disk else None,
        "disk_total_mb": disk[1] // 1024 if disk else None,
        "load_percent": round(100 * load / cores, 1) if cores and load is not None else None,
        "os": clean_line(values.get("os", ""), 64) or None,
    }


def is_count(text: str) -> bool:
    """Whether a node's word is a whole number that a row can keep."""
    return text.isascii() and text.isdigit() and len(text) <= COUNT_DIGITS


def number(values: dict[str, str], key: str) -> float | None:
    """None where it is no number that could be counted with: `nan` and `inf` are numbers to Python."""
    try:
        found = float(values[key])
    except (KeyError, ValueError):
        return None
    return found if math.isfinite(found) else None


def _fullest(lines: list[str]) -> tuple[int, int] | None:
    """Used and total KiB of the file system that is fullest by share."""
    found = []
    for line in lines:
        parts = line.partition("=")[2].split()
        if len(parts) == 4 and is_count(parts[1]) and is_count(parts[2]) and int(parts[1]):
            found.append((int(parts[2]), int(parts[1])))
    return max(found, key=lambda disk: disk[0] / disk[1], default=None)
