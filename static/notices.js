// What is told outside the flow of a page: toasts that stay until they are closed, and sentences
// for readers of the screen. "packer:toast" {text, level, href}, "packer:announce" {text}.
(() => {
  const MOST = 5;
  const LEVELS = ["info", "success", "warning", "danger"];
  const URGENT = ["warning", "danger"];
  const shelf = document.getElementById("toasts");
  const announcer = document.getElementById("announcer");
  const key = `toasts-${shelf.dataset.kept}`;

  // They outlive the page they came up on, but neither the tab nor the person.
  const kept = () => JSON.parse(sessionStorage.getItem(key) ?? "[]");
  const keep = () => {
    if (!shelf.dataset.kept) return;
    sessionStorage.setItem(key, JSON.stringify([...shelf.children].map((toast) => ({ ...toast.dataset }))));
  };

  // Another site must not be led to by what a name or a message says.
  const isOurs = (href) => {
    try {
      return new URL(href, location.href).origin === location.origin;
    } catch {
      return false;
    }
  };

  const sentence = ({ text, href }) => {
    if (!href || !isOurs(href)) return document.createTextNode(text);
    const link = document.createElement("a");
    link.href = href;
    link.textContent = text;
    return link;
  };

  const show = ({ text, level, href }) => {
    const toast = document.getElementById("toast").content.firstElementChild.cloneNode(true);
    const kind = LEVELS.includes(level) ? level : "info";
    Object.assign(toast.dataset, { text, level: kind, ...(href && { href }) });
    toast.setAttribute("role", URGENT.includes(kind) ? "alert" : "status");
    shelf.append(toast);
    toast.querySelector("p").append(sentence({ text, href }));
    while (shelf.children.length > MOST) shelf.firstElementChild.remove();
  };

  shelf.addEventListener("click", (event) => {
    const toast = event.target.closest(".toast-notice");
    if (!toast || !event.target.closest("button, a")) return;
    const next = toast.nextElementSibling ?? toast.previousElementSibling;
    toast.remove();
    keep();
    if (event.target.closest("button")) (next?.querySelector("button") ?? document.getElementById("main")).focus();
  });

  document.addEventListener("packer:toast", (event) => {
    show({ ...event.detail, text: String(event.detail.text) });
    keep();
  });

  // The same sentence twice is said twice: it must change in between.
  document.addEventListener("packer:announce", (event) => {
    announcer.textContent = "";
    requestAnimationFrame(() => requestAnimationFrame(() => { announcer.textContent = event.detail.text; }));
  });

  if (shelf.dataset.kept) kept().forEach(show);
  else for (const other of Object.keys(sessionStorage)) if (other.startsWith("toasts-")) sessionStorage.removeItem(other);
})();
