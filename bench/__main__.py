"""`python -m bench [part...]`: measure, print the table, write `bench/latest.json`. Also `make bench ONLY=feed`."""

import logging
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import browsing, growing, herd, pages, writers
from bench.figures import Figure, keep, table

PARTS = {
    **pages.PARTS,
    "growth": growing.measure,
    "writers": writers.measure,
    "browser": browsing.measure,
    "herd": herd.measure,
}


def main(wanted: list[str]) -> int:
    unknown = set(wanted) - set(PARTS)
    if unknown:
        print(f"no such part: {', '.join(sorted(unknown))}. There are: {', '.join(PARTS)}", file=sys.stderr)
        return 2
    logging.disable(logging.INFO)  # what is asked in this process is counted, not told
    figures: list[Figure] = []
    with TemporaryDirectory(prefix="clocher-bench-") as folder:
        for name in wanted or PARTS:
            print(f"… {name}", file=sys.stderr, flush=True)
            figures += PARTS[name](Path(folder))
            keep(figures)  # a part that breaks off later must not lose these
    print(table(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
