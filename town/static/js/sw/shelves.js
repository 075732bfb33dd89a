// Where things lie on the device. APP is written above by the server: town, version, files, offline, seeds.
// Every town has shelves of its own; private pages have one a person, named after them in a way that says nothing.
const SHELF = {
  files: `${APP.town} files ${APP.version}`,
  public: `${APP.town} public`,
  fragments: `${APP.town} fragments`,
};
const FILES = `${APP.town} files `;
const PRIVATE = `${APP.town} private `;

let visit = 0; // goes up at every sign-in and sign-out: what was asked for before is not kept after

const shelves = async prefix => (await caches.keys()).filter(name => name.startsWith(prefix));

// Private pages go, all of them or all but this owner's.
async function wipe(owner = '') {
  visit++;
  const gone = (await shelves(PRIVATE)).filter(name => !owner || name !== PRIVATE + owner);
  await Promise.all(gone.map(name => caches.delete(name)));
}

// Every answer tells whose device this is now. Somebody else's pages, or those of a session that has ended, go.
async function settle(answer) {
  const kind = answer.headers.get('X-Offline');
  if (kind !== 'private' && kind !== 'public') return visit;
  const owner = kind === 'private' ? answer.headers.get('X-Owner') : '';
  if ((await shelves(PRIVATE)).some(name => name !== PRIVATE + owner)) await wipe(owner);
  return visit;
}

// After a new version: this one's files and those of the version before, which saved pages may still ask for.
async function tidy() {
  const old = (await shelves(FILES)).filter(name => name !== SHELF.files).slice(0, -1);
  const foreign = (await caches.keys()).filter(name => !name.startsWith(`${APP.town} `));
  await Promise.all([...old, ...foreign].map(name => caches.delete(name)));
}
