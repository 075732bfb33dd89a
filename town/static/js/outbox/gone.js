// Whoever has erased their account leaves nothing in the drawer of this device; what others of a shared phone wrote stays.
const gone = document.querySelector('[data-gone]')?.dataset.gone;

async function leaveNothing(owner) {
  for (const name of ['items', 'drafts', 'sent']) {
    const theirs = (await deal(name, 'readonly', store => store.getAll())).filter(one => one.owner === owner);
    for (const { id } of theirs) await takeOut(id, name);
  }
  await tally();
}
if (gone && gone !== aboutPage('owner')) leaveNothing(gone).catch(() => { /* storage is closed: nothing lies there */ });
