"""The health probe's answer, as key=value lines (`hestia-recipes.md` 5)."""

from __future__ import annotations

import hashlib

from hostdeck.core.sim.hestia import system
from hostdeck.core.sim.hestia.args import Args
from hostdeck.core.sim.hestia.machine import Machine
from hostdeck.core.sim.hestia.words import words

_SHOWN = words(
    "DEMO_MODE DNS_CLUSTER DNS_SYSTEM ENFORCE_SUBDOMAIN_OWNERSHIP MAIL_SYSTEM ROOT_USER VERSION "
    "WEBMAIL_SYSTEM WEB_SYSTEM"
)
_QUEUES = words("backup daily disk dns-cluster letsencrypt restart traffic webstats")
_CORES = (2, 4, 8, 16)


def _base(machine: Machine) -> dict[str, str]:
    digest = hashlib.sha256(machine.hostname.encode()).hexdigest()
    boot = "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]))
    cores = _CORES[int(system.share(machine, "cores") * len(_CORES))]
    total = cores * 2_048_000
    free = int(total * (0.3 + 0.5 * system.share(machine, "ram")))
    return {
        "uid": "0",
        "hestia_conf": "1",
        "os": "debian 12",
        "boot_id": boot,
        "now": str(int(machine.clock().timestamp())),
        "cores": str(cores),
        "load1": f"{system.load(machine)[0]:.2f}",
        "uptime_s": str(system.uptime_minutes(machine) * 60),
        "memtotal_kb": str(total),
        "memavailable_kb": str(free),
        "swaptotal_kb": "2097148",
        "swapfree_kb": "2097148",
    }


def _disks(machine: Machine) -> list[str]:
    size = 41_152_736 * (1 + int(system.share(machine, "disk-size") * 4))
    used = int(size * (0.15 + 0.6 * system.share(machine, "disk")))
    nodes = size // 16
    return [f"disk=/ {size} {used} {size - used}", f"inodes=/ {nodes} {nodes // 9} {nodes - nodes // 9}"]


def probe(machine: Machine) -> str:
    """CPU, memory, disk and load depend on the host name; everything else is this node's state."""
    book = machine.book
    lines = [f"{key}={value}" for key, value in _base(machine).items()]
    lines += _disks(machine)
    lines += [f"conf_{key}={book.config[key]}" for key in _SHOWN if key in book.config]
    lines.append(f"conf_lines={len(book.config)}")
    whole = [user for user in book.users.values() if user.conf is not None]
    lines.append(f"users={len(whole)}")
    lines.append(f"half_users={len(book.users) - len(whole)}")
    lines.append(f"suspended={sum(user.values.get('SUSPENDED') == 'yes' for user in whole)}")
    for kind in ("web", "dns", "mail"):
        lines.append(f"{kind}_domains={sum(len(getattr(user, kind)) for user in book.users.values())}")
    lines += [f"queue_{queue}={len(book.queues.get(queue, []))}" for queue in _QUEUES]
    lines += ["psl=1", "left_dirs=0", "lock=free", "--svc-begin"]
    lines.append(system.services(machine, Args(("json",))).rstrip("\n"))
    lines += ["--svc-end", f"cpu_busy_pct={2 + int(system.share(machine, 'cpu') * 55)}", "probe=end"]
    return "\n".join(lines) + "\n"
