"""What is looked at before a node is trusted with work, in which order, and what mends each failure
(`features.md` 67 to 74). Pure: the looking is the drivers'."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from hostdeck.core.domain.text import clean_line
from hostdeck.core.domain.vocabulary import Driver, Role


class Part(StrEnum):
    """What is checked; the order is that of the check."""

    TCP = "tcp"
    HOST_KEY = "host_key"
    LOGIN = "login"
    ROOT = "root"
    PANEL = "panel"
    LISTING = "listing"
    PROBE = "probe"
    CAPABILITIES = "capabilities"


LABELS: dict[Part, str] = {
    Part.TCP: "TCP and banner",
    Part.HOST_KEY: "host key",
    Part.LOGIN: "login",
    Part.ROOT: "root",
    Part.PANEL: "panel",
    Part.LISTING: "listing",
    Part.PROBE: "figures",
    Part.CAPABILITIES: "capabilities",
}

SYSTEM_KEYS = {Role.WEB: "WEB_SYSTEM", Role.MAIL: "MAIL_SYSTEM", Role.DNS: "DNS_SYSTEM"}
"""Keys of hestia.conf that name the installed subsystem; empty or absent where there is none (`hestia.md` 10)."""


class State(StrEnum):
    OK = "ok"
    FAILED = "failed"
    NOT_REACHED = "not reached"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of a preflight; `mend` are commands and words to follow, in order, for this very user and node."""

    part: Part
    state: State
    text: str = ""
    mend: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return LABELS[self.part]

    @property
    def line(self) -> str:
        """`ok TCP and banner: SSH-2.0-OpenSSH_9.2p1`."""
        return f"{self.state} {self.label}" + (f": {self.text}" if self.text else "")

    def as_json(self) -> dict[str, Any]:
        shown = asdict(self)
        return {"key": shown.pop("part"), "label": self.label, **shown, "mend": list(self.mend)}


@dataclass(frozen=True, slots=True)
class Place:
    """The node as mends name it. `public_key`: that of the private key we log in with, empty for a password."""

    server: str
    user: str
    host: str
    port: int
    driver: Driver
    public_key: str = ""


def complete(done: tuple[Check, ...]) -> tuple[Check, ...]:
    """The checks with those that were never come to."""
    seen = {check.part for check in done}
    return (*done, *(Check(part, State.NOT_REACHED) for part in Part if part not in seen))


def first_failed(checks: tuple[Check, ...]) -> Check | None:
    return next((check for check in checks if check.state is State.FAILED), None)


def full_sudo(listing: str) -> bool:
    """Whether `sudo -n -l` lists everything as everybody without a password: a list of commands is not enough."""
    rule = r"^\s*\((?:ALL|root)(?:\s*:\s*\S+)?\)\s+(?:[A-Z_]+:\s*)*NOPASSWD:\s*(?:[A-Z_]+:\s*)*ALL\s*$"
    return re.search(rule, listing, re.MULTILINE) is not None


def installed(config: Mapping[str, str]) -> frozenset[Role]:
    """The roles whose subsystem a Hestia node has."""
    return frozenset(role for role, key in SYSTEM_KEYS.items() if config.get(key, "").strip() not in ("", "no"))


def judge_capabilities(ticked: frozenset[Role], there: frozenset[Role], place: Place) -> Check:
    """Ticked roles against what the node has; more on the node than is ticked is nobody's mistake."""
    lacking = [role for role in Role if role in ticked - there]
    if not lacking:
        return Check(Part.CAPABILITIES, State.OK, ", ".join(role for role in Role if role in ticked))
    keys = ", ".join(f"{SYSTEM_KEYS[role]} is empty in hestia.conf" for role in lacking)
    kept = [role for role in Role if role in ticked & there]
    mend = []
    if kept:
        flags = " ".join(f"--capability {role}" for role in kept)
        mend.append(f"untick what it has not: hostdeck server edit {place.server} {flags}")
    mend.append("or install it on the node (HestiaCP's installer does that), then check again")
    text = f"ticked for {', '.join(lacking)}, which is not installed there ({keys})"
    return Check(Part.CAPABILITIES, State.FAILED, text, tuple(mend))


