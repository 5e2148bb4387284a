"""Files that every node of a group shall have alike: error pages, index, robots, the page of a suspended site. Pure.

A path is the one of a usual installation; where a panel has a folder of its own, the node's layout moves it there.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from hostdeck.core.domain.config_wishes import is_for
from hostdeck.core.domain.placement import Node
from hostdeck.core.domain.text import safe
from hostdeck.core.domain.vocabulary import Target
from hostdeck.core.errors import Invalid

TEMPLATES = "/usr/local/hestia/data/templates/web"
FOLDERS = (
    f"{TEMPLATES}/skel",
    f"{TEMPLATES}/suspend",
    f"{TEMPLATES}/unassigned",
    "/var/www/html",
    "/var/www/document_errors",
)
"""Nothing is written anywhere else: what new domains start with, what suspended and unassigned names show, and what
the node's own address does."""

LIMIT = 256 * 1024
"""Bytes of one file."""

PATH_LIMIT = 512
_PART = re.compile(r"[A-Za-z0-9._@+-]+")
VARIABLE = re.compile(r"\{([a-z][a-z0-9_]{0,31})\}")


def is_allowed(path: str) -> bool:
    """Whether it lies below one of the folders, with nothing in it that could lead out."""
    parts = path.split("/")[1:]
    plain = all(_PART.fullmatch(part) and part not in (".", "..") for part in parts)
    below = any(PurePosixPath(path).is_relative_to(folder) and path != folder for folder in FOLDERS)
    return path.startswith("/") and plain and below and len(path) <= PATH_LIMIT


def check_path(path: str) -> str:
    if not is_allowed(path):
        raise Invalid(
            "path",
            f"'{safe(path)}' is no place for a standard file; it must lie below {', '.join(FOLDERS)}",
            "FILE_PATH",
        )
    return path


def check_content(text: str) -> str:
    if "\0" in text:
        raise Invalid("from", "the file holds a NUL; only text is accepted", "FILE_TEXT")
    if len(text.encode()) > LIMIT:
        raise Invalid("from", f"the file is longer than {LIMIT // 1024} KiB", "FILE_LONG")
    return text


def filled(text: str, variables: Mapping[str, str]) -> str:
    """The text with the group's variables in it; any other word in braces is the file's own and stays."""
    return VARIABLE.sub(lambda match: variables.get(match[1], match[0]), text)


def digest_of(text: str) -> str:
    """SHA-256 in hex, of the bytes that are written."""
    return hashlib.sha256(text.encode()).hexdigest()


def files_for(node: Node, files: Mapping[str, tuple[Target, str]]) -> dict[str, str]:
    """What a node shall have, digest by path; `files` gives each path's target and its filled text."""
    fitting = (
        (path, text) for path, (target, text) in sorted(files.items()) if is_for(target, node.capabilities, node.driver)
    )
    return {path: digest_of(text) for path, text in fitting}
