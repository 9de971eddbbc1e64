// Files go to the server in pieces (tus): they survive a lost network, a restart and a reload.
// Without this the form sends one file as it always did.
(() => {
  const CHUNK_BYTES = 32 * 1024 * 1024;
  const DELAYS = [0, 500, 1000, ...Array(900).fill(2000)]; // half an hour, then a button
  const RETRIED = [0, 408, 409, 423, 429, 500, 502, 503, 504];
  const SAMPLES_MS = 8000;
  const DRAWN_MS = 200;
  const ANNOUNCED = 25; // per cent
  const NOBODY = "00000000-0000-0000-0000-000000000000";
  const UNDER_WAY = ["waiting", "sending", "retrying", "checking"];

  let items = []; // in the order they were chosen
  let zone; // of the page now, or the last one there was
  let held; // the form's request that waits for its file

  // Words and numbers
  const say = (name, values = {}) =>
    zone.dataset[`say${name}`].replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
  const language = () => document.documentElement.lang || "en";
  const number = (value, digits) =>
    new Intl.NumberFormat(language(), { maximumFractionDigits: digits, minimumFractionDigits: digits }).format(value);
  const sizeText = (bytes) => {
    const units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let unit = 0;
    let value = bytes;
    for (; value >= 1024 && unit < units.length - 1; unit += 1) value /= 1024;
    return `${number(value, unit ? 1 : 0)}\u00a0${units[unit]}`;
  };
  const timeText = (seconds) => {
    const whole = Math.max(1, Math.round(seconds));
    const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
    if (hours) return `${hours} h ${minutes} min`;
    return minutes ? `${minutes} min ${whole % 60} s` : `${whole} s`;
  };
  const percentOf = (item) => Math.floor((100 * item.sent) / item.file.size) || 0;
  const percentText = (item) =>
    new Intl.NumberFormat(language(), { style: "percent" }).format(percentOf(item) / 100);
  const announce = (text) => document.dispatchEvent(new CustomEvent("packer:announce", { detail: { text } }));
  const toast = (text, level, href) =>
    document.dispatchEvent(new CustomEvent("packer:toast", { detail: { text, level, href } }));

  // The speed of the last seconds: the first ones say little, and a pause nothing.
  const rateOf = (item) => {
    const [first, last] = [item.samples[0], item.samples.at(-1)];
    if (!first || last.at - first.at < 1000) return 0;
    return (1000 * (last.sent - first.sent)) / (last.at - first.at);
  };
  const sample = (item) => {
    const at = performance.now();
    item.samples.push({ at, sent: item.sent });
    while (item.samples[0].at < at - SAMPLES_MS) item.samples.shift();
  };

  // What a row shows
  const part = (item, name) => item.row.querySelector(`[data-${name}]`);
  const stateText = (item) => {
    const facts = { percent: percentText(item), sent: sizeText(item.sent), size: sizeText(item.file.size) };
    if (item.is === "sending" && !item.samples.length) return say("Starting");
    if (item.is === "sending") {
      const rate = rateOf(item);
      const left = rate && timeText((item.file.size - item.sent) / rate);
      return [say("Sending", facts), left && say("Pace", { rate: sizeText(rate), left })].filter(Boolean).join(" · ");
    }
    if (item.is === "done") return say(item.isOwn ? "Done" : "DoneFurther");
    return item.reason || say({ waiting: "Waiting", paused: "Paused", retrying: "Retrying", checking: "Checking" }[item.is], facts);
  };
  const draw = (item) => {
    item.drawnAt = performance.now();
    const isHeld = held && item.isOwn && UNDER_WAY.includes(item.is);
    item.row.dataset.is = item.is;
    item.row.querySelector("progress").value = item.is === "done" ? 100 : percentOf(item);
    part(item, "state").textContent = stateText(item);
    part(item, "held").hidden = !isHeld;
    part(item, "pause").hidden = !["sending", "retrying", "waiting"].includes(item.is);
    part(item, "resume").hidden = !["paused", "stopped"].includes(item.is);
    part(item, "remove").hidden = ["done", "checking"].includes(item.is);
  };
  const become = (item, state, reason = "") => {
    const had = item.row.contains(document.activeElement) ? document.activeElement : null;
    item.is = state;
    item.reason = reason;
    draw(item);
    if (had?.hidden) item.row.querySelector("button:not([hidden])")?.focus();
  };
  const step = (item) => {
    const reached = Math.floor(percentOf(item) / ANNOUNCED);
    if (reached <= item.announced || reached * ANNOUNCED >= 100) return;
    item.announced = reached;
    announce(say("Announce", { name: item.file.name, percent: percentText(item) }));
  };

  // What the first file says to the form
  const field = () => zone.isConnected && zone.closest("form").elements.namedItem("file_path");
  const choose = (handle) => {
    const input = field();
    if (!input) return;
    input.value = handle;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
    const before = document.getElementById("chosen-file");
    if (before) before.hidden = true;
  };
  const complain = (item) => {
    const line = document.createElement("p");
    line.textContent = item.reason;
    zone.querySelector("[data-upload-errors]").replaceChildren(line);
    if (!zone.isConnected) toast(`${item.file.name}: ${item.reason}`, "danger");
  };
  const release = () => {
    const go = held;
    held = undefined;
    if (go) go(true);
  };

  // The library is fetched with the first file
  let library;
  const load = () => {
    library ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = zone.dataset.library;
      script.addEventListener("load", () => resolve(window.tus));
      script.addEventListener("error", () => {
        library = undefined;
        script.remove();
        reject(new Error("tus"));
      });
      document.head.append(script);
    });
    return library;
  };
  const token = () =>
    document.cookie.match(/(?:^|; )csrftoken=([^;]*)/)?.[1] ??
    document.querySelector("[name=csrfmiddlewaretoken]")?.value ??
    "";
  const statusOf = (error) => error.originalResponse?.getStatus() ?? 0;
  const sentenceOf = (error) => {
    try {
      return JSON.parse(error.originalResponse.getBody()).message;
    } catch {
      return "";
    }
  };

  const succeed = (item, response) => {
    item.sent = item.file.size;
    become(item, "done");
    unlist(item);
    const sum = part(item, "sum");
    sum.querySelector("code").textContent = response?.getHeader("Upload-Sha256") ?? "";
    sum.hidden = !item.isOwn;
    const draft = response?.getHeader("Upload-Draft");
    if (draft) {
      const link = part(item, "link");
      link.href = zone.dataset.draftUrl.replace(NOBODY, draft);
      link.hidden = false;
    }
    if (zone.isConnected) announce(say("AnnounceDone", { name: item.file.name }));
    if (item.isOwn) {
      items.filter((one) => one.isOwn && one !== item).forEach(forget);
      choose(handleOf(item.url));
      release();
    }
    if (!zone.isConnected) {
      toast(say("AnnounceDone", { name: item.file.name }), "success", draft && part(item, "link").href);
      forget(item);
      dock();
    }
    next();
  };

  const forget = (item) => {
    item.row.remove();
    items = items.filter((one) => one !== item);
    if (item.isOwn && item.is !== "done") held = undefined;
  };
  const fail = (item, error) => {
    const status = statusOf(error);
    if (status === 404 && item.url) {
      item.url = undefined; // it expired meanwhile: once more from the start
      send(item);
      return;
    }
    if ([401, 403].includes(status)) become(item, "stopped", say("Ended"));
    else if (RETRIED.includes(status)) become(item, "stopped", say("Lost"));
    else become(item, status === 507 && item.url ? "stopped" : "refused", sentenceOf(error) || say("Refused"));
    if (item.isOwn) held = undefined;
    if (item.is === "refused") unlist(item);
    if (item.is === "refused" && item.isOwn) {
      complain(item);
      forget(item);
    } else announce(`${item.file.name}: ${item.reason}`);
    next();
  };

  const advance = (item, sent) => {
    item.sent = sent;
    sample(item);
    step(item);
    if (sent === item.file.size) become(item, "checking");
    else if (item.is === "retrying") become(item, "sending");
    else if (performance.now() - item.drawnAt > DRAWN_MS) draw(item);
  };

  const options = (item) => ({
    endpoint: item.url ? null : zone.dataset.endpoint,
    uploadUrl: item.url,
    chunkSize: CHUNK_BYTES,
    retryDelays: DELAYS,
    removeFingerprintOnSuccess: true,
    metadata: {
      filename: item.file.name,
      draft: item.draft,
      ...(item.isOwn ? {} : { further: "yes" }),
    },
    fingerprint: async (file) => ["packer", item.draft, file.name, file.size, file.lastModified].join("-"),
    onBeforeRequest: (request) => request.setHeader("X-CSRFToken", token()),
    onUploadUrlAvailable: () => {
      item.url = item.upload.url;
      item.upload.options.endpoint = null; // a server that stumbles is asked again, not anew
      unlist(item);
    },
    onShouldRetry: (error) => {
      if (!RETRIED.includes(statusOf(error))) return false;
      item.samples = [];
      if (![409, 423].includes(statusOf(error))) become(item, "retrying");
      return true;
    },
    onProgress: (sent) => advance(item, sent),
    onSuccess: ({ lastResponse }) => succeed(item, lastResponse),
    onError: (error) => fail(item, error),
  });

  const send = async (item) => {
    become(item, "sending");
    item.samples = [];
    try {
      const tus = await load();
      if (item.is !== "sending") return;
      item.upload = new tus.Upload(item.file, options(item));
      const before = item.url ? [] : await item.upload.findPreviousUploads();
      if (item.is !== "sending") return;
      if (before.length) {
        item.url = before.at(-1).uploadUrl;
        item.upload.resumeFromPreviousUpload(before.at(-1));
        item.upload.options.endpoint = null;
      }
      item.upload.start();
    } catch {
      become(item, "stopped", say("Lost"));
      next();
    }
  };

  const next = () => {
    const isBusy = items.some((item) => ["sending", "retrying", "checking"].includes(item.is));
    const waiting = items.find((item) => item.is === "waiting");
    if (!isBusy && waiting) send(waiting);
  };

  const pause = async (item) => {
    await item.upload?.abort();
    become(item, "paused");
    next();
  };
  const resume = (item) => {
    become(item, "waiting");
    zone.querySelector("[data-upload-errors]")?.replaceChildren();
    next();
  };
  const remove = async (item) => {
    const isWanted = item.is !== "refused";
    item.is = "removed";
    forget(item);
    (zone.querySelector("input[type=file]") ?? document.body).focus();
    try {
      if (isWanted) await item.upload?.abort(true);
    } catch {
      // it expires by itself
    }
    next();
  };

  // Rows that the server listed are of uploads that another page began
  const handleOf = (url) => url?.split("/").at(-1);
  const unlist = (item) => zone.querySelector(`[data-listed="${handleOf(item.url)}"]`)?.remove();
  const discard = async (button) => {
    const row = button.closest("[data-listed]");
    const headers = { "Tus-Resumable": "1.0.0", "X-CSRFToken": token() };
    const answer = await fetch(`${zone.dataset.endpoint}/${row.dataset.listed}`, { method: "DELETE", headers }).catch(() => null);
    if (!answer || (!answer.ok && answer.status !== 404)) return;
    row.remove();
    zone.querySelector("input[type=file]").focus();
  };

  const rowFor = (item) => {
    const row = zone.querySelector("[data-upload-row]").content.firstElementChild.cloneNode(true);
    for (const name of row.querySelectorAll("[data-name]")) name.textContent = item.file.name;
    row.querySelector("[data-size]").textContent = sizeText(item.file.size);
    row.querySelector("progress").setAttribute("aria-label", item.file.name);
    return row;
  };
  const add = (files) => {
    zone.querySelector("[data-upload-errors]").replaceChildren();
    for (const old of zone.querySelectorAll(".errorlist")) old.remove();
    for (const file of files) {
      const isOwn = !items.some((one) => one.isOwn && [...UNDER_WAY, "paused", "stopped"].includes(one.is));
      const item = { file, isOwn, draft: zone.dataset.draft, sent: 0, samples: [], announced: 0, drawnAt: 0 };
      item.row = rowFor(item);
      items.push(item);
      zone.querySelector("[data-upload-list]").append(item.row);
      become(item, "waiting");
    }
    next();
  };

  // The zone comes and goes with the steps; what is under way stays in sight.
  const dock = () => {
    document.querySelector(".upload-dock")?.remove();
    items = items.filter((item) => item.is !== "done");
    if (!items.length) return;
    const here = zone.querySelector("[data-upload-dock]").content.firstElementChild.cloneNode(true);
    here.querySelector("ul").append(...items.map((item) => item.row));
    document.getElementById("main").prepend(here);
  };
  const attach = () => {
    const found = document.querySelector("[data-uploads]");
    if (!found) {
      if (zone && !zone.isConnected) dock();
      return;
    }
    if (found === zone) return;
    zone = found;
    zone.classList.add("scripted");
    zone.querySelector("input[type=file]").multiple = true;
    for (const shown of zone.querySelectorAll("[data-with-script]")) shown.hidden = false;
    zone.querySelector("[data-upload-list]").append(...items.map((item) => item.row));
    items.forEach(unlist);
    document.querySelector(".upload-dock")?.remove();
  };
  attach();
  document.addEventListener("htmx:afterSwap", attach);

  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-uploads] input[type=file]") || !event.target.files.length) return;
    const files = [...event.target.files];
    event.target.value = "";
    add(files);
  });
  const zoneOf = (event) => event.target.closest?.("[data-uploads]");
  document.addEventListener("dragover", (event) => {
    if (!zoneOf(event)) return;
    event.preventDefault();
    zone.classList.add("over");
  });
  document.addEventListener("dragleave", (event) => {
    if (zoneOf(event) && !zone.contains(event.relatedTarget)) zone.classList.remove("over");
  });
  document.addEventListener("drop", (event) => {
    if (!zoneOf(event)) return;
    event.preventDefault();
    zone.classList.remove("over");
    if (event.dataTransfer.files.length) add([...event.dataTransfer.files]);
  });
  document.addEventListener("click", (event) => {
    const discarding = event.target.closest?.("[data-discard]");
    if (discarding) {
      event.preventDefault();
      discard(discarding);
      return;
    }
    const item = items.find((one) => one.row.contains(event.target));
    if (!item) return;
    if (event.target.closest("[data-pause]")) pause(item);
    else if (event.target.closest("[data-resume]")) resume(item);
    else if (event.target.closest("[data-remove]")) remove(item);
  });

  // Going on waits for the file of this draft.
  document.addEventListener("htmx:confirm", (event) => {
    const { elt, triggeringEvent, issueRequest } = event.detail;
    const own = items.find((item) => item.isOwn && [...UNDER_WAY, "paused", "stopped"].includes(item.is));
    if (!own || !zone.isConnected || !elt.contains(zone) || triggeringEvent?.type !== "submit") return;
    if (triggeringEvent.submitter?.name) return; // e.g. back, which leaves the file on its way
    event.preventDefault();
    held = issueRequest;
    if (["paused", "stopped"].includes(own.is)) resume(own);
    else draw(own);
    announce(part(own, "held").textContent);
  });

  window.addEventListener("online", () => {
    for (const item of items.filter((one) => ["retrying", "stopped"].includes(one.is))) {
      item.upload?.abort();
      resume(item);
    }
  });
  const isUnderWay = () => items.some((item) => UNDER_WAY.includes(item.is));
  window.addEventListener("beforeunload", (event) => {
    if (isUnderWay()) event.preventDefault();
  });
  // A page that is fetched again would end what is on its way: fetching its panel will do.
  document.addEventListener("packer:reload", (event) => {
    if (!isUnderWay() || !document.getElementById("panel")) return;
    event.preventDefault();
    window.htmx.ajax("GET", location.href, { target: "#panel", swap: "outerHTML" });
  });
})();
