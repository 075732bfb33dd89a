// What may be kept of the town's answers, how it is found again, and when it goes.
const MOST = 60; // pages on a shelf
const LONGEST = 30 * 24 * 3600 * 1000;
const GONE = [403, 404, 410];

const keepable = answer => answer.status === 200 && answer.type === 'basic' && !answer.redirected
  && /^text\/html/.test(answer.headers.get('Content-Type') ?? '');

function shelf(answer, fragment) {
  const kind = answer.headers.get('X-Offline');
  const owner = answer.headers.get('X-Owner');
  if (answer.headers.has('X-Fragment') !== fragment) return '';
  if (fragment) return kind === 'public' ? SHELF.fragments : '';
  if (kind === 'private') return owner ? PRIVATE + owner : '';
  return kind === 'public' ? SHELF.public : '';
}

// Keep an answer, asked for during visit number `asked`. A page carries with it since when it lies here.
async function keep(key, answer, asked, fragment = false) {
  if (GONE.includes(answer.status)) return forget(key);
  const name = keepable(answer) && shelf(answer, fragment);
  if (!name) return;
  const now = new Date().toISOString();
  const text = await answer.text();
  const headers = new Headers(answer.headers);
  for (const spent of ['Content-Encoding', 'Content-Length', 'Vary', 'Clear-Site-Data']) headers.delete(spent);
  headers.set('X-Saved-At', now);
  const body = fragment ? text : text.replace('</head>', `<meta name="saved-at" content="${now}">\n</head>`);
  if (asked !== visit) return;
  const cache = await caches.open(name);
  if (asked === visit) await cache.put(key, new Response(body, { headers }));
  if (asked !== visit && name.startsWith(PRIVATE)) await caches.delete(name); // somebody left meanwhile
  else await trim(cache);
}

const age = answer => Date.now() - Date.parse(answer.headers.get('X-Saved-At'));

async function trim(cache) { // a shelf lists its oldest first
  const keys = await cache.keys();
  for (const [n, key] of keys.entries()) {
    if (keys.length - n <= MOST && age(await cache.match(key, { ignoreVary: true })) < LONGEST) return;
    await cache.delete(key, { ignoreVary: true });
  }
}

// A page that is gone or hidden: whatever is kept of it goes, with any filter, whole or in pieces.
async function forget(key) {
  for (const name of [SHELF.public, SHELF.fragments, ...await shelves(PRIVATE)]) {
    await (await caches.open(name)).delete(key, { ignoreSearch: true, ignoreVary: true });
  }
}

async function look(name, key) {
  const found = await caches.match(key, { cacheName: name, ignoreVary: true });
  return found && age(found) < LONGEST ? found : undefined;
}

// One's own copy, else everybody's; of this very address, else of the same page unfiltered. An agent who writes for a
// resident gets none: it would be their own form, and go out in their own name.
async function kept(url) {
  if (url.searchParams.has('acting')) return;
  const names = [...await shelves(PRIVATE), SHELF.public];
  for (const key of [url.pathname + url.search, url.pathname]) {
    for (const name of names) {
      const found = await look(name, key);
      if (found) return found;
    }
  }
}
