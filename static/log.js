// Copies the log of a job. Without script, it can be downloaded.
(() => {
  const button = document.querySelector("[data-copy-log]");
  if (!button) return;
  button.hidden = false;

  // Over plain http there is no other way.
  const copyOld = (text) => {
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "visually-hidden";
    document.body.append(field);
    field.select();
    const isCopied = document.execCommand("copy");
    field.remove();
    button.focus();
    return isCopied;
  };

  button.addEventListener("click", async () => {
    const text = [...document.querySelectorAll("[data-log] > li")].map((line) => line.textContent).join("\n");
    const isCopied = await navigator.clipboard?.writeText(text).then(() => true, () => false) ?? copyOld(text);
    const said = isCopied ? button.dataset.copied : button.dataset.refused;
    document.dispatchEvent(new CustomEvent("packer:toast", { detail: { text: said, level: isCopied ? "success" : "warning" } }));
  });
})();
