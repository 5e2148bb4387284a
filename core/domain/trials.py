"""A backup restored into a scratch account: what it takes, and what came of it. Pure.

Why not by the node's own restore. It restores an archive under any user's name, but beside the customer's own account
that would be its ruin: before it makes a database of the new name it drops the one of the archive's name, which is the
one they work with (`delete_mysql_database` in `v-restore-user` of 1.9). A website, a zone or a mail domain that another
user of the node has it refuses (exit 12), and on another node a mail domain of that name would keep what the node's
other customers write to it. So the scratch account never gets a domain: files and mail are unpacked in its home, dumps
are loaded into databases of its own, by their own users, and all of it goes again with the account.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.vocabulary import Role

TRY = {Role.WEB: Action.WEB_TRY_BACKUP, Role.MAIL: Action.MAIL_TRY_BACKUP}
END = {Role.WEB: Action.WEB_END_TRIAL, Role.MAIL: Action.MAIL_END_TRIAL}

SPACE_TIMES, SPACE_MORE = 5, 1024
"""What unpacking may take: so many times the archive's size, and so many MB beside."""


def space(size: int) -> int:
    """MB that must be free for an archive of `size` MB."""
    return SPACE_TIMES * size + SPACE_MORE


def scratch_databases(user: str, names: Iterable[str]) -> Mapping[str, str]:
    """What each database of an archive is called in the scratch account, by the name that it has in the archive."""
    return {name: f"{user}_t{number}" for number, name in enumerate(sorted(names), 1)}
