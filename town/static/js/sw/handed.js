// What is handed to the town while it may be out of reach: a photo shared from the gallery, somebody's leaving.
// Both lie in the drawer among the drafts, under these names; forms and the next contact find them there.
async function share(event) {
  const sent = await event.request.formData();
  const files = await Promise.all(sent.getAll('photos').map(async file =>
    ({ field: 'photos', name: file.name, type: file.type, bytes: await file.arrayBuffer() })));
  const words = ['title', 'text', 'url'].map(name => sent.get(name)).filter(Boolean).join('\n');
  await putIn({ id: 'shared', at: Date.now(), fields: words ? [['words', words]] : [], files }, 'drafts');
  return Response.redirect(APP.report, 303);
}

// Somebody signs out and the town does not hear it: it is told before anything else is asked of it.
async function leaveLater() {
  await putIn({ id: 'leaving' }, 'drafts');
  registration.sync?.register('outbox').catch(() => {});
  return Response.redirect(`${APP.offline}?left`, 303);
}

async function farewell() {
  if (!await fromBox('leaving', 'drafts').catch(() => {})) return false;
  const { csrf } = await whoIsHere();
  const heard = csrf && await fetch('/logout', { method: 'POST', headers: { 'X-CSRF-Token': csrf }, redirect: 'manual' });
  if (heard?.status >= 500) throw new Error('the town rests');
  await takeOut('leaving', 'drafts');
  return true;
}
