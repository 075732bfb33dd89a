// The app in the hand: the worker that keeps pages, since when a page lies here, and whose pages these are.
const about = name => document.querySelector(`meta[name="${name}"]`)?.content ?? '';
const banner = name => document.querySelector(`[data-${name}]`);
let dirty = false, leaving = false; // something is being written; another page is asked for
addEventListener('input', event => {
  dirty ||= event.target.form?.method === 'post';
  if (dirty && banner('update')) banner('update').hidden = true;
});
addEventListener('submit', event => { dirty = false; leaving = !event.defaultPrevented; });

// A saved page says since when.
const saved = new Date(about('saved-at'));
const words = banner('saved');
if (words && saved.getTime()) {
  const two = number => String(number).padStart(2, '0');
  const day = saved.toLocaleDateString(document.documentElement.lang, { day: 'numeric', month: 'long' });
  words.querySelector('b').textContent = words.dataset.saved
    .replace('{day}', day).replace('{hour}', saved.getHours()).replace('{minutes}', two(saved.getMinutes()));
  words.hidden = false;
  banner('offline')?.remove(); // one sentence about the network is enough
}

// A fragment could not be had: the worker says so instead of swapping nothing.
addEventListener('app:offline', () => { if (banner('offline')) banner('offline').hidden = false; });

// A page comes back from the browser's memory, or somebody came or left in another tab: is it still theirs?
async function check() {
  if (leaving) return;
  const owner = about('owner');
  if (owner) document.body.style.visibility = 'hidden';
  let theirs = false;
  try {
    const answer = await fetch('/session', { headers: { Accept: 'application/json' } });
    theirs = (await answer.json()).owner === (owner || null);
  } catch { // without network, what the worker has kept tells
    theirs = !owner || (await caches.keys()).some(name => name.endsWith(` private ${owner}`));
  }
  if (!theirs && (owner || !dirty)) return location.replace(location.pathname + location.search);
  document.body.style.visibility = '';
}
addEventListener('pageshow', event => { if (event.persisted) { leaving = false; check(); } });

// Things wait in the outbox, as the page before has noted; what they need is loaded only then, or where a form may join them.
const waiting = () => { try { return localStorage.outbox; } catch { return ''; } };
const needed = waiting() || document.querySelector('form[data-outbox], form[data-draft], [data-gone]');
let outbox, there = !globalThis.indexedDB;
const load = () => outbox ??= import(about('outbox')).catch(() => {}).finally(() => { there = true; });
// A tap that is faster than the outbox waits for it: without network the browser would lose what was written.
addEventListener('submit', event => {
  if (there || !event.target.dataset?.outbox) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  load().then(() => event.target.requestSubmit(event.submitter));
}, true);
if (globalThis.indexedDB && !document.querySelector('[data-outbox-list]')) needed ? load() : addEventListener('load', () => setTimeout(load, 2000));

// A new version waits, asks, and loads the page once; not while something is being written.
function offer(registration) {
  const note = banner('update');
  if (!note || dirty || waiting() || !registration.waiting || !navigator.serviceWorker.controller) return;
  note.hidden = false;
  note.querySelector('button').onclick = () => {
    navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
    registration.waiting.postMessage('take over');
  };
}
if ('serviceWorker' in navigator && isSecureContext) {
  navigator.serviceWorker.addEventListener('message', ({ data }) => { if (!data.outbox) check(); });
  navigator.serviceWorker.register('/sw.js', { updateViaCache: 'none' }).then(registration => {
    offer(registration);
    registration.addEventListener('updatefound', () => {
      registration.installing.addEventListener('statechange', () => offer(registration));
    });
  }).catch(() => { /* storage is closed: everything works, with network */ });
}
