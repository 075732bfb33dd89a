// A scanned card brings its code after the #, which no server sees. Here it goes into the field; signed out, it waits in this tab.
const field = document.querySelector('input[name=code]');
let code = decodeURIComponent(location.hash.slice(1));
if (code) history.replaceState(null, '', location.pathname);
try {
  if (code && document.querySelector('[data-code-waits]')) sessionStorage.setItem('code', code);
  if (field) { code ||= sessionStorage.getItem('code') ?? ''; sessionStorage.removeItem('code'); }
} catch { /* without storage, one scans again */ }
if (field && code && !field.value) field.value = code;
