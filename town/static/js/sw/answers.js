// How each kind of request is answered.
const PATIENCE = 3000;
const RESTING = [502, 503, 504];

const withoutNetwork = async () => await caches.match(APP.offline, { cacheName: SHELF.files, ignoreVary: true }) ?? Response.error();

// A page: from the network; where that is slow, gone or resting, the saved page; else what we say without network.
async function page(event) {
  const asked = visit;
  const url = new URL(event.request.url);
  const fresh = (async () => {
    const answer = !await farewell() && await event.preloadResponse || await fetch(event.request);
    const since = asked === visit ? await settle(answer) : asked;
    event.waitUntil(keep(url.pathname + url.search, answer.clone(), since).then(hide).catch(() => {}));
    return answer;
  })();
  event.waitUntil(fresh.catch(() => {}));
  const inTime = await Promise.race([fresh.catch(() => 'failed'), new Promise(done => setTimeout(done, PATIENCE))]);
  if (inTime instanceof Response && !RESTING.includes(inTime.status)) return inTime;
  const saved = await kept(url).catch(() => {});
  if (saved) return saved;
  try {
    const late = await fresh;
    if (!RESTING.includes(late.status)) return late;
  } catch { /* the network is gone */ }
  return await withoutNetwork();
}

// A fragment for htmx: from the network, else the public one kept, else nothing to swap. The page is told.
async function fragment(event) {
  const asked = visit;
  const url = new URL(event.request.url);
  url.searchParams.set('~', event.request.headers.get('HX-Target') ?? '');
  const key = url.pathname + url.search;
  try {
    const answer = await fetch(event.request);
    if (!RESTING.includes(answer.status)) {
      event.waitUntil(keep(key, answer.clone(), asked, true).catch(() => {}));
      return answer;
    }
  } catch { /* the network is gone */ }
  const saved = await look(SHELF.fragments, key);
  const headers = new Headers(saved?.headers);
  headers.set('HX-Trigger', 'app:offline');
  return new Response(saved ? await saved.text() : null, { status: saved ? 200 : 204, headers });
}

// A file that never changes under its address.
async function file(event) {
  for (const cacheName of (await shelves(FILES)).reverse()) {
    const found = await caches.match(event.request.url, { cacheName, ignoreVary: true });
    if (found) return found;
  }
  const answer = await fetch(event.request);
  if (answer.status === 200 && /immutable/.test(answer.headers.get('Cache-Control') ?? '')) {
    const copy = answer.clone();
    event.waitUntil(caches.open(SHELF.files).then(cache => cache.put(event.request.url, copy)).catch(() => {}));
  }
  return answer;
}

// Signing in or out: what was private goes before, and again after; other pages of this town look who they are for.
async function door(event, leaves) {
  await wipe().catch(() => {});
  try {
    const answer = await fetch(event.request);
    return leaves && RESTING.includes(answer.status) ? await leaveLater().catch(() => answer) : answer;
  } catch (error) {
    if (event.request.mode !== 'navigate') throw error;
    return leaves ? await leaveLater().catch(withoutNetwork) : await withoutNetwork();
  } finally {
    await wipe().catch(() => {});
    for (const tab of await clients.matchAll()) tab.postMessage('somebody came or left');
  }
}
