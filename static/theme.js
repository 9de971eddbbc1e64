// Loaded before the first paint: the page must not flash in the wrong theme. The server knows what
// was chosen; what "auto" comes to, and the zone of the clock, only the browser does.
(() => {
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const show = () => {
    const choice = root.dataset.themeChoice;
    root.dataset.bsTheme = choice === "auto" ? (dark.matches ? "dark" : "light") : choice;
  };
  show();
  dark.addEventListener("change", show);

  const zone = encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone ?? "");
  if (!document.cookie.split("; ").includes(`zone=${zone}`)) {
    document.cookie = `zone=${zone}; path=/; max-age=31536000; samesite=lax`;
  }

  // Without a new page, so that nothing typed is lost.
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.(".display button[name=theme]");
    if (!button) return;
    event.preventDefault();
    const body = new FormData(button.form);
    body.set("theme", button.value);
    fetch(button.form.action, { method: "POST", body, redirect: "manual" }).catch(() => {});
    root.dataset.themeChoice = button.value;
    for (const other of document.querySelectorAll(".display button[name=theme]")) {
      other.setAttribute("aria-pressed", String(other.value === button.value));
    }
    show();
  });
})();
