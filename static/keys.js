// The keys of every page. Those of a page of its own stand in its block `keys`.
(() => {
  const help = document.getElementById("keys-help");
  const WRITTEN_IN = "input, textarea, select, [contenteditable]";
  const SEARCH = "main input[type=search], main input[name=search], main input[name=q]";

  const open = () => help.open || help.showModal();
  for (const item of document.querySelectorAll(".help-item")) item.hidden = false;
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-keys-help]")) open();
    else if (event.target === help) help.close();
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(WRITTEN_IN)) return;
    if (event.key === "?") open();
    else if (event.key === "/") {
      const search = document.querySelector(SEARCH);
      if (!search) return;
      search.focus();
      search.select();
    } else return;
    event.preventDefault();
  });

  // A menu closes when one goes on elsewhere, as those of the system do.
  const closeMenus = (but) => {
    for (const menu of document.querySelectorAll("details[data-closes][open]")) {
      if (menu !== but) menu.open = false;
    }
  };
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details[data-closes]")));
  document.addEventListener("focusin", (event) => closeMenus(event.target.closest("details[data-closes]")));
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest?.("details[data-closes][open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
})();
