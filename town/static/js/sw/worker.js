// What the worker listens to.
const STAYING = ['/static/', '/scripts/', '/icons/', '/town.css', '/style.css', '/outbox.js'];
const DOORS = ['/login', '/logout', '/join', '/account/erase', '/account/back']; // where somebody comes or leaves

async function install() {
  const files = await caches.open(SHELF.files);
  await files.addAll(APP.files);
  await files.put(APP.offline, await fetch(APP.offline, { credentials: 'omit' }));
  await Promise.allSettled(APP.seeds.map(async url => keep(url, await fetch(url, { credentials: 'omit' }), visit)));
}

async function activate() {
  await tidy();
  await registration.navigationPreload?.enable();
  await clients.claim();
}

addEventListener('install', event => event.waitUntil(install()));
addEventListener('activate', event => event.waitUntil(activate()));
addEventListener('message', event => {
  if (event.data === 'take over') skipWaiting();
  if (event.data === 'flush') event.waitUntil(farewell().then(flush));
});
addEventListener('sync', event => event.waitUntil(farewell().then(flush).then(async () => {
  if ((await inBox()).some(item => item.state === 'waiting')) throw new Error('some of it waits'); // asked again later
})));

addEventListener('fetch', event => {
  const { request } = event;
  const url = new URL(request.url);
  const header = name => request.headers.get(name);
  if (url.origin !== location.origin) return;
  if (request.method === 'POST') {
    if (DOORS.some(path => url.pathname.startsWith(path))) event.respondWith(door(event, url.pathname === '/logout'));
    if (url.pathname === '/share') event.respondWith(share(event));
  }
  if (request.method !== 'GET') return;
  if (STAYING.some(path => url.pathname.startsWith(path))) return event.respondWith(file(event));
  // htmx asks for whole pages too: its history restores carry no HX-Request, the others say that they want all
  const whole = request.mode === 'navigate' || header('HX-History-Restore-Request') === 'true'
    || header('HX-Boosted') === 'true' || header('HX-Request-Type') === 'full';
  if (whole) event.respondWith(page(event));
  else if (header('HX-Request') === 'true') event.respondWith(fragment(event));
});
