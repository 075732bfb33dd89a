// Without network: which pages can be read, newest first. They lie where the worker put them.
const list = document.querySelector('[data-kept]');
document.querySelector('[data-offline]')?.remove(); // this whole page says it
if (location.search === '?left') document.querySelector('[data-left]').hidden = false;

async function pages() {
  const found = new Map();
  for (const name of await caches.keys()) {
    if (!/ (public|private \S+)$/.test(name)) continue;
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const answer = await cache.match(request, { ignoreVary: true });
      const title = new DOMParser().parseFromString(await answer.text(), 'text/html').title.split(' · ')[0];
      const at = answer.headers.get('X-Saved-At') ?? '';
      const { pathname, search } = new URL(request.url);
      if (at > (found.get(pathname + search)?.at ?? '')) found.set(pathname + search, { title, at });
    }
  }
  return [...found].sort(([, one], [, other]) => other.at.localeCompare(one.at));
}

function entry([address, { title, at }]) {
  const line = document.createElement('li');
  const link = document.createElement('a');
  const since = document.createElement('span');
  line.className = 'row between';
  link.href = address;
  link.textContent = title || address;
  since.className = 'meta';
  since.textContent = new Date(at).toLocaleString(document.documentElement.lang, { dateStyle: 'long', timeStyle: 'short' });
  line.append(link, since);
  return line;
}

pages().then(found => {
  list.querySelector('ul').replaceChildren(...found.map(entry));
  list.hidden = !found.length;
}).catch(() => { /* storage is closed: nothing is kept */ });
