// The drawer on the device, in IndexedDB: `items` wait to be sent, `sent` are the latest receipts, `drafts` are being written.
// An item: { id, owner, url, page, kind, title, thread, fields: [[name, value]], files: [{ field, name, type, bytes }],
// written, state: waiting | held | signin | refused | editing, sentence, place, tries, after }. Never a token of the session.
const drawer = () => new Promise((done, failed) => {
  const asked = indexedDB.open('outbox', 1);
  asked.onupgradeneeded = () => {
    for (const name of ['items', 'sent', 'drafts']) asked.result.createObjectStore(name, { keyPath: 'id' });
  };
  asked.onsuccess = () => done(asked.result);
  asked.onerror = asked.onblocked = () => failed(asked.error);
});

// One transaction on a store; what `work` asked for is there once everything is on the disk.
async function deal(store, mode, work) {
  const opened = await drawer();
  try {
    return await new Promise((done, failed) => {
      const turn = opened.transaction(store, mode, { durability: 'strict' });
      const asked = work(turn.objectStore(store));
      turn.oncomplete = () => done(asked?.result);
      turn.onabort = turn.onerror = () => failed(turn.error ?? asked?.error);
    });
  } finally {
    opened.close();
  }
}

const inBox = async () => (await deal('items', 'readonly', store => store.getAll())).sort((one, other) => one.written - other.written);
const fromBox = (id, store = 'items') => deal(store, 'readonly', found => found.get(id));
const putIn = (thing, store = 'items') => deal(store, 'readwrite', found => found.put(thing));
const takeOut = (id, store = 'items') => deal(store, 'readwrite', found => found.delete(id));

// Something changes on an item, if it is still there: what somebody deleted meanwhile does not come back.
const change = (id, changes) => deal('items', 'readwrite', store => {
  const asked = store.get(id);
  asked.onsuccess = () => { if (asked.result) store.put({ ...asked.result, ...changes }); };
  return asked;
});
