"""Recount: what sharing has produced, counted again from a town's file by Python alone, for whoever doubts the page.

    python3 recount.py town.sqlite > recount.csv

It imports nothing of the application. It prints, month by month, what the page sums: whole links, cents and grams.
Small months are not put together here, as they are on the page: this is for whoever holds the file.
"""

import argparse
import csv
import sqlite3
import sys
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

Three = tuple[int, int, int]
Values = dict[str, tuple[Decimal, Decimal, Decimal]]

TABLES = Path(__file__).resolve().parents[2] / "data" / "impact"
PERIMETERS = {"bc": "manufacture", "ic2": "life-cycle"}
ONE = (Decimal(1), Decimal(1), Decimal(1))


def factors(file: sqlite3.Connection, tables: Path) -> tuple[Values, dict[str, str]]:
    """Value, lowest and highest of every factor and share as the town counts them, and the perimeter of each factor."""
    values: Values = {}
    perimeters: dict[str, str] = {}
    for name in ("factors.csv", "shares.csv"):
        with (tables / name).open(encoding="utf-8", newline="") as table:
            for row in csv.DictReader(table):
                value = Decimal(row["value"])
                values[row["id"]] = (value, Decimal(row.get("low") or value), Decimal(row.get("high") or value))
                if name == "factors.csv":
                    journey = row["unit"].endswith("passenger.km")
                    perimeters[row["id"]] = "journey" if journey else PERIMETERS[row["id"].partition("-")[0]]
    published = dict(values)
    changes = "SELECT factor, value, low, high FROM impact_factor_change WHERE origin = 'town' ORDER BY id"
    for name, value, low, high in file.execute(changes):
        if name in published:
            own = (Decimal(value or 0), Decimal(low or value or 0), Decimal(high or value or 0))
            values[name] = published[name] if value is None else own
    return values, perimeters


def whole(exact: Decimal) -> int:
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def recount(file: sqlite3.Connection, tables: Path) -> dict[tuple[str, str, str], tuple[int, Three]]:
    """How many exchanges say so, and value, lowest and highest, by practice, month and counter."""
    values, perimeters = factors(file, tables)
    known: dict[tuple[str, str, str], int] = defaultdict(int)
    sums: dict[tuple[str, str, str], Three] = defaultdict(lambda: (0, 0, 0))
    figures = "SELECT kind, month, unit, factor, share, amount FROM impact_figure ORDER BY id"
    for kind, month, unit, factor, share, amount in file.execute(figures):
        if amount is None or (unit == "kgCO2e" and factor not in perimeters):
            continue
        counter = f"kgCO2e {perimeters[factor]}" if unit == "kgCO2e" else unit
        # one exchange: thousandths of a thing x kilograms of one thing x the share that was avoided
        weights = values[factor] if unit == "kgCO2e" else ONE
        parts = values.get(share, ONE)
        worth = [whole(amount * weight * part) for weight, part in zip(weights, parts, strict=True)]
        before = sums[kind, month, counter]
        sums[kind, month, counter] = (before[0] + worth[0], before[1] + worth[1], before[2] + worth[2])
        known[kind, month, counter] += 1
    return {cell: (known[cell], sums[cell]) for cell in sorted(sums)}


def main() -> None:
    asked = argparse.ArgumentParser(description="Count again what sharing has produced, from a town's file.")
    asked.add_argument("file", type=Path, help="the town's file, town.sqlite, or a copy of it")
    asked.add_argument("--tables", type=Path, default=TABLES, help="where factors.csv and shares.csv are")
    said = asked.parse_args()
    if not said.file.is_file():
        asked.error(f"{said.file} is not there")
    file = sqlite3.connect(f"{said.file.resolve().as_uri()}?mode=ro", uri=True)
    out = csv.writer(sys.stdout, delimiter=";", lineterminator="\n")
    out.writerow(["practice", "month", "counter", "known", "value", "low", "high"])
    for (kind, month, counter), (known, worth) in recount(file, said.tables).items():
        out.writerow([kind, month, counter, known, *worth])
    file.close()


if __name__ == "__main__":
    main()
