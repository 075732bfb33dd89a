// The page « À envoyer »: what waits on this device, with what can be done about each, and the latest receipts.
const list = document.querySelector('[data-outbox-list]');
const copy = name => document.querySelector(`template[data-piece="${name}"]`).content.cloneNode(true).firstElementChild;
const clock = at => new Date(at).toLocaleString(document.documentElement.lang, { dateStyle: 'medium', timeStyle: 'short' });
const weight = files => Math.max(1, Math.round(files.reduce((sum, file) => sum + file.bytes.byteLength, 0) / 1024));

function put(place, selector, words) {
  const found = place.querySelector(selector);
  if (found) found.textContent = words;
}

function head(place, item) {
  const kind = document.querySelector(`template[data-kind-of="${CSS.escape(item.kind)}"]`) ?? document.querySelector('template[data-kind-of=""]');
  place.querySelector('.head').prepend(kind.content.cloneNode(true));
  place.dataset.kind = item.kind;
}

function card(item, here) {
  const state = here && !item.owner && due({ ...item, after: 0 }) ? 'nobody' : item.state;
  const made = copy('item');
  head(made, item);
  put(made, 'h2', item.title);
  const photos = item.files.length ? list.dataset.photos.replace('{n}', item.files.length).replace('{kb}', weight(item.files)) : '';
  put(made, '[data-about]', `${photos} ${list.dataset.written.replace('{at}', clock(item.written))}`.trim());
  for (const chip of made.querySelectorAll('[data-state]')) chip.hidden = !chip.dataset.state.split(' ').includes(state);
  put(made, '[data-sentence]', item.sentence || list.dataset.refused);
  made.querySelector('.err').hidden = !['refused', 'twice'].includes(item.state);
  const first = made.querySelector('[data-first]');
  first.hidden = item.state !== 'twice';
  if (item.place) first.href = item.place;
  made.querySelector('[data-edit]').href = `${item.page.split('#')[0]}#item=${item.id}`;
  made.querySelector('[data-now]').onclick = async () => {
    const again = item.state === 'twice' ? { ...item, id: newId() } : item; // somebody wants it sent besides the first
    await putIn({ ...again, owner: here, state: 'waiting', after: 0, tries: 0, sentence: '', place: '' });
    if (again !== item) await takeOut(item.id);
    setOff();
    show();
  };
  made.querySelector('[data-delete]').onclick = async () => { if (confirm(list.dataset.sure)) { await takeOut(item.id); show(); } };
  return made;
}

function receipt(sent) {
  const made = copy('sent');
  head(made, sent);
  put(made, 'a', sent.title);
  made.querySelector('a').href = sent.place;
  put(made, 'time', clock(sent.at));
  return made;
}

// A page that opens anywhere: words and photos, for a phone whose battery is dying.
async function save() {
  const page = document.implementation.createHTMLDocument(document.title);
  for (const item of await mine()) {
    const part = page.body.appendChild(page.createElement('section'));
    part.appendChild(page.createElement('h1')).textContent = item.title;
    for (const [name, value] of item.fields) if (value && name[0] !== '_') part.appendChild(page.createElement('p')).textContent = `${name}: ${value}`;
    for (const { type, bytes } of item.files) {
      const data = new FileReader();
      await new Promise(done => { data.onload = done; data.readAsDataURL(new Blob([bytes], { type })); });
      part.appendChild(page.createElement('img')).src = data.result;
    }
  }
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([page.documentElement.outerHTML], { type: 'text/html' }));
  link.download = list.dataset.file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

// Whose things are shown. Without network this page may be everybody's copy: then the shelf of private pages says who is here.
async function reader() {
  if (aboutPage('owner') || !aboutPage('saved-at')) return aboutPage('owner');
  return (await caches.keys()).map(name => / private (\w+)$/.exec(name)?.[1]).find(Boolean) ?? '';
}
// What was written before anybody was signed in is everybody's: it becomes theirs who send it.
const mine = async () => {
  const here = await reader();
  return (await inBox()).filter(item => !item.owner || item.owner === here);
};

async function show() {
  const items = await mine(), everything = await inBox(), here = await reader();
  const sent = (await deal('sent', 'readonly', store => store.getAll())).filter(one => one.owner === here);
  const cards = items.map(item => card(item, here)), said = all => [...all].map(one => one.outerHTML).join();
  if (said(cards) !== said(list.children)) list.replaceChildren(...cards); // else a tap or the focus would be lost
  const others = document.querySelector('[data-others]');
  others.hidden = everything.length === items.length;
  document.querySelector('[data-nothing]').hidden = items.length > 0;
  for (const tool of document.querySelectorAll('[data-tools]')) tool.hidden = !items.length;
  document.querySelector('[data-sent]').hidden = !sent.length;
  document.querySelector('[data-sent] ul').replaceChildren(...sent.sort((one, other) => other.at - one.at).map(receipt));
  const safe = await navigator.storage?.persisted?.().catch(() => undefined);
  for (const said of document.querySelectorAll('[data-persisted]')) said.hidden = String(safe) !== said.dataset.persisted;
}

if (list) {
  document.querySelector('[data-save]').onclick = save;
  document.querySelector('[data-all-now]').onclick = async () => {
    const owner = await reader();
    for (const item of await mine()) if (due({ ...item, after: 0 })) await change(item.id, { owner, state: 'waiting', after: 0, tries: 0 });
    setOff();
  };
  addEventListener('town:outbox', show);
  show().catch(() => {});
}
