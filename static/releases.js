// What the list of releases does beyond its forms, all of which work without script.
(() => {
  const boxesOf = (form) => [...form.querySelectorAll("input[name=release]")];
  let last;

  const tell = (form) => {
    const boxes = boxesOf(form);
    const all = form.querySelector("[data-bulk-all]");
    const chosen = boxes.filter((box) => box.checked).length;
    for (const box of boxes) box.closest("tr, li")?.classList.toggle("chosen", box.checked || !!all?.checked);
    const page = form.querySelector("[data-bulk-page] input");
    page.checked = chosen === boxes.length;
    page.indeterminate = chosen > 0 && chosen < boxes.length;
    const label = all?.checked ? all.parentNode.textContent.trim() : chosen ? `${form.dataset.chosen} ${chosen}` : "";
    form.querySelector("[data-bulk-count]").textContent = label;
  };

  const prepare = () => {
    for (const form of document.querySelectorAll("[data-bulk]")) {
      form.querySelector("[data-bulk-page]").hidden = false;
      tell(form);
    }
  };

  document.addEventListener("click", (event) => {
    const box = event.target;
    const form = box.closest?.("[data-bulk]");
    if (!form || box.name !== "release") return;
    const boxes = boxesOf(form);
    const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)];
    if (event.shiftKey && from >= 0) {
      for (const one of boxes.slice(Math.min(from, to), Math.max(from, to) + 1)) one.checked = box.checked;
    }
    last = box;
    tell(form);
  });

  document.addEventListener("change", (event) => {
    const form = event.target.closest("[data-bulk]");
    if (!form) return;
    if (event.target.closest("[data-bulk-page]")) {
      for (const box of boxesOf(form)) box.checked = event.target.checked;
    }
    tell(form);
  });

  // The fields of the filters follow the address: what was swapped in may ask for less.
  document.addEventListener("htmx:afterSwap", prepare);
  window.addEventListener("pageshow", prepare);
  prepare();
})();
