// Forms that join the outbox by `data-outbox`, which says what kind of thing they make: what is sent is put into the drawer
// first, then carried to the town by the worker or by this page. Where the drawer is closed the form is sent as ever.
const SOON = 10_000; // after so long without an answer, the outbox says that it goes on
const hidden = field => field.name.startsWith('_') && !['_form'].includes(field.name);
const aboutPage = name => document.querySelector(`meta[name="${name}"]`)?.content ?? '';

const newId = () => crypto.randomUUID?.()
  ?? [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('');

// What a form holds: its fields as text, its files as bytes, photos made lighter.
async function contents(form, button) {
  const data = new FormData(form);
  if (button?.name) data.append(button.name, button.value);
  const fields = [], files = [];
  for (const [name, value] of data) {
    if (!(value instanceof File)) { if (!hidden({ name })) fields.push([name, value]); continue; }
    if (!value.size) continue;
    const light = await globalThis.lighter?.(value) ?? value;
    files.push({ field: name, name: light.name, type: light.type, bytes: await light.arrayBuffer() });
  }
  return { fields, files };
}

// The first words that somebody wrote, or the page's title.
function words(form) {
  const typed = [...form.querySelectorAll('[name=title], textarea, input[type=text]:not([name=where])')].find(field => field.value?.trim());
  return (typed?.value.trim() || document.title.split(' · ')[0]).slice(0, 80);
}

async function packed(form, button) {
  const old = form.dataset.item ? await fromBox(form.dataset.item) : undefined;
  return {
    id: old?.id ?? newId(),
    owner: aboutPage('owner'),
    url: form.getAttribute('action'),
    page: sessionStorage[`page ${form.getAttribute('action')}`] ?? location.pathname + location.search,
    kind: form.dataset.outbox,
    title: words(form),
    thread: form.dataset.thread ?? '',
    ...await contents(form, button),
    written: old?.written ?? Date.now(),
    state: 'waiting',
  };
}

// As without this file: the whole page is sent and shown again. Whoever wrote sees the town's own sentences.
function sendAsEver(form, button) {
  if (button?.name) form.append(Object.assign(document.createElement('input'), { type: 'hidden', name: button.name, value: button.value }));
  form.submit();
}

// Hand over to the worker, which goes on when this page is closed; without one the page does it.
function setOff() {
  navigator.serviceWorker?.ready.then(here => here.sync?.register('outbox')).catch(() => {});
  const worker = navigator.serviceWorker?.controller;
  if (worker) worker.postMessage('flush');
  else flush();
}

const outcome = id => new Promise(done => {
  const slow = setTimeout(() => done({ state: 'waiting' }), SOON);
  addEventListener('town:outbox', function heard({ detail }) {
    if (detail.id !== id || detail.state === 'sending') return;
    clearTimeout(slow);
    removeEventListener('town:outbox', heard);
    done(detail);
  });
});

async function post(form, button) {
  const item = await packed(form, button);
  await putIn(item);
  navigator.storage?.persist?.().catch(() => {});
  const answered = outcome(item.id);
  setOff();
  const { state, place } = await answered;
  if (state === 'sent') {
    await forgetDraft(form);
    location.assign(place);
  } else if (state === 'refused' && navigator.onLine) { // the town's own page says what is to be put right
    await takeOut(item.id);
    sendAsEver(form, button);
  } else {
    await forgetDraft(form);
    location.assign(aboutPage('outbox-page'));
  }
}

// Nobody is signed in, the form asks for somebody, and the town can be reached: it shows the way in, and back.
const asksWho = form => !aboutPage('owner') && form.dataset.anybody === undefined && navigator.onLine;

addEventListener('submit', event => {
  const form = event.target, button = event.submitter;
  if (form.dataset?.busy) { // a second tap is not a second thing
    event.preventDefault();
    return event.stopImmediatePropagation();
  }
  if (!form.dataset?.outbox || asksWho(form) || form.elements.acting || event.defaultPrevented || button?.hasAttribute('formaction')) return;
  event.preventDefault();
  event.stopImmediatePropagation(); // htmx would send it too
  form.dataset.busy = 'true';
  form.classList.add('htmx-request');
  post(form, button).catch(() => sendAsEver(form, button)); // no room, or storage is closed
}, { capture: true });

addEventListener('pageshow', ({ persisted }) => { // the back button: the form is ready to be sent again
  if (persisted) for (const form of document.querySelectorAll('[data-busy]')) { delete form.dataset.busy; form.classList.remove('htmx-request'); }
});
navigator.serviceWorker?.addEventListener('message', ({ data }) => {
  if (data?.outbox) dispatchEvent(new CustomEvent('town:outbox', { detail: data.outbox }));
});
