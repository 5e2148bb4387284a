"""Text nobody vouches for: made inert before it is stored, shown or quoted in an error."""

from __future__ import annotations

import codecs
import re

from hostdeck.core.errors import Invalid

Raw = str | bytes

LINE_LIMIT = 4096
RAW_LIMIT = 4 * LINE_LIMIT
ECHO_LIMIT = 64
REPLACEMENT = "\ufffd"

CONTROL = r"\x00-\x1f\x7f-\x9f"
# Direction marks, zero width, variation selectors, fillers, line and paragraph separators, tags.
INVISIBLE = (
    r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800"
    r"\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
LONE_SURROGATE = r"\ud800-\udfff"

control_character = re.compile(f"[{CONTROL}]")
invisible_character = re.compile(f"[{INVISIBLE}]")
_inert = re.compile(f"[{CONTROL}{INVISIBLE}{LONE_SURROGATE}]")

# A string sequence ends where a terminal would end it (BEL, ST, CAN, SUB, the next ESC), else with the line.
_sequence = re.compile(
    r"""
      (?: \x1b\[ | \x9b ) [0-?]* [ -/]* [@-~]?                                            # CSI
    | (?: \x1b[\]P_^X] | [\x9d\x90\x9f\x9e\x98] ) [^\x07\x18\x1a\x1b\x9c]* (?: \x07 | \x1b\\ | \x9c )?  # OSC DCS ...
    | \x1b [ -/]* [0-~]                                                                   # ESC alone: charset, reset
    """,
    re.VERBOSE,
)
_line_end = re.compile(r"\r\n|\n|\r")


def read(raw: Raw, field: str, code: str) -> str:
    """The text of what was typed; bytes, and `str` made by surrogateescape, must have been UTF-8."""
    try:
        if isinstance(raw, bytes):
            return raw.decode()
        raw.encode()
    except UnicodeError:
        raise Invalid(field, "not valid UTF-8", code) from None
    return raw


def clean_line(text: str, limit: int = LINE_LIMIT) -> str:
    """One inert line: escape sequences are gone, a tab is two spaces (tools print columns with it), every other
    control or invisible character is U+FFFD."""
    if text.isascii() and text.isprintable():
        return text[:limit]  # nearly every line, and ten times as fast
    return _inert.sub(REPLACEMENT, _sequence.sub("", text).replace("\t", "  "))[:limit]


def safe(text: str, limit: int = ECHO_LIMIT) -> str:
    """A value as an error message may echo it: inert, and ending in an ellipsis where it was cut."""
    clean = clean_line(text[:RAW_LIMIT], limit + 1)
    return clean if len(clean) <= limit else f"{clean[: limit - 1]}…"


def quoted(char: str) -> str:
    """One character for an error message: itself in quotes, or its code point where it would not show."""
    shows = char == " " or (char.isprintable() and not char.isspace() and not _inert.match(char))
    return f"'{char}'" if shows else code_point(char)


def code_point(char: str) -> str:
    return f"U+{ord(char):04X}"


def like_pattern(text: str) -> str:
    r"""The text for `LIKE ... ESCAPE '\'`, where it matches itself only."""
    return re.sub(r"([%_\\])", r"\\\1", text)


class LineCleaner:
    """Clean lines out of a byte stream, however it is cut into chunks; at most RAW_LIMIT characters are kept.

    A lone CR ends a line as LF does, so each state of a progress bar is a line. `dropped` counts the characters
    that were cut off long lines so far.
    """

    def __init__(self, limit: int = LINE_LIMIT) -> None:
        self.dropped = 0
        self._limit = limit
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""
        self._after_cr = False

    def feed(self, chunk: bytes) -> list[str]:
        """The lines that this chunk completes."""
        return self._split(self._decoder.decode(chunk))

    def flush(self) -> list[str]:
        """The last line if nothing ended it, else nothing; the cleaner is then as new, but for `dropped`."""
        lines = self._split(self._decoder.decode(b"", final=True))
        if self._held:
            lines.append(self._take())
        self._decoder.reset()
        self._after_cr = False
        return lines

    def _split(self, text: str) -> list[str]:
        if not text:
            return []
        start = 1 if self._after_cr and text[0] == "\n" else 0
        self._after_cr = text[-1] == "\r"
        lines = []
        for end in _line_end.finditer(text, start):
            self._hold(text, start, end.start())
            lines.append(self._take())
            start = end.end()
        self._hold(text, start, len(text))
        return lines

    def _hold(self, text: str, start: int, end: int) -> None:
        kept = min(end, start + RAW_LIMIT - len(self._held))
        self._held += text[start:kept]
        self.dropped += end - kept

    def _take(self) -> str:
        line = clean_line(self._held, RAW_LIMIT)
        self._held = ""
        self.dropped += max(0, len(line) - self._limit)
        return line[: self._limit]
