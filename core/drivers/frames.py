"""The guard's frames in a stream of bytes: what is a frame, what is output, whatever the chunk borders."""

from __future__ import annotations

from collections.abc import AsyncIterator


async def frames(chunks: AsyncIterator[bytes], nonce: str) -> AsyncIterator[bytes | list[str]]:
    """Splits a stream into output bytes and the guard's frames (`\\n@NONCE word…\\n`), whatever the chunk borders.

    Only what may open a frame is held back. Empty bytes say that output rests on such a newline for now.
    """
    marker = f"\n@{nonce} ".encode()
    held = b""
    in_output = False
    async for chunk in chunks:
        held += chunk
        while True:
            at = held.find(marker)
            if at < 0:
                safe = len(held) - _opening(held, marker)
                if safe:
                    yield held[:safe]
                    held, in_output = held[safe:], True
                if held == b"\n" and in_output:
                    yield b""
                break
            end = held.find(b"\n", at + len(marker))
            if end < 0:
                if at:
                    yield held[:at]
                    held, in_output = held[at:], True
                break
            if at:
                yield held[:at]
            yield held[at + len(marker) : end].decode("ascii", "replace").split()
            held, in_output = held[end + 1 :], False
    if held:
        yield held


def _opening(held: bytes, marker: bytes) -> int:
    """How many of the last bytes may be the beginning of a marker."""
    longest = min(len(held), len(marker) - 1)
    return next((size for size in range(longest, 0, -1) if held.endswith(marker[:size])), 0)
