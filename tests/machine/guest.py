"""A virtual machine that is started from an image, reached over SSH on the loopback alone, and gone with the test."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.machine.image import ROOT, Image


@dataclass(frozen=True)
class Guest:
    image: Image
    port: int
    folder: Path

    def ssh(self, user: str, *words: str, key: Path | None = None, tty: bool = False) -> list[str]:
        """The argv that runs `words` there, or logs in."""
        known = self.folder / "known_hosts"
        known.write_text(f"[127.0.0.1]:{self.port} {self.image.host_key}\n")
        options = [f"UserKnownHostsFile={known}", "IdentitiesOnly=yes", "BatchMode=yes", "ConnectTimeout=10"]
        argv = ["ssh", "-F", "none", "-q", "-i", str(key or self.image.key), "-p", str(self.port)]
        argv += [word for option in options for word in ("-o", option)]
        return [*argv, *(["-tt"] if tty else []), f"{user}@127.0.0.1", *words]

    def run(self, text: str, user: str = "root") -> str:
        """What a shell says to a text; an AssertionError with all of it where one line of it fails."""
        shell = "bash -l" if user == "root" else f"runuser -l {user}"
        done = subprocess.run(self.ssh("root", shell), input=f"set -e\n{text}\n", capture_output=True, text=True)
        assert done.returncode == 0, f"{user}: {text}\n{done.stdout}{done.stderr}"
        return done.stdout.strip()

    def said(self, user: str, *words: str, key: Path) -> tuple[int, str]:
        done = subprocess.run(self.ssh(user, *words, key=key), capture_output=True, text=True, stdin=subprocess.DEVNULL)
        return done.returncode, done.stdout + done.stderr

    def send_project(self, folder: str) -> None:
        """The project as it is committed, and what has changed since."""
        names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
        argv = ["tar", "--null", "-T", "-", "-c"]
        with subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as tar:
            assert tar.stdin is not None
            tar.stdin.write(names)
            tar.stdin.close()
            unpack = self.ssh("root", f"mkdir -p {folder} && tar -x -C {folder}")
            subprocess.run(unpack, check=True, stdin=tar.stdout)

    def await_boot(self, other_than: str = "") -> str:
        """The number of the boot that it has come up with."""
        while True:
            asked = self.ssh("root", "cat /proc/sys/kernel/random/boot_id")
            done = subprocess.run(asked, capture_output=True, text=True, stdin=subprocess.DEVNULL)
            if done.returncode == 0 and done.stdout != other_than:
                return done.stdout
            time.sleep(1)


@contextmanager
def started(image: Image, folder: Path) -> Iterator[Guest]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    net = f"user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:{port}-:22"
    argv = ["qemu-system-x86_64", "-accel", "tcg", "-cpu", "max", "-m", "1024", "-smp", "2", "-display", "none"]
    argv += ["-serial", f"file:{folder}/console", "-kernel", str(image.kernel), "-initrd", str(image.initrd)]
    argv += ["-append", "root=/dev/vda rw console=ttyS0 net.ifnames=0", "-netdev", net]
    argv += ["-device", "virtio-net-pci,netdev=net", "-object", "rng-random,id=rng,filename=/dev/urandom"]
    argv += ["-device", "virtio-rng-pci,rng=rng"]
    argv += ["-drive", f"file={image.disk},if=virtio,format=raw,snapshot=on"]
    with subprocess.Popen(argv, stdin=subprocess.DEVNULL) as machine:
        try:
            guest = Guest(image, port, folder)
            guest.await_boot()
            yield guest
        finally:
            machine.kill()
