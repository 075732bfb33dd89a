"""`make mutants`: seeded faults of the worker. Each must make a walk fail, so that nobody has to believe the walks.

`python -m tests.browser.mutants [NAME…]` prints a line each and ends with 1 when a fault survives, or when a walk fails
without any. A fault is put into the scripts of the served process alone, when they are composed: the program knows
nothing of it.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ENV: Final = "CLOCHER_MUTANT"
FILLED: Final = "CLOCHER_FILLED"
OUTBOX: Final = "tests/browser/test_walk_outbox.py::"
INSTALL: Final = "tests/browser/test_walk_install.py::"
ANSWERS: Final = "tests/browser/test_walk_answers.py::"


@dataclass(frozen=True)
class Mutant:
    """What the worker does wrong, where, and the walk that must see it."""

    name: str
    was: str
    becomes: str
    walk: str


MUTANTS: Final = (
    Mutant(
        "a worker that deletes on 500",
        "await later(item, Number(answer.headers.get('Retry-After')) || 0);",
        "await takeOut(item.id);",
        OUTBOX + "test_an_answer_lost_on_the_way_makes_no_second_report[chromium-break]",
    ),
    Mutant(
        "a worker that forgets the key",
        "'Idempotency-Key': item.id",
        "'Idempotency-Key': crypto.randomUUID()",
        OUTBOX + "test_an_answer_lost_on_the_way_makes_no_second_report[chromium-swallow]",
    ),
    Mutant(
        "a worker that gives up without network",
        "await later(item);\nreturn false;",
        "await takeOut(item.id);\nreturn false;",
        OUTBOX + "test_an_answer_lost_on_the_way_makes_no_second_report[chromium-cut]",
    ),
    Mutant(
        "a worker that sends with another one's session",
        "if (item.owner !== session.owner) await",
        "if (false) await",
        OUTBOX + "test_a_session_that_ended_waits_for_its_owner_and_for_nobody_else",
    ),
    Mutant(
        "a worker that drops photos",
        "of item.files) form.append",
        "of item.files.slice(1)) form.append",
        OUTBOX + "test_without_network_it_waits_in_sight_leaves_by_itself_and_its_photos_arrive_as_they_left",
    ),
    Mutant(
        "a worker that takes a refusal for a receipt",
        "} else await refusal(item, answer);",
        "} else await received(item, '/');",
        OUTBOX + "test_refused_after_waiting_it_is_changed_and_sent",
    ),
    Mutant(
        "a worker that believes the clock",
        "|| item.after - Date.now() > 2 * HOUR",
        "",
        OUTBOX + "test_a_clock_set_back_delays_nothing",
    ),
    Mutant(
        "a form that keeps no draft",
        "await putIn(kept, 'drafts').catch(() => {});",
        "",
        OUTBOX + "test_what_was_being_written_comes_back_after_a_crash",
    ),
    Mutant(
        "a form that gives up on a full phone",
        "post(form, button).catch(() => sendAsEver(form, button));",
        "post(form, button).catch(() => {});",
        OUTBOX + "test_where_nothing_can_be_kept_the_form_is_sent_as_ever",
    ),
    Mutant(
        "a worker that sends the latest first",
        "one.written - other.written",
        "other.written - one.written",
        ANSWERS + "test_odile_asks_for_a_ladder_signs_up_and_answers_a_notice_in_her_cellar",
    ),
    Mutant(
        "a worker that keeps private pages",
        "await Promise.all(gone.map(name => caches.delete(name)));",
        "",
        INSTALL + "test_signing_out_without_network_empties_the_phone_at_once_and_ends_the_session_at_the_next_contact",
    ),
    Mutant(
        "a worker that never says goodbye",
        "csrf && await fetch('/logout',",
        "false && await fetch('/logout',",
        INSTALL + "test_signing_out_without_network_empties_the_phone_at_once_and_ends_the_session_at_the_next_contact",
    ),
    Mutant(
        "a worker that loses what the gallery shares",
        "sent.getAll('photos')",
        "sent.getAll('photo')",
        INSTALL + "test_photos_shared_from_the_gallery_start_a_report_without_network",
    ),
)


def seed(name: str) -> None:
    """In the process that serves: compose the scripts with this fault. It must fit somewhere, or it shows nothing."""
    from town.blueprints.pwa import worker

    mutant = next(one for one in MUTANTS if one.name == name)
    sound = worker.composed
    if mutant.was not in sound((*worker.WORKER, *worker.OUTBOX)):
        raise SystemExit(f"no place for {name!r}: the scripts have changed")
    worker.composed = lambda parts: sound(parts).replace(mutant.was, mutant.becomes)


def walk(filled: Path, fault: str, *nodes: str) -> tuple[str, float]:
    """What becomes of these walks: « passed », « failed », or what else pytest says."""
    begun = time.monotonic()
    env = {**os.environ, ENV: fault, FILLED: str(filled)}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "--no-header", "--tb=line", "-p", "no:cacheprovider", *nodes],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    last = done.stdout.strip().splitlines()[-1] if done.stdout.strip() else done.stderr[-300:]
    outcome = re.fullmatch(r"=*\s*(\d+) (passed|failed)(?:, \d+ warnings?)? in .*", last)
    whole = outcome is not None and int(outcome[1]) == len(nodes)
    return (outcome[2] if outcome and whole else last), time.monotonic() - begun


def main(wanted: list[str]) -> int:
    from town import create_app
    from town.demo import open_demo_town
    from town.settings import Settings

    chosen = [mutant for mutant in MUTANTS if not wanted or any(part in mutant.name for part in wanted)]
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        filled = Path(folder)
        open_demo_town(create_app(Settings(env="development", instance=filled, staff_2fa="off", rate_limits="off")))
        nodes = list(dict.fromkeys(mutant.walk for mutant in chosen))
        found, seconds = walk(filled, "", *nodes)
        bad += found != "passed"
        print(
            f"{'ok' if found == 'passed' else 'BROKEN':9} {seconds:4.0f} s  no fault: {len(nodes)} walks {found}",
            flush=True,
        )
        for mutant in chosen:
            found, seconds = walk(filled, mutant.name, mutant.walk)
            bad += found != "failed"
            verdict = {"failed": "seen", "passed": "SURVIVES"}.get(found, "UNCLEAR")
            print(f"{verdict:9} {seconds:4.0f} s  {mutant.name}: {_short(mutant.walk)} {found}", flush=True)
    print(f"{len(chosen)} faults, {bad} not as they should be")
    return 1 if bad else 0


def _short(node: str) -> str:
    return node.partition("::")[2]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
