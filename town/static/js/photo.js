// A phone's photo is made smaller before it is sent, and the place it was taken at is offered for the report.
// Without this file the photo is sent as it is; the town takes out everything but its pixels in any case.
const LONGEST = 1600;

async function smaller(file) {
  if (!file.type.startsWith('image/') || file.size < 400_000) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: 'from-image' });
    const scale = LONGEST / Math.max(picture.width, picture.height);
    const paper = Object.assign(document.createElement('canvas'), { width: Math.round(picture.width * Math.min(scale, 1)), height: Math.round(picture.height * Math.min(scale, 1)) });
    paper.getContext('2d').drawImage(picture, 0, 0, paper.width, paper.height);
    const made = await new Promise(done => paper.toBlob(done, 'image/jpeg', .85));
    return made && made.size < file.size ? new File([made], file.name.replace(/\.\w+$/, '.jpg'), { type: 'image/jpeg' }) : file;
  } catch { return file; } // a format that this browser cannot open
}

// Where a JPEG says it was taken, as [lon, lat]; undefined when it does not say.
async function taken(file) {
  const view = new DataView(await file.slice(0, 131072).arrayBuffer());
  let at = 2;
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return;
  while (at + 4 < view.byteLength && view.getUint16(at) !== 0xffe1) at += 2 + view.getUint16(at + 2);
  const tiff = at + 10;
  if (tiff + 8 > view.byteLength || view.getUint32(at + 4) !== 0x45786966) return; // Exif
  const little = view.getUint16(tiff) === 0x4949;
  const u16 = where => view.getUint16(where, little), u32 = where => view.getUint32(where, little);
  const entries = start => new Map(Array.from({ length: u16(start) }, (_, n) => start + 2 + 12 * n).map(entry => [u16(entry), entry]));
  const gps = entries(tiff + u32(tiff + 4)).get(0x8825);
  if (!gps) return;
  const found = entries(tiff + u32(gps + 8));
  const degrees = (tag, reference, minus) => {
    const first = tiff + u32(found.get(tag) + 8);
    const [d, m, s] = [0, 8, 16].map(step => u32(first + step) / u32(first + step + 4));
    return (d + m / 60 + s / 3600) * (String.fromCharCode(view.getUint8(found.get(reference) + 8)) === minus ? -1 : 1);
  };
  if ([1, 2, 3, 4].every(tag => found.has(tag))) return [degrees(4, 3, 'W'), degrees(2, 1, 'S')];
}

globalThis.lighter = smaller; // the outbox asks for it too, when somebody is faster than this

addEventListener('change', async event => {
  const input = event.target;
  if (input.type !== 'file' || !input.files.length) return;
  const files = [...input.files], place = await taken(files[0]).catch(() => undefined);
  const light = new DataTransfer();
  for (const file of files) light.items.add(await smaller(file));
  input.files = light.files;
  if (place?.every(Number.isFinite)) dispatchEvent(new CustomEvent('town:place', { detail: place }));
});
