"""Ringing: from what was told to the phones that want it, by jobs of at most `BATCH` phones each."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import delete, select, update

from town.commons.activity import Activity, Kind
from town.commons.notices.push import keys
from town.commons.notices.push.models import PushDevice, following, ringing_for
from town.commons.notices.push.saying import for_anybody, for_person
from town.commons.notices.push.service import Parcel, packed
from town.commons.notices.telling import DELIVERIES, SPREADS, Told
from town.kernel.db import db, let_go, now, reading_only
from town.kernel.jobs import enqueue, job
from town.kernel.language import local
from town.kernel.outbound import Answer, NoAnswer, NotAllowed

RING, FOLLOW = "push.ring", "push.follow"
BATCH = 40
AT_ONCE = 8
TRIES = 8
FIRST_PAUSE, LONGEST_PAUSE = 60, 6 * 3600
"""Seconds. The eighth try comes two hours after the first, unless the push service asks for more patience."""
EVENING, MORNING = 21, 7
"""From the one to the other, on the town's clock, only what is urgent rings. The rest waits for the morning."""


def by_push(kind: Kind, told: Told) -> None:
    """Promise to ring for those who have just been told, on the phones where they want this sort."""
    if not kind.by_mail or not told:  # what is not worth an e-mail is not worth a bell
        return
    notices = {person: number for number, person in told}
    found = db.session.execute(ringing_for(list(notices), official=kind.official))
    phones = [(device, notices[person]) for device, person in found]
    for start in range(0, len(phones), BATCH):
        enqueue(RING, {"to": [list(phone) for phone in phones[start : start + BATCH]], "tries": 0})


def ring_followers(activity: Activity, kind: Kind) -> None:
    """Promise to look for the phones without account that follow what this concerns."""
    if kind.concerns is not None:
        enqueue(FOLLOW, {"activity": activity.id})


DELIVERIES.append(by_push)
SPREADS.append(ring_followers)


@job(FOLLOW)
def find_followers(payload: dict[str, Any]) -> None:
    """Promise to ring on the next phones that follow what an activity concerns, and to look for those after them."""
    activity = db.session.get(Activity, payload["activity"])
    kind = Kind.registry.get(activity.kind) if activity is not None and activity.subject is not None else None
    if activity is None or kind is None or kind.concerns is None or (concerns := kind.concerns(activity)) is None:
        return
    chunk = list(db.session.scalars(following(concerns).where(PushDevice.id > payload.get("after", 0)).limit(BATCH)))
    if chunk:
        enqueue(RING, {"to": [[device, None] for device in chunk], "activity": payload["activity"], "tries": 0})
    if len(chunk) == BATCH:
        enqueue(FOLLOW, {"activity": payload["activity"], "after": chunk[-1]})


@dataclass(frozen=True, slots=True)
class Call:
    """One phone that is to ring, with what it will show, and when it may."""

    device: int
    notice: int | None
    parcel: Parcel
    may_ring_at: datetime | None


@job(RING)
def ring(payload: dict[str, Any]) -> None:
    """Ring on some phones. Those whose push service asks to wait, or does not answer, are promised again."""
    with reading_only():
        calls = list(_calls(payload))
        let_go()
    asleep = [call for call in calls if call.may_ring_at is not None]
    calls = [call for call in calls if call.may_ring_at is None]
    with ThreadPoolExecutor(AT_ONCE) as hands:
        answers = list(hands.map(_made, calls))
    gone, heard, again, asked = [], [], [], 0
    for call, answer in zip(calls, answers, strict=True):
        if answer is None or answer.status in (413, 429) or answer.status >= 500:
            again.append(call)
            asked = max(asked, (answer.retry_after or 0) if answer else 0)
        elif answer.status in (404, 410):
            gone.append(call.device)
        elif answer.status < 300:
            heard.append(call.device)
    db.session.execute(delete(PushDevice).where(PushDevice.id.in_(gone)))
    db.session.execute(update(PushDevice).where(PushDevice.id.in_(heard)).values(heard_at=now()))
    tries = payload["tries"] + 1
    if tries < TRIES:
        _promise_again(again, payload, tries, now() + timedelta(seconds=pause(payload["tries"], asked)))
        again = []
    _promise_again(asleep, payload, payload["tries"], asleep[0].may_ring_at if asleep else None)
    lost = len(again) + sum(1 for answer in answers if answer and 300 <= answer.status < 500) - len(gone)
    if lost > 0:
        current_app.logger.warning("pushes were given up: %s", lost)


def _made(call: Call) -> Answer | None:
    """What was answered, or None when nobody was there."""
    try:
        return call.parcel.leave()
    except NoAnswer:
        return None
    except NotAllowed:
        return Answer(403)


def pause(tries: int, asked: int) -> int:
    """Seconds until the next try: a minute, doubled each time, or as long as the push service asks for."""
    return min(max(FIRST_PAUSE << tries, asked), LONGEST_PAUSE)


def _promise_again(calls: Sequence[Call], payload: dict[str, Any], tries: int, at: datetime | None) -> None:
    if calls:
        enqueue(RING, {**payload, "to": [[call.device, call.notice] for call in calls], "tries": tries}, at=at)


def morning(moment: datetime) -> datetime | None:
    """When the night that this moment falls into is over, or None by day."""
    there = local(moment)
    if MORNING <= there.hour < EVENING:
        return None
    day = there if there.hour < MORNING else there + timedelta(days=1)
    return day.replace(hour=MORNING, minute=0, second=0, microsecond=0)


def _calls(payload: dict[str, Any]) -> Iterator[Call]:
    """What is still to be said to these phones, each in words that it alone can read."""
    pairs = keys.pairs()
    by_public = {pair.public: pair for pair in pairs}
    wanted = select(PushDevice).where(PushDevice.id.in_([device for device, _notice in payload["to"]]))
    devices = {device.id: device for device in db.session.scalars(wanted)}
    for number, notice in payload["to"]:
        device = devices.get(number)
        pair = by_public.get(device.vapid) if device is not None else None
        if device is None or pair is None:
            continue
        said = for_person(device, notice) if notice is not None else for_anybody(device, payload["activity"])
        if said is None:
            continue
        words = said.to_json() if pair is pairs[0] else {**said.to_json(), "key": pairs[0].public}
        parcel = packed(device, words, pair, tag=said.tag, urgent=said.urgent)
        yield Call(number, notice, parcel, None if said.urgent else morning(now()))
