// Maps of the town from its own doors and street names: Leaflet draws, our stylesheet colours, no tile is asked for.
// A map stands in a figure whose caption says the same in words: its [data-at] entries are the pins. A tap places; no drag needed.
const near = (box, selector) => box.closest('form, figure').querySelector(selector);
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
function names(map, streets) {
  const shown = L.layerGroup().addTo(map);
  const write = () => {
    shown.clearLayers();
    const taken = [], seen = map.getBounds().pad(.1);
    for (const { name, at } of streets) {
      if (!seen.contains(at)) continue;
      const { x, y } = map.latLngToContainerPoint(at), half = name.length * 4 + 8;
      if (taken.some(box => Math.abs(box.x - x) < box.half + half && Math.abs(box.y - y) < 22)) continue;
      taken.push({ x, y, half });
      const words = document.createElement('span'); // an element, never HTML
      words.textContent = name;
      shown.addLayer(L.tooltip({ permanent: true, direction: 'center', className: 'name', opacity: 1 }).setLatLng(at).setContent(words));
    }
  };
  map.on('zoomend moveend', write);
  write();
}

async function draw(box) {
  box.dataset.drawn = '';
  const answer = await fetch(box.dataset.points).catch(() => undefined); // without network the words remain
  const { at, doors, chosen, streets, outline } = answer?.ok ? await answer.json() : {};
  box.hidden = !at;
  if (!at) return;
  const place = (x, y) => L.latLng(at[1] + y / at[2], at[0] + x / at[2]);
  const pairs = list => Array.from({ length: list.length / 2 }, (_, n) => place(list[2 * n], list[2 * n + 1]));
  const map = L.map(box, { attributionControl: false, zoomControl: false, scrollWheelZoom: false, dragging: !L.Browser.mobile, minZoom: 10, maxZoom: 19, zoomSnap: .5 });
  L.control.zoom({ zoomInTitle: box.dataset.in, zoomOutTitle: box.dataset.out }).addTo(map);
  const plain = pairs(doors), told = pairs(chosen), renderer = L.canvas({ padding: .3 });
  const pins = [...box.closest('figure').querySelectorAll('[data-at]')].map(entry => ({ entry, at: L.latLng(entry.dataset.at.split(',').reverse()) }));
  const focus = pins.length ? pins.map(one => one.at) : told.length ? told : plain;
  map.fitBounds(L.latLngBounds(focus).pad(.08), { maxZoom: 17 });
  for (const ring of outline) L.polygon(ring.map(([x, y]) => place(x, y)), { className: 'outline', interactive: false }).addTo(map);
  const dots = (list, name, more) => {
    const colours = ink(box, name);
    for (const one of list) L.circleMarker(one, { renderer, interactive: false, ...colours, ...more }).addTo(map);
  };
  dots(plain, 'dot', { radius: 2.5, stroke: false, fillOpacity: .6 });
  dots(told, 'chosen', { radius: 6, weight: 2, fillOpacity: .3 });
  names(map, streets.map(([name, x, y]) => ({ name, at: place(x, y) })));
  for (const { entry, at } of pins) {
    const link = entry.querySelector('a'); // the caption says the same, so the pin itself is for eyes and fingers alone
    const drawn = L.marker(at, { icon: pin(entry.dataset.count), keyboard: false, interactive: Boolean(link) }).addTo(map);
    if (link) drawn.on('click', () => link.click());
  }
  if (box.dataset.pick !== undefined) picking(box, map);
}

function picking(box, map) {
  const [lon, lat, field, said, locate] = ['lon', 'lat', 'where', 'said', 'locate'].map(name => near(box, `[data-${name}]`));
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
  if (!locate || !navigator.geolocation) return;
  locate.hidden = false;
  locate.addEventListener('click', () => {
    said.textContent = said.dataset.wait;
    const found = ({ coords }) => { const at = L.latLng(coords.latitude, coords.longitude); choose(at); map.setView(at, 17); };
    const failed = () => { said.textContent = said.dataset.failed; };
    navigator.geolocation.getCurrentPosition(found, failed, { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 });
  });
}

const all = () => document.querySelectorAll('[data-map]:not([data-drawn])').forEach(draw);
addEventListener('htmx:after:swap', all);
all();
