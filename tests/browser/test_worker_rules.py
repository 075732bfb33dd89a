"""The worker's own scripts, asked one rule at a time in a real browser: what an answer of the town does to what waits,
what may be kept and for whom, what the list shows. No town is served: requests go to the test client."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.eventually import eventually
from tests.conftest import Browse

HERE = "https://town.test"

ROUND = """async ({ items, answers, session }) => {
    globalThis.asked = [];
    for (const store of ['items', 'sent', 'drafts']) await deal(store, 'readwrite', found => found.clear());
    for (const [n, item] of items.entries()) {
        await putIn({ owner: 'odile', url: '/x', kind: 'loan', title: 'T', thread: '', fields: [['words', 'Bonjour']],
            files: [], written: n, state: 'waiting', ...item });
    }
    const sessions = [...session];
    globalThis.fetch = async (url, options = {}) => {
        asked.push({ url, key: options.headers?.['Idempotency-Key'], csrf: options.headers?.['X-CSRF-Token'],
            fields: options.body ? [...options.body].map(([name, value]) => [name, value.size ?? value]) : [] });
        if (url === '/session') {
            const [owner, csrf] = sessions.length > 1 ? sessions.shift() : sessions[0];
            return new Response(JSON.stringify({ owner, csrf }));
        }
        const answer = answers.length > 1 ? answers.shift() : answers[0];
        if (answer === 'gone') throw new TypeError('no network');
        if (answer === 'elsewhere') return { status: 0, type: 'opaqueredirect', headers: new Headers() };
        const [status, body, headers] = answer;
        return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers });
    };
    await round();
    const sent = await deal('sent', 'readonly', found => found.getAll());
    return { left: await inBox(), sent, asked, now: Date.now() };
}"""
"""One round of sending, with these things waiting, these answers of the town in turn, and these people signed in."""


@pytest.fixture
def page(browser: Browser, browse: Browse) -> Iterator[Page]:
    town = browse()

    def answer(route: Route) -> None:
        address = urlsplit(route.request.url)
        if address.path == "/blank":
            route.fulfill(body='<!doctype html><script src="/sw.js"></script>', content_type="text/html")
            return
        found = town.get(f"{address.path}?{address.query}")
        route.fulfill(status=found.status_code, body=found.data, content_type=found.content_type)

    with browser.new_context(locale="fr-FR", service_workers="block") as context:
        context.route(f"{HERE}/**", answer)
        page = context.new_page()
        page.goto(f"{HERE}/blank")
        yield page


def a_round(page: Page, *answers: object, items: object = None, session: object = None) -> dict[str, Any]:
    told = {"items": items or [{"id": "one"}], "answers": answers, "session": session or [["odile", "token"]]}
    found: dict[str, Any] = page.evaluate(ROUND, told)
    return found


def state(done: dict[str, Any]) -> list[str]:
    return [item["state"] for item in done["left"]]


def test_what_each_answer_of_the_town_does_to_what_waits(page: Page) -> None:
    """CP-02: only a receipt that can be read takes a thing out of the drawer."""
    place = {"location": "/lending/loans/x"}
    for status in (200, 201):
        done = a_round(page, [status, place])
        assert (done["left"], done["sent"][0]["place"]) == ([], place["location"]), status
    stays = {
        "waiting": [
            [200, "<h1>Wifi de l’hôtel</h1>"],
            [201, {}],
            "elsewhere",
            "gone",
            *([code, "…"] for code in (425, 429, 500, 502, 503, 504)),
        ],
        "signin": [[401, {}]],
        "refused": [[code, {"sentence": "Trop tard."}] for code in (400, 404, 409, 410, 413, 422)],
    }
    for expected, answers in stays.items():
        for answer in answers:
            done = a_round(page, answer)
            assert (state(done), done["sent"]) == ([expected], []), answer
    assert a_round(page, [409, {"sentence": "Trop tard."}])["left"][0]["sentence"] == "Trop tard."
    wrong = a_round(page, [422, {"errors": {"words": ["Trop court."], "place": ["Où ?"]}}])["left"][0]
    assert wrong["sentence"] == "Trop court. Où ?"
    twice = a_round(page, [422, {"error": "key-reuse", "location": "/complaints/3"}])["left"][0]
    assert (twice["state"], twice["place"]) == ("twice", "/complaints/3")


def test_it_tries_later_and_later_and_as_late_as_the_town_asks(page: Page) -> None:
    done = a_round(page, [503, "", {"Retry-After": "1800"}])
    assert done["left"][0]["after"] - done["now"] >= 1_799_000
    pauses = [page.evaluate(f"pause({tries})") for tries in range(1, 20)]
    assert pauses[0] < 15_000
    assert max(pauses) <= 3_600_000 * 1.25
    assert page.evaluate("due({ state: 'waiting', after: Date.now() + 60_000 })") is False
    assert page.evaluate("due({ state: 'waiting', after: Date.now() + 3 * HOUR })"), "a clock was set back"
    for still in ("refused", "twice", "editing"):
        assert page.evaluate(f"due({{ state: '{still}' }})") is False, still


def test_what_nobody_signed_is_refused_once_and_waits_for_somebody(page: Page) -> None:
    """The town asks who writes: not again until somebody has come, or says « send now »."""
    nobody, odile = [[None, ""]], [["odile", "token"]]

    def again(was: str, session: object) -> tuple[list[str], list[str]]:
        done = a_round(page, [401, {}], items=[{"id": "one", "owner": "", "state": was}], session=session)
        return state(done), [one["url"] for one in done["asked"]]

    assert again("waiting", nobody) == (["signin"], ["/session", "/x"])
    assert again("signin", nobody) == (["signin"], ["/session"])
    assert again("signin", odile) == (["held"], ["/session"])
    ticks = [page.evaluate(f"soon({{ state: '{was}' }})") for was in ("waiting", "signin", "held", "refused")]
    assert ticks == [True, False, False, False], "every twenty seconds, only what has a chance"


def test_it_is_sent_as_its_owner_alone_with_its_own_key_and_the_token_of_now(page: Page) -> None:
    for session, expected in (([["karim", "k"]], "held"), ([[None, ""]], "signin")):
        done = a_round(page, [201, {"location": "/x"}], session=session)
        assert state(done) == [expected]
        assert [one["url"] for one in done["asked"]] == ["/session"], "nothing is sent with somebody else's session"
    renewed = [["odile", "old"], ["odile", "new"]]
    done = a_round(page, [403, {}], [201, {"location": "/x"}], session=renewed)
    assert done["left"] == []
    tries = [(one["key"], one["csrf"]) for one in done["asked"] if one["url"] == "/x"]
    assert tries == [("one", "old"), ("one", "new")]
    done = a_round(page, [403, {}], [201, {"location": "/x"}], session=[["odile", "old"], ["karim", "k"]])
    assert state(done) == ["held"], "somebody else signed in between the two"
    photos = [{"field": "photos", "name": "a.jpg", "type": "image/jpeg", "bytes": {}}]
    sent = page.evaluate(
        """() => [...parcel({ fields: [['words', 'Oui']], files: [{ field: 'photos', name: 'a.jpg', type: 'image/jpeg',
            bytes: new Uint8Array([1, 2, 3]).buffer }] })].map(([name, value]) => [name, value.size ?? value])"""
    )
    assert sent == [["words", "Oui"], [photos[0]["field"], 3]]


def test_order_is_kept_within_a_thread_and_others_do_not_wait_for_it(page: Page) -> None:
    items = [
        {"id": "first", "thread": "ladder", "url": "/1"},
        {"id": "second", "thread": "ladder", "url": "/2"},
        {"id": "other", "url": "/3"},
        {"id": "late", "thread": "ladder", "url": "/4"},
    ]
    done = a_round(page, [500, ""], [201, {"location": "/x"}], items=items)
    assert [one["url"] for one in done["asked"]] == ["/session", "/1", "/3"]
    assert [item["id"] for item in done["left"]] == ["first", "second", "late"]
    done = a_round(page, [201, {"location": "/x"}], items=items)
    assert [one["url"] for one in done["asked"]] == ["/session", "/1", "/2", "/3", "/4"]


def test_what_somebody_deleted_meanwhile_does_not_come_back(page: Page) -> None:
    assert (
        page.evaluate(
            "async () => { await takeOut('one'); await change('one', { state: 'waiting' }); return fromBox('one'); }"
        )
        is None
    )


def test_where_an_answer_may_be_kept_and_for_whom(page: Page) -> None:
    """PW-02, T14: nothing private on the shelf that everybody reads."""
    where = """headers => shelf(new Response('', { headers }), 'X-Fragment' in headers && headers.asked !== 'whole')
        .replace(APP.town + ' ', '')"""
    table: list[tuple[dict[str, str], str]] = [
        ({"X-Offline": "public"}, "public"),
        ({"X-Offline": "private", "X-Owner": "odile"}, "private odile"),
        ({"X-Offline": "private"}, ""),
        ({"X-Offline": "never"}, ""),
        ({}, ""),
        ({"X-Offline": "public", "X-Fragment": "1"}, "fragments"),
        ({"X-Offline": "private", "X-Owner": "odile", "X-Fragment": "1"}, ""),
        ({"X-Offline": "public", "X-Fragment": "1", "asked": "whole"}, ""),
    ]
    for headers, expected in table:
        assert page.evaluate(where, headers) == expected, headers
    kept = """({ status, type, redirected, html }) => keepable({ status, type, redirected,
        headers: new Headers({ 'Content-Type': html ? 'text/html; charset=utf-8' : 'application/json' }) })"""
    good = {"status": 200, "type": "basic", "redirected": False, "html": True}
    assert page.evaluate(kept, good)
    for spoilt in ({"status": 404}, {"status": 206}, {"type": "opaque"}, {"redirected": True}, {"html": False}):
        assert not page.evaluate(kept, {**good, **spoilt}), spoilt


SHELVES = """async ({ pages, act }) => {
    for (const name of await caches.keys()) await caches.delete(name);
    for (const [name, key, text] of pages) {
        const headers = { 'Content-Type': 'text/html', 'X-Saved-At': new Date().toISOString() };
        await (await caches.open(`${APP.town} ${name}`)).put(key, new Response(text, { headers }));
    }
    const found = await eval(act);
    const left = (await caches.keys()).map(name => name.replace(APP.town + ' ', '')).sort();
    return { found: found instanceof Response ? await found.text() : null, left };
}"""


def test_ones_own_copy_is_read_first_and_goes_when_somebody_else_comes(page: Page) -> None:
    pages = [
        ["private odile", "/lending/", "hers"],
        ["public", "/lending/", "everybody's"],
        ["public", "/help", "help"],
    ]

    def after(act: str) -> dict[str, Any]:
        found: dict[str, Any] = page.evaluate(SHELVES, {"pages": pages, "act": act})
        return found

    assert after("kept(new URL('/lending/?who=me', location))")["found"] == "hers"
    assert after("kept(new URL('/help?x=1', location))")["found"] == "help"
    assert after("kept(new URL('/nowhere', location))")["found"] is None
    in_a_name = "kept(new URL('/lending/?acting=b2R0YXM', location))"
    assert after(in_a_name)["found"] is None, "what an agent writes for a resident is never the agent's own form"
    assert after("wipe()")["left"] == ["public"]
    assert after("wipe('odile')")["left"] == ["private odile", "public"]
    theirs = "settle(new Response('', { headers: { 'X-Offline': 'private', 'X-Owner': '%s' } }))"
    assert after(theirs % "odile")["left"] == ["private odile", "public"]
    assert after(theirs % "karim")["left"] == ["public"]
    assert after("settle(new Response('', { headers: { 'X-Offline': 'public' } }))")["left"] == ["public"]
    gone = "keep('/help', new Response('', { status: 404 }), visit).then(() => kept(new URL('/help', location)))"
    assert after(gone)["found"] is None
    late = """wipe().then(() => { const answer = new Response('<head></head>', { headers: {
        'Content-Type': 'text/html', 'X-Offline': 'private', 'X-Owner': 'odile' } });
        return keep('/account/', Object.defineProperty(answer, 'type', { value: 'basic' }), %s); })"""
    assert after(late % "visit")["left"] == ["private odile", "public"]
    assert after(late % "visit - 1")["left"] == ["public"], "an answer to a question of before somebody left"


def test_a_tap_that_is_faster_than_the_outbox_waits_for_it_and_two_are_one_thing(page: Page) -> None:
    held: list[Route] = []
    page.goto(f"{HERE}/town-hall/")
    page.locator("main a[href*='/town-hall/notices/']").first.click()
    form = page.locator("a[href*='/moderation/report/']").first.get_attribute("href") or ""
    page.context.route(f"{HERE}/outbox.js*", lambda route: held.append(route), times=1)
    page.goto(f"{HERE}{form}")
    send = page.get_by_role("button", name="Envoyer le signalement")
    for _ in range(2):
        send.click()
    assert page.url == f"{HERE}{form}"
    assert held, "the outbox was never asked for"
    for route in held:
        route.fallback()
    expect(page).to_have_url(f"{HERE}/outbox")
    expect(page.locator("[data-outbox-list] article")).to_have_count(1)


def test_a_draft_that_nobody_signed_stays_a_day_and_ones_own_a_month(page: Page) -> None:
    """PW-08: on a phone that a family shares, whoever opens the form next reads it."""
    page.goto(f"{HERE}/outbox")
    eventually(page, "indexedDB.databases().then(all => all.some(one => one.name === 'outbox'))")
    page.evaluate(
        """async () => {
            const asked = indexedDB.open('outbox');
            const box = await new Promise(done => { asked.onsuccess = () => done(asked.result); });
            const turn = box.transaction('drafts', 'readwrite'), drafts = turn.objectStore('drafts');
            for (const owner of ['', 'odile']) for (const hours of [23, 25, 29 * 24, 31 * 24]) {
                drafts.put({ id: `${owner} ${hours}`, owner, at: Date.now() - hours * 3600e3, fields: [], files: [] });
            }
            drafts.put({ id: 'leaving' });
            await new Promise(done => { turn.oncomplete = done; });
            box.close();
        }"""
    )
    page.reload()
    left = """async () => {
        const asked = indexedDB.open('outbox');
        const box = await new Promise(done => { asked.onsuccess = () => done(asked.result); });
        return await new Promise(done => {
            box.transaction('drafts').objectStore('drafts').getAllKeys().onsuccess = event => done(event.target.result);
        }).then(keys => (box.close(), keys.join()));
    }"""
    eventually(page, f"({left})().then(keys => keys === ' 23,leaving,odile 23,odile 25,odile 696')")


def test_the_list_says_of_each_thing_what_it_waits_for(page: Page) -> None:
    page.goto(f"{HERE}/outbox")
    chips = {
        "waiting": "En attente",
        "held": "En attente",
        "signin": "Attend votre connexion",
        "editing": "En modification",
        "refused": "À corriger",
    }
    page.evaluate(
        """async states => {
            const asked = indexedDB.open('outbox');
            const box = await new Promise(done => { asked.onsuccess = () => done(asked.result); });
            const items = box.transaction('items', 'readwrite').objectStore('items');
            for (const [n, state] of states.entries()) {
                items.put({ id: state, owner: '', url: '/x', page: '/help', kind: 'loan', title: state,
                    fields: [], files: [], written: n, state, sentence: state === 'refused' ? '<b>Non</b>' : '' });
            }
            items.put({ id: 'theirs', owner: 'karim', url: '/x', page: '/', kind: '', title: 'à Karim',
                fields: [], files: [], written: 9, state: 'waiting' });
            await new Promise(done => { items.transaction.oncomplete = done; });
            dispatchEvent(new CustomEvent('town:outbox', { detail: {} }));
        }""",
        list(chips),
    )
    cards = page.locator("[data-outbox-list] article")
    expect(cards).to_have_count(len(chips))
    for n, words in enumerate(chips.values()):
        expect(cards.nth(n).locator("[data-state]:visible").first).to_have_text(words)
        expect(cards.nth(n)).to_contain_text("Un prêt")
    expect(cards.last.locator("[data-sentence]")).to_have_text("<b>Non</b>")
    expect(page.locator("[data-others]")).to_be_visible()
    expect(page.locator("body")).not_to_contain_text("à Karim")
