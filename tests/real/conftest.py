"""Stub Hestia folders behind OpenSSH's own sshd, and the logins a node may give us.

As root the logins are root and a throw-away sudo user; else the running user, whose own folder needs no root.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.pdns import AVAILABLE as pdns_available
from tests.pdns import Pdns, real_pdns
from tests.queue.conftest import runner  # noqa: F401
from tests.sshd import AVAILABLE, Sshd, start_sshd

from hostdeck.core.domain.vocabulary import Role
from hostdeck.core.intents import fleet as intents
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.forms import ProductForm, ServerForm
from hostdeck.core.intents.products import add_product
from hostdeck.core.sim.hestia import HestiaNode
from hostdeck.core.sim.stub_command import opened
from hostdeck.core.sim.stubs import StubNode, install
from hostdeck.core.transport.base import Login, Secret
from hostdeck.core.transport.hostkey import fingerprint, scan

AS_ROOT = os.geteuid() == 0
LOGINS = ("root", "sudo") if AS_ROOT else ("self",)
TIERS = ("web01", "mx01", "ns01", "ns02")
ROLES = {"web": (Role.WEB,), "mx": (Role.MAIL,), "ns": (Role.DNS,)}


@dataclass(frozen=True)
class SystemUser:
    """A user of this machine, made for one test."""

    name: str
    home: Path

    def may_sudo(self) -> None:
        """Root without a password, from now on."""
        rule = self._rule
        rule.touch(mode=0o440)
        rule.write_text(f"{self.name} ALL=(ALL:ALL) NOPASSWD: ALL\n")

    def may_run(self, command: str) -> None:
        """Root without a password for that alone."""
        self._rule.touch(mode=0o440)
        self._rule.write_text(f"{self.name} ALL=(root) NOPASSWD: {command}\n")

    def let_in(self, public_key: str) -> None:
        self._write(".ssh/authorized_keys", public_key + "\n")

    def login_says(self, shell_text: str) -> None:
        """What the login shell reads before every command."""
        self._write(".bashrc", shell_text)

    def _write(self, name: str, text: str) -> None:
        file = self.home / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
        for path in {file, file.parent}:
            shutil.chown(path, self.name)

    @property
    def _rule(self) -> Path:
        return Path("/etc/sudoers.d") / self.name

    def remove(self) -> None:
        self._rule.unlink(missing_ok=True)
        # sshd's child for the last connection may still be there: -f takes the user all the same.
        subprocess.run(["userdel", "-f", "-r", self.name], capture_output=True, check=True)


@contextmanager
def system_user() -> Iterator[SystemUser]:
    """A user of a random name with a shell and a home, gone afterwards. `*` as a password locks no SSH key out."""
    name = f"hdt{secrets.token_hex(4)}"
    made = SystemUser(name, Path("/home") / name)
    try:
        subprocess.run(
            ["useradd", "-m", "-d", made.home, "-s", "/bin/bash", "-p", "*", name], capture_output=True, check=True
        )
        yield made
    finally:
        made.remove()


@dataclass(frozen=True)
class RealFleet:
    """Stub nodes that share one sshd and differ by their folder."""

    sshd: Sshd
    nodes: dict[str, StubNode]

    def __getitem__(self, name: str) -> StubNode:
        return self.nodes[name]

    @property
    def key(self) -> str:
        return self.sshd.client_key_path.read_text()

    def login(self, name: str = "web01") -> Login:
        return Login(name, "127.0.0.1", self.sshd.port, self.sshd.user, self.sshd.host_public_key, Secret(self.key))

    def form(self, name: str, **values: object) -> ServerForm:
        roles = roles_of(name)
        number = list(self.nodes).index(name)
        known: dict[str, object] = {
            "name": name,
            "host": "127.0.0.1",
            "ip": f"203.0.113.{10 + number}",
            "ssh_port": str(self.sshd.port),
            "ssh_user": self.sshd.user,
            "capabilities": roles,
            "host_key": self.sshd.host_public_key,
            "key": self.key,
            "group": "" if roles == (Role.DNS,) else "eu",
            "node_dir": str(self.nodes[name].folder),
        }
        return ServerForm(**(known | values))  # type: ignore[arg-type]

    def register(self, door: Door, **values: object) -> None:
        """Group, servers with the key that sshd shows, nameservers, and the Split product `basic` with their roles."""
        shown = scan("127.0.0.1", self.sshd.port)
        assert fingerprint(shown) == self.sshd.fingerprint
        intents.add_group(door, "eu")
        for name in self.nodes:
            intents.add_server(door, self.form(name, **({"host_key": shown} | values)))
        nameservers = [name for name in self.nodes if name.startswith("ns")]
        if nameservers:
            intents.attach_dns(door, "eu", nameservers)
        roles = tuple(role for role in Role if any(role in roles_of(name) for name in self.nodes))
        add_product(door, ProductForm("basic", "eu", "split", roles))

    def changes(self) -> list[tuple[str, str, str]]:
        """(node, command, whom) of every changing command that ran, without reloads."""
        return [
            (name, str(argv[0]), str(argv[1]) if argv[0] != "v-add-user-package" else str(argv[2]))
            for name, node in self.nodes.items()
            for argv in (ran["argv"] for ran in node.journal())
            if isinstance(argv, list) and HestiaNode.changes(argv) and "restart" not in argv[0]
        ]

    def overlaps(self) -> list[str]:
        return [line for node in self.nodes.values() for line in node.overlaps()]


def roles_of(name: str) -> tuple[Role, ...]:
    return next(roles for tier, roles in ROLES.items() if name.startswith(tier))


Fleet = Callable[..., AbstractContextManager[RealFleet]]


@pytest.fixture(scope="session", autouse=True)
def _tools() -> None:
    missing = [] if AVAILABLE else ["openssh-server"]
    if AS_ROOT:
        missing += [name for name, tool in (("sudo", "sudo"), ("passwd", "useradd")) if shutil.which(tool) is None]
    if missing and os.environ.get("CI"):
        pytest.fail(f"CI installs Debian's {', '.join(missing)}")
    if missing:
        pytest.skip(f"the main job behind a real sshd was not tried: apt install {' '.join(missing)}")


@pytest.fixture(params=LOGINS)
def who(request: pytest.FixtureRequest) -> Iterator[SystemUser | None]:
    """Each login in turn: None is the running user, root or not."""
    if request.param != "sudo":
        yield None
        return
    with system_user() as user:
        user.may_sudo()
        yield user


@contextmanager
def real_fleet(
    folder: Path, names: tuple[str, ...], who: SystemUser | None = None, latency_ms: float = 0, settings: str = ""
) -> Iterator[RealFleet]:
    """Installs the nodes and starts an sshd before them; `settings` are lines of sshd_config."""
    nodes = {
        name: install(folder / name, f"{name}.example.net", f"203.0.113.{10 + number}", latency_ms)
        for number, name in enumerate(names)
    }
    for node in nodes.values():
        with opened(node.folder) as state:
            state.node.book.config["BACKUP"] = str(node.folder / "backup")
    if who is not None:
        settings = f"AuthorizedKeysFile .ssh/authorized_keys\n{settings}"
    with start_sshd(folder, user=who.name if who else "", settings=settings) as sshd:
        if who is not None:
            who.let_in(sshd.client_public_key)
        yield RealFleet(sshd, nodes)


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    """`with fleet(names, who, …) as running`."""

    def make(names: tuple[str, ...] = TIERS, *args: object, **values: object) -> AbstractContextManager[RealFleet]:
        return real_fleet(tmp_path, names, *args, **values)  # type: ignore[arg-type]

    return make


@pytest.fixture(scope="session")
def installed_pdns() -> None:
    if pdns_available:
        return
    missing = "pdns-server pdns-backend-sqlite3"
    if os.environ.get("CI"):
        pytest.fail(f"CI installs Debian's {missing}")
    pytest.skip(f"zones on a real PowerDNS were not tried: apt install {missing}")


@pytest.fixture
def pdns(installed_pdns: None) -> Iterator[Pdns]:
    with real_pdns() as running:
        yield running


def add_nameserver(door: Door, sshd: Sshd, pdns: Pdns) -> None:
    form = ServerForm(
        name="pdns01",
        host="127.0.0.1",
        ip="203.0.113.99",
        ssh_port=str(sshd.port),
        ssh_user=sshd.user,
        capabilities=(Role.DNS,),
        host_key=sshd.host_public_key,
        key=sshd.client_key_path.read_text(),
        driver="powerdns",
        node_dir=str(pdns.folder),
    )
    intents.add_server(door, form)
    intents.attach_dns(door, "eu", ["pdns01"])


@contextmanager
def unreachable_backend(pdns: Pdns) -> Iterator[None]:
    """pdnsutil finds no database; the running server keeps the one it has open."""
    conf = pdns.folder / "pdns.conf"
    good = conf.read_text()
    conf.write_text(good.replace("/pdns.db", "/elsewhere.db"))
    try:
        yield
    finally:
        conf.write_text(good)
