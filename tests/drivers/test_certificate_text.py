"""The fixed text that lays a certificate's files out for Hestia, run by a real bash."""

from __future__ import annotations

import base64
import stat
import subprocess
from pathlib import Path

from hostdeck.core.drivers.hestia.scripts import CERTIFICATE_FILES, script


def run(folder: Path, *scratch: str) -> int:
    argv = script(CERTIFICATE_FILES, "certificate-files", f"{folder}/tls", "acme.com", *scratch)
    return subprocess.run([str(word) for word in argv], check=False, capture_output=True).returncode


def scratch(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(base64.b64encode(text.encode()).decode() + "\n")
    return f"{folder}/{name}"


def test_files_are_laid_out_for_nobody_elses_eyes(tmp_path: Path) -> None:
    given = [scratch(tmp_path, name, f"-- {name} --\nline\n") for name in ("s1", "s2", "s3")]
    assert run(tmp_path, *given) == 0
    found = {file.name: file.read_text() for file in (tmp_path / "tls").iterdir()}
    texts = [f"-- {name} --\nline\n" for name in ("s1", "s2", "s3")]
    assert found == dict(zip(("acme.com.crt", "acme.com.key", "acme.com.ca"), texts, strict=True))
    assert {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "tls").iterdir()} == {0o600}
    assert stat.S_IMODE((tmp_path / "tls").stat().st_mode) == 0o700


def test_without_a_chain_there_is_no_file_of_it(tmp_path: Path) -> None:
    given = [scratch(tmp_path, name, "x") for name in ("s1", "s2")]
    assert run(tmp_path, *given) == 0
    assert sorted(file.name for file in (tmp_path / "tls").iterdir()) == ["acme.com.crt", "acme.com.key"]


def test_what_is_not_there_or_no_base64_ends_it(tmp_path: Path) -> None:
    good = scratch(tmp_path, "s1", "x")
    assert run(tmp_path, good, f"{tmp_path}/missing") == 1
    (tmp_path / "s2").write_text("***\n")
    assert run(tmp_path, good, f"{tmp_path}/s2") == 1
    assert run(tmp_path, good, good, f"{tmp_path}/s2") == 1
