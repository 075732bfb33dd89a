"""A figure beside its budget; the table of them on the screen, and `bench/latest.json`."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

LATEST = Path(__file__).parent / "latest.json"


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured. `most` or `least`: the budget, where one was promised (docs/performance.md)."""

    name: str
    value: float
    unit: str
    most: float | None = None
    least: float | None = None

    @property
    def budget(self) -> str | None:
        if self.most is not None:
            return f"≤ {self.most:g}"
        return f"≥ {self.least:g}" if self.least is not None else None

    @property
    def within(self) -> bool | None:
        if self.most is not None:
            return self.value <= self.most
        return self.value >= self.least if self.least is not None else None

    def as_json(self) -> dict[str, object]:
        value = round(self.value, 3)
        return {"name": self.name, "value": value, "unit": self.unit, "budget": self.budget, "within": self.within}


def table(figures: Iterable[Figure]) -> str:
    """Lines for a terminal: what, how much, the budget, and whether it is kept."""
    lines = [f"{'':<58}{'measured':>10} {'':<6}{'budget':>9}"]
    for figure in figures:
        value = f"{figure.value:.3f}" if figure.value < 10 else f"{figure.value:.0f}"
        word = {True: "within", False: "MISSED", None: ""}[figure.within]
        lines.append(f"{figure.name:<58}{value:>10} {figure.unit:<6}{figure.budget or '':>9}  {word}".rstrip())
    return "\n".join(lines)


def keep(figures: Iterable[Figure]) -> None:
    """Write them down in place of older figures of the same names; what was not measured now stays as it was."""
    new = [figure.as_json() for figure in figures]
    before = json.loads(LATEST.read_text()) if LATEST.exists() else []
    fresh = {line["name"]: line for line in new}
    kept = [fresh.pop(line["name"], line) for line in before] + list(fresh.values())
    LATEST.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n")
