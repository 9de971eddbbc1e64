// Keeps what is typed, checks it as it is typed, and goes from step to step by keys. The wizard
// works without.
(() => {
  const PAUSE_MS = 700; // after the last key
  const RETRIES_MS = [2000, 5000, 10000, 20000];
  const KEPT_MS = 7 * 24 * 3600 * 1000;
  const MOST_CHARACTERS = 1_000_000;
  const OURS = new Set(["csrfmiddlewaretoken", "page", "seen"]);

  let changed; // the names of what was changed in this page
  let timer;
  let tries = 0;
  let isHeld = false; // until somebody says which of two versions is to stay
  let round = 0; // of saving: what an older one answers is not heard
  let current; // where the copy of this step is kept

  const form = () => document.getElementById("wizard-form");
  const isLive = () => form() && !("packed" in form().dataset);
  const status = () => document.getElementById("save-status");
  const say = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));

  const values = () =>
    [...new FormData(form())].filter(([name, value]) => typeof value === "string" && !OURS.has(name));

  // A copy in the browser, until the server has it.
  const copyKey = () => `typed:${form().dataset.draft}:${form().dataset.step}`;
  const typedFields = () =>
    [...form().elements].filter((one) => one.name && !["hidden", "file", "submit", "button"].includes(one.type) && !OURS.has(one.name));
  const typedValues = () => {
    const names = new Set(typedFields().map((one) => one.name));
    return values().filter(([name]) => names.has(name));
  };
  const copy = () => {
    const { page, seen } = form().elements;
    const kept = { at: Date.now(), page: page.value, seen: seen.value, typed: typedValues() };
    const text = JSON.stringify(kept);
    if (text.length > MOST_CHARACTERS) return;
    try { localStorage.setItem(current, text); } catch { /* full, or forbidden: the server has it soon */ }
  };
  const forget = (key) => { try { localStorage.removeItem(key); } catch { /* forbidden */ } };
  const copied = () => {
    try {
      const kept = JSON.parse(localStorage.getItem(current) ?? "null");
      return kept && Date.now() - kept.at < KEPT_MS ? kept : null;
    } catch { return null; }
  };
  const restore = () => {
    const kept = copied();
    if (!kept || JSON.stringify(kept.typed) === JSON.stringify(typedValues())) return forget(current);
    for (const field of typedFields()) {
      const given = kept.typed.filter(([name]) => name === field.name).map(([, value]) => value);
      if (["checkbox", "radio"].includes(field.type)) field.checked = given.includes(field.value);
      else if (given.length) [field.value] = given;
      changed.add(field.name);
    }
    form().elements.page.value = kept.page;
    form().elements.seen.value = kept.seen;
    tell("restored");
    save();
  };

  // The clock of the preferences, as on the rest of the page.
  const clock = () => {
    const { lang, dataset } = document.documentElement;
    const now = new Date();
    try {
      return now.toLocaleTimeString(lang, { timeZone: dataset.zone || undefined });
    } catch { return now.toLocaleTimeString(lang); } // a zone that the browser does not know
  };

  const tell = (what, extra) => {
    const line = status();
    if (!line) return;
    const isLost = ["lost", "outdated", "loggedOut"].includes(what);
    line.classList.toggle("lost", isLost);
    line.textContent = line.dataset[what] + (what === "saved" ? ` ${clock()}` : "");
    if (extra) line.append(" ", extra);
    if (isLost && line.dataset.told !== what) say("packer:announce", { text: line.textContent });
    line.dataset.told = what;
  };

  // Errors stand at their field, and only at those that somebody has been at.
  const showErrors = (name, sentences) => {
    const fields = [...form().elements].filter((one) => one.name === name && one.type !== "hidden");
    const place = fields[0]?.closest(".mb-3, .own, .drop-zone, fieldset");
    if (!place) return;
    const id = `id_${name}_error`;
    document.getElementById(id)?.remove();
    for (const list of place.querySelectorAll(":scope > .errorlist")) list.remove();
    if (sentences.length) {
      const list = document.createElement("ul");
      list.className = "errorlist";
      list.id = id;
      for (const sentence of sentences) {
        const item = document.createElement("li");
        item.textContent = sentence;
        list.append(item);
      }
      place.append(list);
    }
    for (const field of fields) {
      const others = (field.getAttribute("aria-describedby") ?? "").split(" ").filter((one) => one && one !== id);
      const described = sentences.length ? [...others, id] : others;
      if (described.length) field.setAttribute("aria-describedby", described.join(" "));
      else field.removeAttribute("aria-describedby");
      if (sentences.length) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    }
  };
  const isBeingTyped = (name) => {
    const field = document.activeElement;
    return field?.name === name && field.matches("input:not([type=radio], [type=checkbox]), textarea");
  };
  const judge = (wrong) => {
    for (const name of changed) {
      const sentences = wrong[name] ?? [];
      if (sentences.length && isBeingTyped(name) && !document.getElementById(`id_${name}_error`)) continue;
      showErrors(name, sentences);
    }
  };

  const hold = (html) => {
    isHeld = true;
    document.getElementById("wizard-notices").innerHTML = html; // made by the server, which escapes
    status().textContent = "";
  };

  const later = (pause) => {
    clearTimeout(timer);
    timer = setTimeout(save, pause);
  };
  const logIn = (url) => {
    const link = document.createElement("a");
    link.href = url;
    link.textContent = status().dataset.logIn;
    return link;
  };
  const send = (keepalive) => {
    const body = new URLSearchParams(values());
    for (const name of OURS) body.append(name, form().elements[name].value);
    return fetch(form().dataset.keep, { method: "POST", body, keepalive, headers: { Accept: "application/json" } });
  };
  async function save() {
    clearTimeout(timer);
    if (!isLive() || isHeld) return;
    const mine = (round += 1);
    const sent = JSON.stringify(typedValues());
    const key = current;
    tell("saving");
    let answer;
    let told = {};
    try {
      answer = await send(false);
      told = await answer.json().catch(() => ({}));
    } catch { answer = null; }
    if (mine !== round || key !== current) return;
    if (!answer || answer.status >= 500) {
      tell("lost");
      later(RETRIES_MS[Math.min(tries, RETRIES_MS.length - 1)]);
      tries += 1;
    } else if (answer.status === 401) tell("loggedOut", logIn(told.login));
    else if (told.html) hold(told.html);
    else if (!answer.ok) tell("outdated");
    else {
      tries = 0;
      if (sent === JSON.stringify(typedValues())) forget(key);
      tell("saved");
      judge(told.wrong ?? {});
    }
  }

  const note = (event, pause) => {
    const field = event.target;
    if (!isLive() || field.form !== form() || !field.name || OURS.has(field.name) || field.type === "file") return;
    changed.add(field.name);
    copy();
    later(pause);
  };
  document.addEventListener("input", (event) => note(event, PAUSE_MS));
  document.addEventListener("change", (event) => note(event, 50));
  document.addEventListener("focusout", (event) => {
    if (isLive() && event.target.form === form() && changed.has(event.target.name)) later(50);
  });
  window.addEventListener("online", () => isLive() && changed.size && save());
  window.addEventListener("pagehide", () => {
    if (isLive() && !isHeld && copied()) send(true).catch(() => {});
  });

  // Both choices where two pages changed one step.
  document.addEventListener("click", (event) => {
    const mine = event.target.closest?.("[data-keep-mine]");
    if (mine) {
      event.preventDefault();
      form().elements.seen.value = mine.value;
      document.getElementById("wizard-notices").replaceChildren();
      isHeld = false;
      save();
      document.getElementById("step-title").focus();
    } else if (event.target.closest?.("[data-take-other]")) {
      isHeld = true; // so that leaving keeps nothing
      forget(current);
    }
  });

  // From step to step: what was changed goes along.
  const go = (key) => {
    const button = form().querySelector("[data-go]");
    button.value = key;
    button.click();
  };
  const isTyped = () => isLive() && (changed.size > 0 || "typed" in form().dataset);
  const follow = (link) => (isTyped() ? go(link.dataset.key) : link.click());
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-step-link]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || !isTyped()) return;
    event.preventDefault();
    event.stopPropagation();
    go(link.dataset.key);
  }, true); // before htmx, which follows the link
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || !form()) return;
    if (document.querySelector("dialog[open]")) return;
    const digit = /^Digit([1-9])$/.exec(event.code)?.[1];
    const aim = {
      ArrowLeft: "[data-back]",
      ArrowRight: "[data-forward]:not([data-packs], :disabled)",
    }[event.key] ?? (digit && `[data-step-link="${digit}"]`);
    if (!aim) return;
    event.preventDefault();
    const found = document.querySelector(aim);
    if (found?.matches("[data-step-link]")) follow(found);
    else found?.click();
  });

  // A page of the wizard is shown: the first, or another in its place.
  const begin = () => {
    round += 1;
    clearTimeout(timer);
    changed = new Set();
    isHeld = Boolean(document.querySelector("#wizard-notices .overtaken"));
    tries = 0;
    if (!isLive()) return;
    current = copyKey();
    if (isHeld) return;
    restore();
  };
  const isPanel = (event) => event.detail.target?.id === "panel";
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!isPanel(event)) return;
    clearTimeout(timer);
    round += 1;
    if (isLive() && changed.size) copy();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status !== 404 || !isPanel(event) || !form()) return;
    event.detail.isError = false; // the notice says what is the matter, and what was typed stays
    hold(event.detail.serverResponse);
    document.getElementById("step-title").scrollIntoView();
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (!isPanel(event)) {
      if (isLive() && changed.size) later(PAUSE_MS);
      return;
    }
    if (event.detail.requestConfig?.verb === "post" && current) forget(current);
    begin();
    document.getElementById("mistakes")?.focus();
  });
  for (const failure of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(failure, (event) => isPanel(event) && changed?.size && later(RETRIES_MS[0]));
  }

  // What a link of the summary leads to takes the focus, too.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("#mistakes a[href^='#']");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    field.focus();
  });

  begin();
})();
