"""Where an archive lies, and the command that brings it to who asks."""

from __future__ import annotations

import pytest

from hostdeck.core.domain.archives import fetch_command, path_of


@pytest.mark.parametrize(
    ("address", "port", "username", "command"),
    [
        ("192.0.2.1", 22, "root", "scp root@192.0.2.1:/backup/u.tar ."),
        ("192.0.2.1", 2222, "root", "scp -P 2222 root@192.0.2.1:/backup/u.tar ."),
        ("2001:db8::1", 22, "root", "scp 'root@[2001:db8::1]:/backup/u.tar' ."),
        ("192.0.2.1", 2222, "deck", "ssh -p 2222 deck@192.0.2.1 'sudo -n cat /backup/u.tar' > u.tar"),
    ],
)
def test_root_copies_an_archive_and_another_login_reads_it_as_root(
    address: str, port: int, username: str, command: str
) -> None:
    assert fetch_command("/backup/u.tar", address, port, username) == command


def test_a_path_is_the_nodes_own_word_or_hestias_usual_folder_and_none_where_it_lies_elsewhere() -> None:
    assert path_of({"archive": "u.tar", "path": "/mnt/b/u.tar"}) == "/mnt/b/u.tar"
    assert path_of({"archive": "u.tar"}) == "/backup/u.tar"
    assert path_of({"archive": "u.tar", "path": None}) is None
    assert path_of({}) is None
