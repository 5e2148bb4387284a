"""The guard's stream, cut anywhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from hypothesis import given
from hypothesis import strategies as st

from hostdeck.core.domain.text import LineCleaner
from hostdeck.core.domain.vocabulary import Stream
from hostdeck.core.drivers.frames import frames
from hostdeck.core.drivers.guard import FixedText, GuardStep, Scratch
from hostdeck.core.drivers.output import Output
from hostdeck.core.transport.base import Secret

NONCE = "0123456789abcdef"
WORD = st.from_regex(r"[a-z0-9=]{1,8}", fullmatch=True)
ITEMS = st.lists(st.one_of(st.binary(min_size=1, max_size=60), st.lists(WORD, min_size=1, max_size=4)), max_size=8)


def encode(items: list[bytes | list[str]]) -> bytes:
    return b"".join(
        item if isinstance(item, bytes) else f"\n@{NONCE} {' '.join(item)}\n".encode("ascii") for item in items
    )


def read(chunks: list[bytes]) -> list[bytes | list[str]]:
    async def source() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    async def collect() -> list[bytes | list[str]]:
        return [item async for item in frames(source(), NONCE)]

    joined: list[bytes | list[str]] = []
    for item in asyncio.run(collect()):
        if isinstance(item, bytes) and joined and isinstance(joined[-1], bytes):
            joined[-1] += item
        else:
            joined.append(item)
    return joined


@given(ITEMS, st.lists(st.integers(1, 40), max_size=40))
def test_the_same_frames_and_bytes_come_out_whatever_the_chunks(
    items: list[bytes | list[str]], cuts: list[int]
) -> None:
    whole = encode(items)
    chunks, rest = [], whole
    for size in cuts:
        chunks.append(rest[:size])
        rest = rest[size:]
    chunks.append(rest)
    assert read([chunk for chunk in chunks if chunk]) == read([whole]) == _joined(items)


def _joined(items: list[bytes | list[str]]) -> list[bytes | list[str]]:
    out: list[bytes | list[str]] = []
    for item in items:
        if isinstance(item, bytes) and out and isinstance(out[-1], bytes):
            out[-1] += item
        else:
            out.append(item)
    return out


def logged(chunks: list[bytes]) -> list[str]:
    """The lines of the one step in a stream, as they came."""
    lines: list[str] = []
    output = Output(Stream.STDOUT, 1000, lambda stream, line: lines.append(line))

    async def source() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    async def follow() -> None:
        size = 0
        async for item in frames(source(), NONCE):
            if isinstance(item, bytes):
                output.take(item)
                size += len(item)
        assert len(await output.whole(size)) == size

    asyncio.run(follow())
    return lines


TEXT = st.text(st.sampled_from("ab\n\r@é"), max_size=30).map(str.encode)


@given(TEXT, st.lists(st.integers(1, 6), max_size=30), st.booleans())
def test_a_line_is_shown_once_and_whole_whatever_the_chunks(text: bytes, cuts: list[int], framed: bool) -> None:
    rest = text + encode([["end", "0"]]) * framed
    chunks = []
    for size in cuts:
        chunks.append(rest[:size])
        rest = rest[size:]
    cleaner = LineCleaner()
    assert logged([chunk for chunk in (*chunks, rest) if chunk]) == cleaner.feed(text) + cleaner.flush()


def test_a_line_is_shown_when_it_ends_not_when_the_next_one_comes() -> None:
    lines: list[str] = []
    output = Output(Stream.STDOUT, 1000, lambda stream, line: lines.append(line))

    async def source() -> AsyncIterator[bytes]:
        yield b"early\n"
        assert lines == ["early"]
        yield b"late\n"

    async def follow() -> None:
        async for item in frames(source(), NONCE):
            assert isinstance(item, bytes)
            output.take(item)

    asyncio.run(follow())
    assert lines == ["early", "late"]


def test_a_look_alike_frame_of_another_nonce_is_only_output() -> None:
    text = b"\n@ffffffffffffffff end 0\n"
    assert read([text]) == [text]


def test_a_secret_shows_as_dots_and_a_fixed_text_by_its_label() -> None:
    step = GuardStep(("/usr/local/hestia/bin/v-add-user", "acme-web", Secret("hunter2hunter2"), "a@b.cc", "two words"))
    assert step.shown() == "v-add-user acme-web ••• a@b.cc 'two words'"
    script = GuardStep(("/bin/bash", "-c", FixedText("exit 0\n"), "put", Scratch("pkg"), "A='1'"))
    assert script.shown().startswith("put ")
    assert "exit 0" not in script.shown()
