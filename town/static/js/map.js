// Maps of the town from its own doors and street names: Leaflet draws, our stylesheet colours, no tile is asked for.
// A map stands in a figure whose caption says the same in words: its [data-at] entries are the pins. A tap places; no drag needed.
const near = (box, selector) => box.closest('form').querySelector(selector);
const svg = (name, more = {}) => {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const key in more) made.setAttribute(key, more[key]);
  return made;
};

function ink(box, name) { // canvas knows no stylesheet: ask what the class would look like
  const probe = box.appendChild(svg('svg')).appendChild(svg('path', { class: name }));
  const { fill, stroke } = getComputedStyle(probe);
  probe.parentNode.remove();
  return { fillColor: fill, color: stroke };
}

function pin(count) {
  if (count) {
    const tally = document.createElement('span');
    tally.className = 'tally';
    tally.textContent = count;
    return L.divIcon({ className: '', html: tally, iconSize: [34, 34] });
  }
  const drop = svg('svg', { viewBox: '0 0 26 34', width: 32, height: 42, 'aria-hidden': true });
  drop.append(svg('path', { class: 'pin', d: 'M13 33C8 24 2 19 2 12a11 11 0 0 1 22 0c0 7-6 12-11 21z' }), svg('circle', { cx: 13, cy: 12, r: 4, fill: '#fff' }));
  return L.divIcon({ className: '', html: drop, iconSize: [32, 42], iconAnchor: [16, 41] });
}

// As many street names as fit, those with the most doors first.
function names(map, streets, pins) {
  const shown = L.layerGroup().addTo(map);
  map.createPane('names').style.zIndex = 450; // under the pins
  const write = () => {
    shown.clearLayers();
    const { x: width, y: height } = map.getSize();
    const taken = [{ x: 30, y: 60, half: 34, tall: 60 }, ...pins.map(({ at }) => ({ ...map.latLngToContainerPoint(at), half: 18, tall: 16 }))];
    for (const { name, at } of streets) {
      const { x, y } = map.latLngToContainerPoint(at), half = name.length * 4 + 4;
      if (x < half || x > width - half || y < 12 || y > height - 12) continue;
      if (taken.some(box => Math.abs(box.x - x) < box.half + half && Math.abs(box.y - y) < box.tall + 9)) continue;
      taken.push({ x, y, half, tall: 11 });
      const words = document.createElement('span'); // an element, never HTML
      words.textContent = name;
      shown.addLayer(L.tooltip({ permanent: true, direction: 'center', className: 'name', opacity: 1, pane: 'names' }).setLatLng(at).setContent(words));
    }
  };
  map.on('zoomend moveend', write);
  write();
}

const come = (sort, more) => new Promise((done, failed) => document.head.append(
  Object.assign(document.createElement(sort), { ...more, onload: done, onerror: failed })));
let coming;
const leaflet = box => coming ??= Promise.all([come('script', { src: box.dataset.leaflet }), come('link', { rel: 'stylesheet', href: box.dataset.look })]);

