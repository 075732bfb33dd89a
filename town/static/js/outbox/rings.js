// A phone that rings for somebody goes on after they have signed in again; somebody else's stops. The bell of the icon is
// seen to once the town is open.
async function goOnRinging(url, { owner, wants }) {
  const found = await (await navigator.serviceWorker.ready).pushManager.getSubscription();
  if (!found) return localStorage.removeItem('push');
  const tell = (to, fields) => fetch(to, { method: 'POST', body: new URLSearchParams(fields), headers: { Accept: 'application/json' } });
  if (owner === aboutPage('owner')) {
    const { csrf } = await (await fetch('/session', { headers: { Accept: 'application/json' } })).json();
    return tell(url, [...wants, ['subscription', JSON.stringify(found)], ['_csrf', csrf]]);
  }
  localStorage.removeItem('push');
  await tell('/push/silence', { endpoint: found.endpoint });
  await found.unsubscribe();
}
try {
  const rings = JSON.parse(localStorage.push ?? 'null');
  if (rings?.owner && aboutPage('push')) goOnRinging(aboutPage('push'), rings).catch(() => {});
} catch { /* storage is closed */ }
navigator.clearAppBadge?.().catch(() => {});
