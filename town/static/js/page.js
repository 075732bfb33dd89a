// Small comforts. Every page works without this file; listeners sit on the document, so swapped content needs no set-up.
const one = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => root.querySelectorAll(selector);

// How many characters are written, in the words that the server put into data-words.
function tally(area) {
  const count = document.getElementById(area.dataset.count);
  if (count) count.textContent = count.dataset.words.replace('{n}', area.value.length);
}
addEventListener('input', event => { if (event.target.dataset?.count) tally(event.target); });

addEventListener('change', event => {
  const box = event.target;
  if (box.type === 'file') { // the names of the chosen pictures
    const chosen = one('[data-chosen]', box.closest('.drop') ?? document);
    if (chosen) chosen.textContent = [...box.files].map(file => file.name).join(', ');
  }
});

addEventListener('click', event => {
  const close = event.target.closest?.('[data-close]');
  if (close) close.closest('.toast').remove();
  if (event.target.closest?.('[data-print]')) print();
  const copy = event.target.closest?.('[data-copy]'); // the text stands beside the button, to be copied by hand as well
  if (copy) {
    const text = document.getElementById(copy.dataset.copy);
    text.select();
    navigator.clipboard?.writeText(text.value).then(() => { copy.lastElementChild.textContent = copy.dataset.done; });
  }
});

// The browser says that the network is gone. It may be wrong the other way round, so nothing depends on it.
const network = () => { for (const banner of all('[data-offline]')) banner.hidden = navigator.onLine; };
addEventListener('online', network);
addEventListener('offline', network);

const unsent = () => one('#flash')?.replaceChildren(one('#unsent').content.cloneNode(true));
addEventListener('htmx:error', unsent);
addEventListener('htmx:response:error', event => { if ([502, 504].includes(event.detail.ctx.response.status)) unsent(); });

// After a swap, keyboard and screen reader go where the news is: the first wrong field, the errors, else the heading, unless focus is still somewhere.
addEventListener('htmx:after:swap', event => {
  const target = event.detail.ctx.target;
  const place = (target?.id && document.getElementById(target.id)) || (target?.isConnected && target) || one('main');
  const news = one('[autofocus]', place) ?? one('#errors', place) ?? (document.activeElement === document.body && one('h1, h2, h3', place));
  if (news) { if (!news.autofocus) news.tabIndex = -1; news.focus(); }
  ready();
});

function ready() {
  network();
  for (const toast of all('[data-passing]')) { // pure confirmations leave by themselves, unless somebody is on them
    delete toast.dataset.passing;
    setTimeout(() => { if (!toast.matches(':hover, :focus-within')) toast.remove(); }, 10_000);
  }
  for (const area of all('[data-count]')) tally(area);
}
ready();
