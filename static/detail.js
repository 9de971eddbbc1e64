// What the pages of one release do beyond htmx. Every page works without it.
(() => {
  // Over plain http browsers offer no clipboard but this old one.
  const copyOld = (text) => {
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "visually-hidden";
    document.body.append(field);
    field.select();
    const isCopied = document.execCommand("copy");
    field.remove();
    return isCopied;
  };

  const copy = async (button) => {
    const text = button.dataset.copies;
    const isCopied = await navigator.clipboard?.writeText(text).then(() => true, () => false) ?? copyOld(text);
    const said = button.dataset[isCopied ? "copied" : "refused"];
    document.dispatchEvent(new CustomEvent("packer:announce", { detail: { text: said } }));
    const usual = button.dataset.usual ?? (button.dataset.usual = button.textContent);
    button.textContent = said;
    setTimeout(() => { button.textContent = usual; }, 2000);
    button.focus();
  };

  // Choosing files: all of the page at once, a row of them with Shift.
  const boxes = (form) => [...form.querySelectorAll("input[name=file]:not(:disabled)")];
  const tally = (form) => {
    const count = boxes(form).filter((box) => box.checked).length;
    const all = form.querySelector("[data-choose-all]");
    all.checked = count > 0 && count === boxes(form).length;
    all.indeterminate = count > 0 && !all.checked;
    const button = form.querySelector("[data-several-button]");
    button.disabled = count === 0;
    button.querySelector("[data-count]").textContent = count ? ` (${count})` : "";
  };

  let last;
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-copies]");
    if (button) copy(button);
    const form = event.target.closest?.("[data-several]");
    if (!form) return;
    if (event.target.matches("[data-choose-all]")) {
      for (const box of boxes(form)) box.checked = event.target.checked;
    } else if (event.target.matches("input[name=file]")) {
      const all = boxes(form);
      const [from, to] = [all.indexOf(last), all.indexOf(event.target)].sort((a, b) => a - b);
      if (event.shiftKey && from >= 0) for (const box of all.slice(from, to)) box.checked = event.target.checked;
      last = event.target;
    } else return;
    tally(form);
  });

  const begin = () => {
    for (const button of document.querySelectorAll("[data-copies]")) button.hidden = false;
    for (const form of document.querySelectorAll("[data-several]")) {
      form.querySelector("[data-choose-all]").hidden = false;
      tally(form);
    }
    for (const tab of document.querySelectorAll(".release-tabs [aria-selected=true]")) {
      const box = tab.parentElement;
      box.scrollLeft = tab.offsetLeft - (box.clientWidth - tab.offsetWidth) / 2;
    }
  };
  begin();
  window.addEventListener("pageshow", begin);
  document.addEventListener("htmx:afterSettle", begin);
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target?.id !== "viewed") return;
    const title = document.getElementById("viewed-title");
    title?.focus();
    title?.scrollIntoView({ block: "start" });
  });
})();
