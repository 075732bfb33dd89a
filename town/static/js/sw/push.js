// The phone rings: what the town says is shown, and a tap leads there. What has the same tag is replaced.
addEventListener('push', event => {
  const { title, body, lang, tag, url, unread, key } = event.data.json();
  event.waitUntil(Promise.all([
    registration.showNotification(title, { body, lang, tag, data: url, renotify: true, icon: APP.icon }),
    unread && navigator.setAppBadge?.(unread),
    key && registration.pushManager.getSubscription().then(old => old?.unsubscribe().then(() => moved(old, key))),
  ]));
});

addEventListener('notificationclick', event => {
  const { notification } = event;
  notification.close();
  const url = new URL(notification.data, location).href;
  event.waitUntil(clients.matchAll({ type: 'window' }).then(windows => {
    const there = windows.find(one => one.url === url) ?? windows[0];
    return there ? there.focus().then(() => there.url === url || there.navigate(url)) : clients.openWindow(url);
  }));
});

// The browser has another address for this phone, or the town another key.
async function moved(old, key) {
  const applicationServerKey = key ?? old.options.applicationServerKey;
  const fresh = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
  const body = new URLSearchParams({ former: old.endpoint, subscription: JSON.stringify(fresh), key: key ?? '' });
  await fetch('/push/moves', { method: 'POST', body });
}
addEventListener('pushsubscriptionchange', event => event.waitUntil(moved(event.oldSubscription)));
