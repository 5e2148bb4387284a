"""A backup restored for trial: what it takes. Pure.

Why not by the node's own restore, into an account of another name. It restores an archive under any user's name, but
beside the customer's own account that would be its ruin: before it makes a database of the new name it drops the one of
the archive's name, which is the one they work with (`delete_mysql_database` in `v-restore-user` of 1.9). A website, a
zone or a mail domain that another user of the node has it refuses (exit 12), and on another node a mail domain of that
name would keep what the node's other customers write to it. And what a customer has put into a dump would be run by the
servers that all others work with.

So the scratch user is one that systemd makes up for as long as it takes: files and mail are unpacked, dumps are loaded
by database servers of its own, in a sandbox that reaches nothing else, and all of it goes again.
"""

from __future__ import annotations

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.vocabulary import Role

TRY = {Role.WEB: Action.WEB_TRY_BACKUP, Role.MAIL: Action.MAIL_TRY_BACKUP}
END = {Role.WEB: Action.WEB_END_TRIAL, Role.MAIL: Action.MAIL_END_TRIAL}

SPACE_TIMES, SPACE_MORE = 5, 1024
"""What unpacking may take: so many times the archive's size, and so many MB beside."""


def space(size: int) -> int:
    """MB that must be free for an archive of `size` MB."""
    return SPACE_TIMES * size + SPACE_MORE
