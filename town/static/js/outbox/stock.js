// Twice a day, what somebody may want to read without network is fetched quietly; the worker keeps it. Not on thrifty phones.
async function stock() {
  const owner = aboutPage('owner'), last = `stocked ${owner}`;
  if (aboutPage('saved-at') || navigator.connection?.saveData || !navigator.serviceWorker?.controller) return;
  for (const key of Object.keys(localStorage)) if (key.startsWith('stocked ') && key !== last) localStorage.removeItem(key);
  if (Date.now() - localStorage[last] < 12 * HOUR) return;
  localStorage[last] = Date.now();
  const { pages } = await (await fetch('/offline/pages', { headers: { Accept: 'application/json' } })).json();
  for (const page of [aboutPage('outbox-page'), ...pages]) {
    await fetch(page, { headers: { 'HX-Request-Type': 'full' }, priority: 'low' });
  }
}
stock().catch(() => { /* without network, or storage is closed */ });
