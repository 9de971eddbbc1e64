// What the editor of templates does beyond htmx. It works without.
(() => {
  const editorOf = (element) => document.getElementById(element.dataset.into);

  const startOf = (text, line) => text.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);

  // A mark leads to its place in the text; in the NFO, the browser follows the link.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-line][data-into]");
    const editor = link && editorOf(link);
    if (!editor) return;
    event.preventDefault();
    const line = Number(link.dataset.line);
    const lines = editor.value.split("\n");
    const start = startOf(editor.value, line) + Number(link.dataset.column) - 1;
    const end = Math.min(start + 1, startOf(editor.value, line) + (lines[line - 1] ?? "").length);
    editor.focus();
    editor.setSelectionRange(start, Math.max(start, end));
    editor.scrollTop = ((line - 1) / lines.length) * editor.scrollHeight - editor.clientHeight / 3;
    tell(editor);
  });

  // What is put in can be taken back with the keyboard: that is all execCommand is kept for.
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-insert]");
    const editor = button && editorOf(button);
    if (!editor || editor.readOnly) return;
    editor.focus();
    if (!document.execCommand("insertText", false, button.dataset.insert)) {
      editor.setRangeText(button.dataset.insert, editor.selectionStart, editor.selectionEnd, "end");
      editor.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });

  const tell = (editor) => {
    const output = document.querySelector(`[data-cursor="${editor.id}"]`);
    if (!output) return;
    const before = editor.value.slice(0, editor.selectionStart);
    const line = before.split("\n").length;
    output.textContent = `${line}:${before.length - before.lastIndexOf("\n")}`;
  };
  document.addEventListener("selectionchange", () => {
    if (document.activeElement?.matches(".nfo-edit")) tell(document.activeElement);
  });

  // The ruler goes where its text is scrolled to.
  document.addEventListener("scroll", ({ target }) => {
    const ruler = target.matches?.(".nfo-edit") && target.parentNode.querySelector(".nfo-ruler");
    if (ruler) ruler.style.textIndent = `${-target.scrollLeft}px`;
  }, true);

  // A download of what is typed: htmx would put the file into the page.
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-download]");
    if (!button?.form) return;
    event.preventDefault();
    const form = document.createElement("form");
    form.method = "post";
    form.action = button.formAction;
    form.enctype = button.form.enctype;
    for (const [name, value] of new FormData(button.form, button)) {
      if (typeof value !== "string") continue;
      const field = document.createElement("textarea");
      field.name = name;
      field.value = value;
      form.append(field);
    }
    form.hidden = true;
    document.body.append(form);
    form.submit();
    form.remove();
  });
})();
