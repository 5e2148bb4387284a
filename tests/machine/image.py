"""An empty Debian 12 in a file, with all that the tests would fetch lying beside it: a machine that is started from it
needs no network.

It is made once for each set of dependencies and kept in `.machine/`; what is started from it writes elsewhere.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / ".machine"

INSIDE = ("systemd-sysv", "dbus", "udev", "openssh-server", "iproute2", "ca-certificates", "linux-image-cloud-amd64")
"""What a provider's image has, beside the smallest Debian there is."""

FETCHED = ("python3-venv", "sqlite3", "mariadb-server", "postgresql", "zstd")
"""Debian packages that the page installs, and the database servers of a node."""

FILES = {
    "etc/hostname": "mgmt\n",
    "etc/hosts": "127.0.0.1 localhost mgmt\n",
    "etc/fstab": "/dev/vda / ext4 defaults 0 1\n",
    "etc/systemd/network/all.network": "[Match]\nName=e*\n[Network]\nAddress=10.0.2.15/24\n",
    "etc/apt/apt.conf.d/90yes": 'APT::Get::Assume-Yes "true";\n',
    "etc/pip.conf": "[global]\nno-index = true\nfind-links = /opt/wheels\n",
}


@dataclass(frozen=True)
class Image:
    """`disk`, `kernel` and `initrd` as a virtual machine takes them; `key` opens root's account, `host_key` is what the
    machine shows."""

    folder: Path

    @property
    def disk(self) -> Path:
        return self.folder / "disk"

    @property
    def kernel(self) -> Path:
        return self.folder / "kernel"

    @property
    def initrd(self) -> Path:
        return self.folder / "initrd"

    @property
    def key(self) -> Path:
        return self.folder / "key"

    @property
    def host_key(self) -> str:
        return (self.folder / "host_key.pub").read_text().strip()


def made_image() -> Image:
    """Takes minutes the first time, as root and over the network."""
    wanted = hashlib.sha256((ROOT / "pyproject.toml").read_bytes() + Path(__file__).read_bytes()).hexdigest()[:12]
    image = Image(KEPT / wanted)
    if not image.disk.exists():
        shutil.rmtree(KEPT, ignore_errors=True)
        image.folder.mkdir(parents=True)
        with tempfile.TemporaryDirectory(prefix="hdk-machine-") as folder:
            _make(image, Path(folder) / "root")
    return image


def _make(image: Image, root: Path) -> None:
    _run("debootstrap", "--variant=minbase", f"--include={','.join(INSIDE)}", "bookworm", str(root))
    for name, text in FILES.items():
        (root / name).write_text(text)
    _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(image.key))
    (root / "root/.ssh").mkdir(mode=0o700, exist_ok=True)
    shutil.copyfile(image.key.with_suffix(".pub"), root / "root/.ssh/authorized_keys")
    _inside(root, "apt-get", "-qq", "update")
    _inside(root, "apt-get", "-qq", "install", "--download-only", *FETCHED)
    _inside(root, "systemctl", "enable", "systemd-networkd", "ssh")
    _fetch_packages(root / "opt/wheels")
    shutil.copyfile(root / "etc/ssh/ssh_host_ed25519_key.pub", image.folder / "host_key.pub")
    for name, found in (("kernel", "vmlinuz-*"), ("initrd", "initrd.img-*")):
        shutil.copyfile(next((root / "boot").glob(found)), image.folder / name)
    part = image.folder / "disk.part"
    _run("mkfs.ext4", "-q", "-d", str(root), str(part), "4G")
    part.rename(image.disk)


def _fetch_packages(folder: Path) -> None:
    """All that `pip install .` of this project takes, for the image's own Python."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    where = ["--dest", str(folder), "--python-version", "3.11", "--only-binary", ":all:"]
    _run(str(ROOT / ".venv/bin/pip"), "download", "-qq", *where, *wanted)


def _inside(root: Path, *argv: str) -> None:
    _run("chroot", str(root), *argv)


def _run(*argv: str) -> None:
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    subprocess.run(argv, check=True, env=env, stdout=subprocess.DEVNULL)
