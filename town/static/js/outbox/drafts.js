// What is being written keeps itself on this device until the town has accepted it: after a crash, a sign-in or a dead
// battery the form comes back as it was, photos included. Forms with `data-outbox` or `data-draft`.
const DRAFTED = 'form[data-outbox], form[data-draft]';
const DAY = 24 * HOUR;
// Whoever is signed in finds their own again for a month. What nobody has signed is shown to whoever opens the form next on
// a phone that a family shares: it only has to outlive a dead battery.
const over = ({ owner, at }) => Date.now() - at > (owner ? 30 * DAY : DAY);
const draftOf = form => `${aboutPage('owner')} ${form.getAttribute('action')}`;
const forgetDraft = form => takeOut(draftOf(form), 'drafts').catch(() => {});

let pending;
addEventListener('input', event => draftLater(event.target.form));
addEventListener('change', event => draftLater(event.target.form));
function draftLater(form) {
  if (!form?.matches?.(DRAFTED) || form.elements.acting) return;
  clearTimeout(pending);
  pending = setTimeout(() => draftNow(form), 300);
}

async function draftNow(form) {
  if (form.dataset.busy) return;
  const kept = { id: draftOf(form), owner: aboutPage('owner'), at: Date.now(), ...await contents(form) };
  await putIn(kept, 'drafts').catch(() => {});
}

// Put fields and files back into a form, as if they had just been typed; `but` are the names of fields to be left alone.
function fill(form, { fields, files }, but = new Set()) {
  const values = new Map();
  for (const [name, value] of fields) values.set(name, [...values.get(name) ?? [], value]);
  for (const field of form.elements) {
    if (!field.name || hidden(field) || field.type === 'file' || but.has(field.name)) continue;
    const said = values.get(field.name) ?? [];
    if (['checkbox', 'radio'].includes(field.type)) field.checked = said.includes(field.value);
    else if (said.length && field.name !== '_form') field.value = said[0];
  }
  for (const input of form.querySelectorAll('input[type=file]')) {
    const again = new DataTransfer();
    for (const { field, name, type, bytes } of files) if (field === input.name) again.items.add(new File([bytes], name, { type }));
    input.files = again.files;
    if (again.files.length) input.dispatchEvent(new Event('change', { bubbles: true }));
  }
  form.dispatchEvent(new Event('input', { bubbles: true }));
}

// A form that the server has filled or that was refused is not touched.
const pristine = form => !form.querySelector('[aria-invalid="true"], #errors')
  && [...form.elements].every(field => field.type === 'hidden' || (field.value ?? '') === (field.defaultValue ?? field.value ?? ''));

// What an address asked for (`?from=2026-08-12`) was chosen later than what was being written.
const asked = form => new Set(!location.search ? [] : [...form.elements]
  .filter(field => field.defaultChecked || (!['checkbox', 'radio'].includes(field.type) && field.defaultValue)).map(field => field.name));

function tell(form, at) {
  const note = document.querySelector('#draft-found')?.content.cloneNode(true).firstElementChild;
  if (!note) return;
  note.querySelector('time').textContent = new Date(at).toLocaleString(document.documentElement.lang, { dateStyle: 'long', timeStyle: 'short' });
  note.querySelector('button').onclick = async () => { await forgetDraft(form); form.reset(); note.remove(); };
  form.prepend(note);
}

// Photos shared from the gallery join what is being written in the form that takes them, while they are fresh.
async function shared(form) {
  const found = form.dataset.shared !== undefined && await fromBox('shared', 'drafts');
  if (!found) return;
  await takeOut('shared', 'drafts');
  if (Date.now() - found.at > HOUR) return;
  const kept = await fromBox(draftOf(form), 'drafts');
  const files = [...kept?.files ?? [], ...found.files];
  await putIn({ ...await contents(form), ...kept ?? (found.fields.length && { fields: found.fields }), files, id: draftOf(form), owner: aboutPage('owner'), at: Date.now() }, 'drafts');
}

async function restore(form) {
  await shared(form);
  const wanted = new URLSearchParams(location.hash.slice(1)).get('item');
  const item = wanted ? await fromBox(wanted) : undefined;
  if (item && ['', aboutPage('owner')].includes(item.owner) && item.url === form.getAttribute('action')) {
    await change(item.id, { state: 'editing' });
    form.dataset.item = item.id;
    return fill(form, item);
  }
  const kept = await fromBox(draftOf(form), 'drafts');
  if (!kept || !pristine(form)) return;
  if (over(kept)) return forgetDraft(form);
  fill(form, kept, asked(form));
  tell(form, kept.at);
}
// They go when their time is over, even if nobody opens their form again.
deal('drafts', 'readwrite', store => {
  store.openCursor().onsuccess = ({ target: { result: found } }) => {
    if (found && over(found.value)) found.delete();
    found?.continue();
  };
}).catch(() => {});

// A form of the other sort is sent by the browser: the draft goes once the town has led on from the form's page to another.
addEventListener('submit', ({ target }) => {
  if (target.dataset?.draft !== undefined) sessionStorage.draft = JSON.stringify([draftOf(target), location.pathname]);
});
try {
  const [id, path] = JSON.parse(sessionStorage.draft ?? '[]');
  sessionStorage.removeItem('draft');
  const ledHere = path !== location.pathname && new URL(document.referrer).pathname === path;
  if (id && ledHere && !document.querySelector('#errors, [data-error]')) takeOut(id, 'drafts').catch(() => {});
} catch { /* storage is closed, or nobody led here */ }
for (const form of document.querySelectorAll(DRAFTED)) {
  if (!form.elements.acting) restore(form).catch(() => {});
  // where it may be opened again: a page that shows what is to be put right stands at an address that only takes forms
  try { if (!document.querySelector('#errors')) sessionStorage[`page ${form.getAttribute('action')}`] = location.pathname + location.search; } catch { /* closed */ }
}
