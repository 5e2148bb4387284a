"""What a name looks like: labels of mixed scripts, and names that read as a Latin one."""

from __future__ import annotations

import string

IGNORED = frozenset({"COMMON", "INHERITED", "UNKNOWN"})
WRITTEN_TOGETHER = (
    frozenset({"HAN", "HIRAGANA", "KATAKANA"}),
    frozenset({"HAN", "HANGUL"}),
    frozenset({"HAN", "BOPOMOFO"}),
)
LATIN = frozenset(string.ascii_lowercase + string.digits + "-.")
READS_AS = {"ӏ": "l"}
"""Where the table of the Unicode consortium names another letter than most eyes do."""


def mixed_scripts(label: str) -> tuple[str, ...]:
    """The scripts of a label that no language writes together; empty if one does."""
    from confusable_homoglyphs import categories

    scripts = {categories.alias(char).upper() for char in label} - IGNORED
    if len(scripts) < 2 or any(scripts <= together for together in WRITTEN_TOGETHER):
        return ()
    return tuple(sorted(script.replace("_", " ").title() for script in scripts))


def latin_lookalike(name: str) -> str | None:
    """The plain Latin name that this one can be read as, if every character of it has a Latin twin."""
    read = [char if char in LATIN else _latin_twin(char) for char in name]
    return None if None in read or name.isascii() else "".join(filter(None, read))


def _latin_twin(char: str) -> str | None:
    if char in READS_AS:
        return READS_AS[char]
    from confusable_homoglyphs.confusables import confusables_data

    twins = (twin["c"] for twin in confusables_data.get(char, ()))
    return next((twin for twin in twins if twin in string.ascii_lowercase), None)
