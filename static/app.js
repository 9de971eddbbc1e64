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
    else if (!form.hasAttribute("hx-post")) {
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
