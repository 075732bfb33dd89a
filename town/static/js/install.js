// The browser's own question, asked when somebody asks for it.
const offer = document.querySelector('[data-install]');
const done = document.querySelector('[data-installed]');
const inside = matchMedia('(display-mode: standalone)').matches || navigator.standalone;
done.hidden = !inside;
addEventListener('beforeinstallprompt', event => {
  event.preventDefault();
  offer.hidden = false;
  offer.querySelector('button').onclick = () => event.prompt();
});
addEventListener('appinstalled', () => { offer.hidden = true; done.hidden = false; });
