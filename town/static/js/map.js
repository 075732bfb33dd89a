// Maps without a foreign server: what the town knows (outline, addresses, streets) drawn by Leaflet. The list or the
// address field beside each map says the same, so a map may fail without loss.
// data-points: a GeoJSON address; a feature's properties are look (dot, pin, chosen, outline, name), label, url.
// data-pick: a tap puts the pin there and fills the lat and lon fields of the map's form.
const LOOKS = { dot: 3, pin: 9, chosen: 12 };

function symbol(feature, at) {
  const { look = 'pin', label = '' } = feature.properties;
  if (look !== 'name') return L.circleMarker(at, { radius: LOOKS[look] ?? 9, className: look, interactive: look !== 'dot' });
  const words = document.createElement('span');
  words.textContent = label;
  return L.marker(at, { icon: L.divIcon({ className: 'name', html: words, iconSize: null }), interactive: false, keyboard: false });
}

function caption(feature, layer) {
  const { look = 'pin', label, url } = feature.properties;
  if (!label || look === 'name' || look === 'dot') return;
  const words = document.createElement(url ? 'a' : 'span'); // an element, never HTML: people wrote the label
  words.textContent = label;
  if (url) words.href = url;
  layer.bindPopup(words);
}

async function draw(box) {
  box.dataset.drawn = '';
  const map = L.map(box, { attributionControl: false, zoomSnap: 0.5, scrollWheelZoom: false });
  const shown = L.featureGroup().addTo(map);
  map.setView([46.6, 2.4], 5);
  for (const url of [box.dataset.outline, box.dataset.points].filter(Boolean)) {
    const answer = await fetch(url, { headers: { Accept: 'application/geo+json, application/json' } });
    if (answer.ok) {
      L.geoJSON(await answer.json(), {
        pointToLayer: symbol, onEachFeature: caption, style: feature => ({ className: feature.properties.look ?? 'outline' }),
      }).addTo(shown);
    }
  }
  if (shown.getBounds().isValid()) map.fitBounds(shown.getBounds(), { padding: [16, 16], maxZoom: 18 });
  if (box.dataset.pick !== undefined) pick(box, map);
}

function pick(box, map) {
  const [lat, lon] = ['lat', 'lon'].map(name => box.closest('form')?.elements[name]);
  if (!lat || !lon) return;
  const pin = L.circleMarker([0, 0], { radius: 9, className: 'pin' });
  if (lat.value && lon.value) pin.setLatLng([lat.value, lon.value]).addTo(map);
  map.on('click', event => {
    pin.setLatLng(event.latlng).addTo(map);
    lat.value = event.latlng.lat.toFixed(6);
    lon.value = event.latlng.lng.toFixed(6);
  });
}

const draws = () => { for (const box of document.querySelectorAll('[data-map]:not([data-drawn])')) draw(box).catch(() => box.hidden = true); };
addEventListener('htmx:after:swap', draws);
draws();
