// The table of permissions ticks what a tick implies, and says it. The server does the same.
(() => {
  const ORDER = ["read", "write", "mod"];

  const row = (box) => {
    const [resource] = box.value.split(":");
    const boxes = ORDER.map((action) => box.closest("table").querySelector(`input[type=checkbox][value="${resource}:${action}"]`));
    return { boxes, at: boxes.indexOf(box) };
  };

  document.addEventListener("change", ({ target }) => {
    const table = target.closest?.("[data-matrix]");
    if (!table || target.type !== "checkbox") return;
    const { boxes, at } = row(target);
    if (at < 0) return;
    const others = target.checked ? boxes.slice(0, at) : boxes.slice(at + 1);
    const changed = others.filter((box) => !box.disabled && box.checked !== target.checked);
    for (const box of changed) box.checked = target.checked;
    if (!changed.length) return;
    const said = target.checked ? table.dataset.given : table.dataset.taken;
    const text = `${said} ${changed.map((box) => box.getAttribute("aria-label")).join(", ")}`;
    document.dispatchEvent(new CustomEvent("packer:announce", { detail: { text } }));
  });
})();
