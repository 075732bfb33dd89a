// This phone learns to ring. What it rings for is a form of the page; how to reach it, only the browser knows.
const place = document.querySelector('[data-push]');
const form = place.querySelector('form[data-choice]');
const field = name => form.elements[name];

function show(...states) {
  for (const piece of place.querySelectorAll('[data-state]')) piece.hidden = !states.includes(piece.dataset.state);
  form.hidden = !states.some(state => ['on', 'off'].includes(state));
}

// The places only matter to whoever chooses some.
function places() {
  const box = place.querySelector('[data-places]');
  if (box) box.hidden = field('scope').value !== 'places';
}

const ask = (url, fields) => fetch(url, { method: 'POST', body: new URLSearchParams(fields), headers: { Accept: 'application/json' } });
const phone = async () => (await navigator.serviceWorker.ready).pushManager;

// What the town knows of this phone is put into the form.
function fill(state) {
  for (const name of ['official', 'direct']) if (field(name)) field(name).checked = state[name];
  if (!field('scope')) return;
  field('scope').value = state.scope;
  field('street').value = state.street;
  for (const box of form.querySelectorAll('[name=quarters]')) box.checked = state.quarters.includes(box.value);
}

async function look() {
  const apple = /iPhone|iPad/.test(navigator.userAgent) || (/Mac/.test(navigator.userAgent) && navigator.maxTouchPoints > 1);
  if (!('serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window)) return show(apple ? 'iphone' : 'none');
  if (Notification.permission === 'denied') return show('denied');
  const known = await (await phone()).getSubscription();
  const state = known ? await (await ask('/push/state', { endpoint: known.endpoint })).json() : { on: false };
  if (state.on && !place.querySelector('#errors')) fill(state);
  places();
  show(state.on ? 'on' : 'off');
}

// The permission is asked for by the tap, never before.
async function start() {
  if (await Notification.requestPermission() !== 'granted') return look();
  const manager = await phone();
  const applicationServerKey = place.dataset.push;
  let found = await manager.getSubscription();
  const key = found?.options?.applicationServerKey;
  const ours = key && btoa(String.fromCharCode(...new Uint8Array(key))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  if (found && ours !== applicationServerKey) { await found.unsubscribe(); found = null; } // the town has a new key
  found ??= await manager.subscribe({ userVisibleOnly: true, applicationServerKey });
  field('subscription').value = JSON.stringify(found);
  const answer = await ask(form.action, new FormData(form));
  if (answer.status === 422) return form.submit(); // the page says what is to be put right
  if (!answer.ok) throw new Error(answer.status);
  const wants = [...new FormData(form)].filter(([name]) => ['official', 'direct', 'vapid'].includes(name));
  localStorage.push = JSON.stringify({ owner: place.dataset.owner, wants }); // for after the next sign-in: see outbox/rings.js
  location.reload();
}

async function stop() {
  const found = await (await phone()).getSubscription();
  localStorage.removeItem('push');
  if (found) { await ask('/push/silence', { endpoint: found.endpoint }); await found.unsubscribe(); }
  location.reload();
}

const failed = () => show('failed', 'off');
form.addEventListener('submit', event => { event.preventDefault(); start().catch(failed); });
form.addEventListener('change', places);
place.querySelector('[data-stop]').addEventListener('click', () => stop().catch(failed));
look().catch(failed);
