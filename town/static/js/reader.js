// The search of a copy that people took home: no server, only the words that lie beside the page.
(() => {
  const form = document.querySelector("[data-find]");
  const words = window.townWords;
  if (!form || !words) return;
  const field = form.querySelector("input"), said = form.querySelector("[role=status]"), list = form.querySelector("ul");
  const fold = (text) => text.normalize("NFKD").replace(/\p{Mn}/gu, "").toLowerCase()
    .replace(/œ/g, "oe").replace(/æ/g, "ae").replace(/[^\p{L}\p{N}]+/gu, " ").trim();

  const show = () => {
    const wanted = fold(field.value).split(" ").filter(Boolean);
    const found = wanted.length ? words.filter((line) => wanted.every((word) => line[3].includes(word))) : [];
    list.replaceChildren(...found.slice(0, 50).map(([title, address, kind]) => {
      const line = document.createElement("li"), link = document.createElement("a");
      link.href = address;
      link.textContent = title; // never as markup: people wrote it
      link.className = "card";
      link.dataset.kind = kind;
      line.append(link);
      return line;
    }));
    said.textContent = !wanted.length ? "" : found.length ? `${said.dataset.some} ${found.length}` : said.dataset.none;
  };

  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  field.addEventListener("input", show);
})();
