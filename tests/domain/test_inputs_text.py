"""Untrusted text becomes inert: a corpus of escape sequences, and lines out of a byte stream."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdeck.core.domain.text import LineCleaner, clean_line, like_pattern, safe

CORPUS = [
    ("plain", "plain"),
    ("\x1b[31mred\x1b[0m", "red"),
    ("\x9b31mred\x9b0m", "red"),
    ("\x1b[38;2;1;2;3mx\x1b[?25l\x1b[2J\x1b[1;1H", "x"),
    ("\x1b[>0q\x1b[!p\x1b[0 qx", "x"),
    ("\x1b]0;title\x07x", "x"),
    ("\x1b]0;title\x1b\\x", "x"),
    ("\x9d0;title\x9cx", "x"),
    ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
    ("\x1b]52;c;ZXZpbA==\x07x", "x"),
    ("\x1bP1$r0m\x1b\\x", "x"),
    ("\x90q#0\x9cx", "x"),
    ("\x1b_Gf=100;AAAA\x1b\\x", "x"),
    ("\x9fG\x9cx", "x"),
    ("\x1b^secret\x1b\\x", "x"),
    ("\x9esecret\x9cx", "x"),
    ("\x1bXsecret\x1b\\x", "x"),
    ("\x98secret\x9cx", "x"),
    ("x\x1b]0;never ends", "x"),
    ("x\x1bPnever ends", "x"),
    ("x\x9fnever ends", "x"),
    ("x\x1b[31", "x"),
    ("x\x1b[", "x"),
    ("x\x1b", "x\ufffd"),
    ("\x1b]0;a\x1b[31mx", "x"),
    ("\x1b\x1b[31m[31mx", "\ufffd[31mx"),
    ("\x1b[\x1b[31m31mx", "31mx"),
    ("\x1b[3\x071mx", "\ufffd1mx"),
    ("\x1bcreset", "reset"),
    ("\x1b(Bx\x1b)0\x1b#8\x1b%G\x1b=\x1b>", "x"),
    ("a\bb\tc\x00d\x7fe\nf\rg", "a\ufffdb  c\ufffdd\ufffde\ufffdf\ufffdg"),
    ("a\x85b\x9cc", "a\ufffdb\ufffdc"),
    ("a\u202eb\u2066c\u200fd\u061ce", "a\ufffdb\ufffdc\ufffdd\ufffde"),
    ("a\u200bb\u200dc\ufeffd\u2060e\u00adf", "a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf"),
    ("a\u2028b\u2029c", "a\ufffdb\ufffdc"),
    ("a\U000e0041b\ud800c", "a\ufffdb\ufffdc"),
    ("[/x] [@click=app.quit]y[/]", "[/x] [@click=app.quit]y[/]"),
    ("\u6771\u4eac \u05d0 \u0627 \U0001f600", "\u6771\u4eac \u05d0 \u0627 \U0001f600"),
]
INVISIBLE_NAMES = {"Cc", "Cf", "Cs", "Zl", "Zp"}
VISIBLE_FORMATS = set("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd") | {
    chr(point) for point in range(0x13430, 0x13440) if unicodedata.category(chr(point)) == "Cf"
}
"""Format characters that show: signs that enclose numbers, hieroglyph joiners."""

hostile = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("\x1b[]P_^X\\\x07\x18\x90\x98\x9b\x9c\x9d\x9e\x9f;m0 \r\n\t\u202e\u200b\u2028"),
    )
)
stream = st.lists(
    st.one_of(
        st.binary(max_size=6),
        st.sampled_from([b"\r", b"\n", b"\r\n", b"\x1b]0;x", b"\x1b[31m", b"\xe6\x9d\xb1", b"\xf0\x9f", b"z" * 9000]),
    ),
    max_size=12,
).map(b"".join)


@pytest.mark.parametrize(("text", "inert"), CORPUS, ids=[ascii(text) for text, _ in CORPUS])
def test_F24_corpus(text: str, inert: str) -> None:
    assert clean_line(text) == inert


@given(hostile)
def test_nothing_a_terminal_would_act_on_is_left(text: str) -> None:
    clean = clean_line(text)
    assert not [c for c in clean if unicodedata.category(c) in INVISIBLE_NAMES and c not in VISIBLE_FORMATS]
    assert not set(clean) & set("\u034f\u115f\u3164\ufe0f")
    assert clean_line(clean) == clean
    clean.encode()


def test_every_format_character_is_known() -> None:
    kept = {chr(p) for p in range(0x110000) if unicodedata.category(chr(p)) in INVISIBLE_NAMES}
    assert {c for c in kept if clean_line(c) == c} == VISIBLE_FORMATS


def test_a_line_is_cut() -> None:
    assert len(clean_line("x" * 5000)) == 4096
    assert safe("x" * 64) == "x" * 64
    assert safe("x" * 65) == "x" * 63 + "…"
    assert safe("\x1b[31m" * 50 + "x") == "x"


@given(hostile)
def test_an_echo_is_short(text: str) -> None:
    assert len(safe(text)) <= 64


@pytest.mark.parametrize(
    ("chunks", "lines"),
    [
        ([b"a\nb\r\nc\rd"], ["a", "b", "c", "d"]),
        ([b"a\r", b"\nb"], ["a", "b"]),
        ([b"10%\r", b"20%\r", b"done\n"], ["10%", "20%", "done"]),
        ([b"\n\n"], ["", ""]),
        ([b"\xe6\x9d", b"\xb1\n"], ["\u6771"]),
        ([b"a\xffb\n"], ["a\ufffdb"]),
        ([b"a\xe6"], ["a\ufffd"]),
        ([b"\x1b]0;ti", b"tle\x07x\n"], ["x"]),
        ([b"\x1b]0;hides one line only\nx"], ["", "x"]),
        ([], []),
    ],
    ids=str,
)
def test_lines(chunks: list[bytes], lines: list[str]) -> None:
    cleaner = LineCleaner()
    assert [line for chunk in chunks for line in cleaner.feed(chunk)] + cleaner.flush() == lines
    assert cleaner.dropped == 0


def test_F22_a_line_without_end_is_cut_and_its_rest_counted() -> None:
    cleaner = LineCleaner()
    for _ in range(1000):
        assert cleaner.feed(b"x" * 10_000) == []
        assert len(cleaner._held) <= 16_384
    assert cleaner.feed(b"\nnext\n") == ["x" * 4096, "next"]
    assert cleaner.dropped == 10_000_000 - 4096


@given(stream, st.lists(st.integers(min_value=0, max_value=20_000)))
def test_chunks_make_no_difference(data: bytes, cuts: list[int]) -> None:
    whole, parts = LineCleaner(), LineCleaner()
    expected = whole.feed(data) + whole.flush()
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    got = [line for a, b in pairwise(edges) for line in parts.feed(data[a:b])] + parts.flush()
    assert got == expected
    assert parts.dropped == whole.dropped
    assert all(len(line) <= 4096 and clean_line(line) == line for line in got)


@pytest.mark.parametrize(("typed", "pattern"), [("100%_\\", r"100\%\_\\"), ("ex.com", "ex.com"), ("", "")])
def test_I76_search_text_is_literal(typed: str, pattern: str) -> None:
    import sqlite3

    assert like_pattern(typed) == pattern
    query = r"SELECT ? LIKE ? ESCAPE '\'"
    with sqlite3.connect(":memory:") as db:
        assert db.execute(query, (typed, pattern)).fetchone() == (1,)
        assert not typed or db.execute(query, (f"{typed}x", pattern)).fetchone() == (0,)
        assert "%" not in typed or db.execute(query, ("100xx\\", pattern)).fetchone() == (0,)
