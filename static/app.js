// What pages need beyond htmx. Every page works without it.
(() => {
  // A finished job shows more than its panel: fetch the page it stands on again.
  document.addEventListener("htmx:afterSwap", (event) => {
    if (document.querySelector("[data-reload]")) window.location.reload();
    else if (event.detail.target?.id === "panel") document.getElementById("step-title")?.focus();
  });

  // htmx swaps no error page: say that something failed, and lose nothing that was typed.
  const complain = () => {
    document.querySelector("#main > .alert-danger")?.remove();
    document.getElementById("main").prepend(document.getElementById("trouble").content.cloneNode(true));
    window.scrollTo(0, 0);
  };
  for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(failure, complain);
  }

  // What cannot be undone is asked about; what makes a row is not sent twice.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) event.preventDefault();
    else if (!form.hasAttribute("hx-post") && form.method !== "dialog") {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "yes";
    }
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.forms) delete form.dataset.sent;
  });

  document.addEventListener("htmx:xhr:progress", (event) => {
    const bar = event.target.querySelector?.(".upload-progress");
    const file = event.target.querySelector?.("input[type=file]");
    if (!bar || !file?.files.length || !event.detail.lengthComputable) return;
    bar.hidden = false;
    bar.value = (100 * event.detail.loaded) / event.detail.total;
  });

  // Groups are written in capitals: typing them small is no mistake worth a refusal.
  document.addEventListener("input", (event) => {
    if (!event.target.matches("[data-capitals]")) return;
    const { selectionStart, selectionEnd } = event.target;
    event.target.value = event.target.value.toUpperCase();
    event.target.setSelectionRange(selectionStart, selectionEnd);
  });

  // Tabs are one stop of the Tab key; arrows, Home and End move among them. Without script each
  // is a link of its own.
  const tabsOf = (tab) => [...tab.closest("[role=tablist]").querySelectorAll("[role=tab]")];
  const rove = () => {
    for (const tab of document.querySelectorAll("[role=tab]")) {
      tab.tabIndex = tab.getAttribute("aria-selected") === "true" ? 0 : -1;
    }
  };
  rove();
  document.addEventListener("htmx:afterSettle", rove);
  document.addEventListener("keydown", (event) => {
    const tab = event.target.closest?.("[role=tab]");
    if (!tab) return;
    const tabs = tabsOf(tab);
    const at = tabs.indexOf(tab);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: -1, " ": at }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = tabs.at(to % tabs.length);
    next.focus();
    next.click();
  });

  // What stands in an order can be dragged, too; its buttons do the same.
  let dragged;
  const itemOf = (event) => event.target.closest?.("[data-sorted] > li");
  const grab = () => {
    for (const item of document.querySelectorAll("[data-sorted] > li")) item.draggable = true;
  };
  grab();
  document.addEventListener("htmx:afterSettle", grab);
  document.addEventListener("dragstart", (event) => {
    dragged = itemOf(event);
    dragged?.classList.add("dragged");
  });
  document.addEventListener("dragover", (event) => {
    const item = itemOf(event);
    if (!dragged || !item || item.parentNode !== dragged.parentNode) return;
    event.preventDefault();
    const isAbove = event.offsetY < item.offsetHeight / 2;
    if (item !== dragged) item.parentNode.insertBefore(dragged, isAbove ? item : item.nextSibling);
  });
  document.addEventListener("dragend", () => {
    if (!dragged) return;
    dragged.classList.remove("dragged");
    const dropped = dragged.parentNode.parentNode.querySelector("[data-dropped]");
    dropped.value = [...dragged.parentNode.children].map((item) => item.dataset.name).join(",");
    dragged = undefined;
    dropped.click();
  });

  const zoneOf = (event) => event.target.closest?.("[data-drop-zone]");
  document.addEventListener("dragover", (event) => {
    const zone = zoneOf(event);
    if (!zone) return;
    event.preventDefault();
    zone.classList.add("over");
  });
  document.addEventListener("dragleave", (event) => zoneOf(event)?.classList.remove("over"));
  document.addEventListener("drop", (event) => {
    const zone = zoneOf(event);
    if (!zone) return;
    event.preventDefault();
    zone.classList.remove("over");
    zone.querySelector("input[type=file]").files = event.dataTransfer.files;
  });
})();
