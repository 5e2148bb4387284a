"""Runs the benchmarks by name, all of them where none is named, and prints one line a figure."""

from __future__ import annotations

import sys

from bench import lines, probe, start, wake

BENCHMARKS = {"start": start.measure, "wake": wake.measure, "lines": lines.measure, "probe": probe.measure}


def main() -> int:
    names = sys.argv[1:] or list(BENCHMARKS)
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        sys.stderr.write(f"bench: no benchmark is called {unknown[0]!r}; there are {', '.join(BENCHMARKS)}\n")
        return 2
    for name in names:
        for figure, value, bound in BENCHMARKS[name]():
            sys.stdout.write(f"{name:6} {figure:58} {value:>12}   {bound}\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
