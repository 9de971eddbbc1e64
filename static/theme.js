// Loaded before the first paint: the page must not flash in the wrong theme.
(() => {
  const themes = ["auto", "light", "dark"];
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => localStorage.getItem("theme") || "auto";
  const show = () => {
    const theme = chosen();
    const root = document.documentElement;
    root.dataset.bsTheme = theme === "auto" ? (dark.matches ? "dark" : "light") : theme;
    root.dataset.themeChoice = theme;
  };
  show();
  dark.addEventListener("change", show);
  document.addEventListener("DOMContentLoaded", () => {
    const button = document.querySelector("[data-theme-switch]");
    button.hidden = false;
    button.addEventListener("click", () => {
      localStorage.setItem("theme", themes[(themes.indexOf(chosen()) + 1) % themes.length]);
      show();
    });
  });
})();
