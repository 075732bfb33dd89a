"""`make faults`: every fault at length, one after the other, and a table of what came of it."""

import argparse
import sys
import tempfile
import time
import traceback
from pathlib import Path

from tests.faults.all import SCENARIOS
from tests.faults.scenario import Report, Skipped


def main() -> int:
    ask = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    ask.add_argument("only", nargs="*", choices=[*SCENARIOS, []], help="these faults only")
    ask.add_argument("--short", action="store_true", help="as the suite runs them")
    asked = ask.parse_args()
    broken = 0
    for name in asked.only or SCENARIOS:
        report, begun = Report(), time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            try:
                SCENARIOS[name](Path(folder), not asked.short, report)
                verdict = "kept"
            except Skipped as why:
                verdict = f"skipped: {why}"
            except Exception:  # the others must be seen too
                traceback.print_exc()
                verdict, broken = "BROKEN", broken + 1
        figures = ", ".join(f"{figure} {value}" for figure, value in report.figures.items())
        print(f"{name:<20} {verdict:<8} {time.monotonic() - begun:5.0f} s  {figures}", flush=True)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