def key_modes(said: str) -> tuple[str, tuple[str, ...]]:
    """What `stat -c '%a %n'` tells of ~/.ssh and its authorized_keys: in words, and what closes them. Both empty where
    it tells nothing: a node may keep its keys elsewhere (`features.md` 74)."""
    found = [(name, mode) for mode, name in re.findall(r"^([0-7]{3,4}) (\.ssh\S*)$", said, re.MULTILINE)]
    words = ", ".join(f"~/{name} is {mode}" for name, mode in found)
    mend = tuple(
        f"it is open to others; on the node: chmod {700 if name == '.ssh' else 600} ~/{name}"
        for name, mode in found
        if int(mode, 8) & 0o077
    )
    return words, mend


# -- mends


def mend_tcp(place: Place) -> tuple[str, ...]:
    return (
        "on the node, is sshd running and on which port? systemctl status ssh; ss -ltnp | grep sshd",
        f"open the port in its firewall: ufw allow {place.port}/tcp"
        if place.driver is Driver.POWERDNS
        else f"open the port in Hestia's firewall: /usr/local/hestia/bin/v-add-firewall-rule ACCEPT 0.0.0.0/0 "
        f"{place.port} TCP SSH",
        f"another address or port: hostdeck server edit {place.server} --host HOST --ssh-port PORT",
    )


def mend_host_key(place: Place) -> tuple[str, ...]:
    return (
        "on the node's own console: for f in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf $f; done",
        f"if it is the node's: hostdeck server activate {place.server} --host-key SHA256:…",
    )


def mend_login(place: Place) -> tuple[str, ...]:
    if not place.public_key:
        return (
            f"on the node, is the password right and allowed? passwd {place.user}; "
            "sshd -T | grep -iE 'passwordauthentication|permitrootlogin'",
            f"enter it again: hostdeck server edit {place.server} --password-stdin",
        )
    folder = "/root/.ssh" if place.user == "root" else f"~{place.user}/.ssh"
    return (
        "on the node, as root:",
        f"mkdir -p {folder} && chmod 700 {folder}",
        f"echo '{place.public_key}' >> {folder}/authorized_keys",
        f"chmod 600 {folder}/authorized_keys && chown -R {place.user}: {folder}",
        f"or give another key: hostdeck server edit {place.server} --key-file FILE",
    )


def mend_root(place: Place) -> tuple[str, ...]:
    file = f"/etc/sudoers.d/hostdeck-{place.user.replace('.', '-')}"
    return (
        "on the node, as root:",
        f"echo '{place.user} ALL=(ALL:ALL) NOPASSWD: ALL' > {file}",
        f"chmod 440 {file}",
        "visudo -c",
        f"or log in as root: hostdeck server edit {place.server} --ssh-user root",
    )


def mend_panel(place: Place) -> tuple[str, ...]:
    if place.driver is Driver.POWERDNS:
        return (
            "on the node, as root: apt install pdns-server pdns-backend-sqlite3",
            f"if its configuration lies elsewhere: hostdeck server edit {place.server} --node-dir DIR",
        )
    return (
        "on the node, as root: wget https://raw.githubusercontent.com/hestiacp/hestiacp/release/install/hst-install.sh",
        "bash hst-install.sh",
        f"if it lies elsewhere: hostdeck server edit {place.server} --node-dir DIR",
    )


def mend_listing(place: Place) -> tuple[str, ...]:
    command = "pdnsutil list-all-zones" if place.driver is Driver.POWERDNS else "v-list-sys-info json"
    return (f"on the node, as root, see what it says: {command}",)


def mend_probe(place: Place) -> tuple[str, ...]:
    return ("on the node, is it short of memory or disk? free -m; df -h; uptime", f"then: hostdeck server check "
            f"{place.server}")  # fmt: skip


MENDS = {
    Part.TCP: mend_tcp,
    Part.HOST_KEY: mend_host_key,
    Part.LOGIN: mend_login,
    Part.ROOT: mend_root,
    Part.PANEL: mend_panel,
    Part.LISTING: mend_listing,
    Part.PROBE: mend_probe,
}


def failed(part: Part, text: str, place: Place) -> Check:
    """A failure with what mends it here."""
    return Check(part, State.FAILED, clean_line(text, 400), MENDS[part](place))


def passed(part: Part, text: str, mend: tuple[str, ...] = ()) -> Check:
    """`mend`: what is not wrong enough to fail, and should be mended all the same."""
    return Check(part, State.OK, clean_line(text, 400), mend)
