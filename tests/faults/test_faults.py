"""Every fault in its short form. `make faults` runs them at length."""

from pathlib import Path

import pytest

from tests.faults.all import SCENARIOS
from tests.faults.scenario import Report, Skipped


@pytest.mark.slow
@pytest.mark.parametrize("name", SCENARIOS)
def test_the_town_keeps_its_promises_when(name: str, tmp_path: Path) -> None:
    try:
        SCENARIOS[name](tmp_path, False, Report())
    except Skipped as why:
        pytest.skip(str(why))
