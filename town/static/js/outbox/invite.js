// On home, once somebody has come back on three days: the town may be put on the home screen. Asked once, closed for good.
const invite = document.querySelector('[data-invite]');
const onScreen = matchMedia('(display-mode: standalone)').matches || navigator.standalone;

function daysHere() {
  const [last, days = 0] = (localStorage.days ?? '').split(' ');
  const today = new Date().toDateString().replaceAll(' ', '-');
  if (last !== today) localStorage.days = `${today} ${Number(days) + 1}`;
  return Number(localStorage.days.split(' ')[1]);
}

function ask(yes) {
  if (onScreen || localStorage.invited || daysHere() < 3) return;
  const [button, link, no] = invite.querySelectorAll('[data-install], [data-how], [data-no]');
  button.hidden = !yes;
  link.hidden = Boolean(yes);
  button.onclick = () => { invite.remove(); localStorage.invited = 'yes'; yes.prompt(); };
  no.onclick = () => { invite.remove(); localStorage.invited = 'no'; };
  invite.hidden = false;
}

if (invite) {
  addEventListener('beforeinstallprompt', event => { event.preventDefault(); ask(event); });
  try {
    if (navigator.standalone === false) ask(); // an iPhone says nothing by itself: it is shown how
  } catch { /* storage is closed */ }
}