async function draw(box) {
  if (box.dataset.drawn) return;
  box.dataset.drawn = 'yes';
  const [answer] = await Promise.all([fetch(box.dataset.points), leaflet(box)]).catch(() => []); // without network the words remain
  const { at, doors, chosen, streets, outline } = answer?.ok ? await answer.json() : {};
  box.hidden = !at;
  if (!at) return;
  const place = (x, y) => L.latLng(at[1] + y / at[2], at[0] + x / at[2]);
  const pairs = list => Array.from({ length: list.length / 2 }, (_, n) => place(list[2 * n], list[2 * n + 1]));
  const map = L.map(box, { attributionControl: false, zoomControl: false, scrollWheelZoom: false, dragging: !L.Browser.mobile, minZoom: 10, maxZoom: 19, zoomSnap: .25 });
  L.control.zoom({ zoomInTitle: box.dataset.in, zoomOutTitle: box.dataset.out }).addTo(map);
  const plain = pairs(doors), told = pairs(chosen), renderer = L.canvas({ padding: .3 });
  const pins = [...box.closest('figure').querySelectorAll('[data-at]')].map(entry => ({ entry, at: L.latLng(entry.dataset.at.split(',').reverse()) }));
  const focus = pins.length ? pins.map(one => one.at) : told.length ? told : plain;
  map.fitBounds(L.latLngBounds(focus).pad(.04), { maxZoom: 17 });
  for (const ring of outline) L.polygon(ring.map(([x, y]) => place(x, y)), { className: 'outline', interactive: false }).addTo(map);
  const dots = (list, name, more) => {
    const colours = ink(box, name);
    for (const one of list) L.circleMarker(one, { renderer, interactive: false, ...colours, ...more }).addTo(map);
  };
  dots(plain, 'dot', { radius: 2.5, stroke: false, fillOpacity: .6 });
  dots(told, 'chosen', { radius: 6, weight: 2, fillOpacity: .3 });
  names(map, streets.map(([name, x, y]) => ({ name, at: place(x, y) })), pins);
  for (const { entry, at } of pins) {
    const link = entry.querySelector('a'); // the caption says the same, so the pin itself is for eyes and fingers alone
    const drawn = L.marker(at, { icon: pin(entry.dataset.count), keyboard: false, interactive: Boolean(link) }).addTo(map);
    if (link) drawn.on('click', () => link.click());
  }
  if (box.dataset.pick !== undefined) picking(box, map, L.latLngBounds(plain).pad(.2));
}

function picking(box, map, around) {
  const [lon, lat, field, said, locate] = ['lon', 'lat', 'where', 'said', 'locate'].map(name => near(box, `[data-${name}]:not(option)`));
  let mark;
  const show = at => { mark = (mark ?? L.marker(at, { icon: pin(), keyboard: false, interactive: false }).addTo(map)).setLatLng(at); };
  const choose = at => { show(at); lon.value = at.lng.toFixed(6); lat.value = at.lat.toFixed(6); said.textContent = said.dataset.said; };
  if (lon.value && lat.value) { show(L.latLng(lat.value, lon.value)); map.setView(mark.getLatLng(), 17); }
  map.on('click', event => choose(event.latlng));
  field.addEventListener('input', () => { // the words have changed: a point tapped before no longer says where
    lon.value = lat.value = said.textContent = '';
    mark?.remove();
    mark = undefined;
    const meant = [...field.list.options].find(option => option.value === field.value && option.dataset.lon);
    if (meant) { show(L.latLng(meant.dataset.lat, meant.dataset.lon)); map.setView(mark.getLatLng(), 17); }
  });
  const offer = ([east, north]) => { // a photo says where it was taken: offered, never forced
    const at = L.latLng(north, east);
    if (!lon.value && !field.value && around.contains(at)) { choose(at); map.setView(at, 17); }
  };
  if (taken) offer(taken);
  addEventListener('town:place', ({ detail }) => offer(detail));
  if (!locate || !navigator.geolocation) return;
  locate.hidden = false;
  locate.addEventListener('click', () => {
    said.textContent = said.dataset.wait;
    const found = ({ coords }) => { const at = L.latLng(coords.latitude, coords.longitude); choose(at); map.setView(at, 17); };
    const failed = () => { said.textContent = said.dataset.failed; };
    navigator.geolocation.getCurrentPosition(found, failed, { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 });
  });
}

// Leaflet is heavy, and many never scroll to the map: it comes when that is near, or when a photo says where it was taken.
let taken;
const nearby = new IntersectionObserver(seen => seen.filter(one => one.isIntersecting).forEach(one => draw(one.target)), { rootMargin: '100px 0px' });
const each = work => document.querySelectorAll('[data-map]:not([data-drawn])').forEach(work);
const look = () => each(box => nearby.observe(box));
addEventListener('town:place', ({ detail }) => { taken = detail; each(draw); }, { capture: true });
addEventListener('htmx:after:swap', look);
look();
