// What every page does for the outbox: it says how many things wait, and tries again when there is hope.
async function tally() {
  const waiting = (await inBox()).length;
  try { if (waiting) localStorage.outbox = waiting; else localStorage.removeItem('outbox'); } catch { /* closed */ }
  const sign = document.querySelector('[data-waiting]');
  if (!sign) return;
  sign.hidden = !waiting || Boolean(document.querySelector('[data-outbox-list]'));
  sign.querySelector('b').textContent = (waiting > 1 ? sign.dataset.many : sign.dataset.one).replace('{n}', waiting);
}
addEventListener('town:outbox', () => tally().catch(() => {}));
tally().catch(() => {});

// What waits is tried again when the network may be back, when somebody looks, and now and then while they do.
const lookAgain = () => { if (!document.hidden) setOff(); };
addEventListener('online', setOff);
document.addEventListener('visibilitychange', lookAgain);
setInterval(() => inBox().then(items => items.some(soon) && lookAgain()).catch(() => {}), 20_000);
inBox().then(items => items.some(due) && setOff()).catch(() => {});
