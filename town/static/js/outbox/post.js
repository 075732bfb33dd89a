// Sending what waits: one at a time on this device, in the order it was written, until the town has given its receipt.
// Nothing leaves the drawer for any other reason than that receipt, or the gesture of whoever wrote it.
const HOUR = 3_600_000;
const LONGEST_TRY = 300_000; // a photo on a very slow network
const AGAIN = [425, 429];
const RECEIPTS = 5; // how many of the latest are shown

const pause = tries => Math.min(HOUR, 5000 * 2 ** Math.min(tries, 10)) * (.75 + Math.random() / 2);

// Its pause is over. A clock that was set back must not make it wait for days.
const due = item => ['waiting', 'signin', 'held'].includes(item.state)
  && ((item.after ?? 0) <= Date.now() || item.after - Date.now() > 2 * HOUR);

// What waits for somebody to come is looked at when a page opens or is looked at again; only the rest is worth trying by the clock.
const soon = item => item.state === 'waiting' && due(item);

// Everybody on this device hears what became of an item: pages by an event, the worker's clients by a message.
async function say(id, state, more = {}) {
  const detail = { id, state, ...more };
  if (globalThis.clients?.matchAll) for (const page of await clients.matchAll()) page.postMessage({ outbox: detail });
  else dispatchEvent(new CustomEvent('town:outbox', { detail }));
}

// Whose device this is now, and the token for their forms. It fails where the town cannot be asked.
async function whoIsHere() {
  const answer = await fetch('/session', { headers: { Accept: 'application/json' }, cache: 'no-store' });
  const { owner, csrf } = await answer.json();
  return { owner: owner ?? '', csrf: csrf ?? '' };
}

function parcel(item) {
  const form = new FormData();
  for (const [name, value] of item.fields) form.append(name, value);
  for (const { field, name, type, bytes } of item.files) form.append(field, new File([bytes], name, { type }));
  return form;
}

const carry = (item, session) => fetch(item.url, {
  method: 'POST',
  body: parcel(item),
  redirect: 'manual',
  headers: { Accept: 'application/json', 'Idempotency-Key': item.id, 'X-CSRF-Token': session.csrf },
  signal: AbortSignal.timeout?.(LONGEST_TRY),
});

async function later(item, seconds = 0) {
  const tries = (item.tries ?? 0) + 1;
  await change(item.id, { state: 'waiting', tries, after: Date.now() + Math.max(seconds * 1000, pause(tries)) });
  await say(item.id, 'waiting');
}

async function wait(item, state) {
  await change(item.id, { state });
  await say(item.id, state);
}

// The town has it, now or since an earlier try whose answer was lost.
async function received(item, place) {
  await putIn({ id: item.id, owner: item.owner, kind: item.kind, title: item.title, at: Date.now(), place }, 'sent');
  await takeOut(item.id);
  const known = await deal('sent', 'readonly', store => store.getAll());
  known.sort((one, other) => other.at - one.at);
  for (const old of known.slice(RECEIPTS)) await takeOut(old.id, 'sent');
  await say(item.id, 'sent', { place });
}

async function refusal(item, answer) {
  const said = await answer.json().catch(() => ({}));
  const sentence = said.sentence ?? Object.values(said.errors ?? {}).flat().join(' ');
  const state = said.error === 'key-reuse' ? 'twice' : 'refused';
  await change(item.id, { state, sentence, place: said.location ?? '', status: answer.status });
  await say(item.id, state);
}

// One try. Whether the next of its thread may follow.
async function send(item, session) {
  await say(item.id, 'sending');
  let answer;
  try {
    answer = await carry(item, session);
    if (answer.status === 403) { // perhaps only the token of an older session; never with somebody else's
      const now = await whoIsHere();
      if (now.owner !== item.owner) return void await wait(item, now.owner ? 'held' : 'signin');
      answer = await carry(item, now);
    }
  } catch {
    await later(item);
    return false;
  }
  const { status } = answer;
  if (status === 200 || status === 201) {
    const said = await answer.json().catch(() => ({})); // a page of somebody's hotel, not ours
    if (said.location) await received(item, said.location);
    else await later(item);
    return Boolean(said.location);
  }
  if (status === 401) await wait(item, 'signin');
  else if (answer.type === 'opaqueredirect' || status >= 500 || AGAIN.includes(status)) {
    await later(item, Number(answer.headers.get('Retry-After')) || 0);
  } else await refusal(item, answer);
  return false;
}

async function round() {
  const waiting = (await inBox()).filter(due);
  if (!waiting.length) return;
  let session;
  try {
    session = await whoIsHere();
  } catch {
    for (const item of waiting) await say(item.id, 'waiting');
    return;
  }
  const stopped = new Set();
  for (const { id, thread } of waiting) {
    const item = await fromBox(id);
    if (!item || !due(item) || stopped.has(thread)) continue;
    if (item.owner !== session.owner) await wait(item, session.owner ? 'held' : 'signin');
    else if (item.state === 'signin' && !item.owner) { /* the town asks who writes: still nobody is here to say */ }
    else if (await send(item, session)) continue;
    if (thread) stopped.add(thread);
  }
}

// Only one at a time, whichever page or worker begins: the others wait their turn and find what is left.
const flush = () => (globalThis.navigator.locks ? navigator.locks.request('outbox', round) : round());
