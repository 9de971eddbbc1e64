// Jobs as they run: their panels, rows and ends. Every page works without it.
(() => {
  const live = document.getElementById("live");
  if (!live) return;
  const AGAIN_MS = 1000; // until a stream that ended is opened again
  const TRY_MS = 15_000; // the same, where it fails each time
  const FAILURES = 2; // so many, and it is asked for instead
  const ASK_MS = 1500;
  const ASK_IDLE_MS = 10_000;
  const HIDDEN_MS = 30_000; // a tab that nobody sees leaves its connection to others
  const MOST_LINES = 500;
  const MOST_TOLD = 3;
  const TOGETHER_MS = 200;
  const LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR"];
  const key = `jobs-${live.dataset.user}`;

  // What runs, as far as this tab knows: what ends between two pages is told on the next.
  const known = new Set(JSON.parse(sessionStorage.getItem(key) ?? "[]"));
  const told = new Set();
  let source, opened, again, asking, hiding;
  let failures = 0;
  let wantsDesktop = false;

  const panel = () => document.querySelector("[data-live]");
  const places = (id) => document.querySelectorAll(`[data-job="${id}"]`);
  const parts = (place, name) => place.querySelectorAll(`[data-part="${name}"]`);
  const say = (name, detail) => document.dispatchEvent(new CustomEvent(`packer:${name}`, { detail }));

  const write = (place, name, text) => {
    for (const part of parts(place, name)) if (part.textContent !== text) part.textContent = text;
  };

  const show = (place, job) => {
    place.dataset.status = job.status;
    write(place, "statusLabel", job.isCancelling ? live.dataset.cancelling : job.statusLabel);
    for (const name of ["stage", "pace", "error"]) write(place, name, job[name]);
    write(place, "percent", `${job.progress} %`);
    for (const bar of parts(place, "progress")) bar.value = job.progress;
    for (const part of place.querySelectorAll("[data-when]")) {
      part.hidden = !part.dataset.when.split(" ").includes(job.status);
    }
  };

  // A reader of the screen hears of each stage and each tenth, not of every step.
  let heard = "";
  const announce = (job) => {
    const now = [job.id, job.status, job.stage, Math.floor(job.progress / 10)].join();
    if (now === heard) return;
    heard = now;
    say("announce", { text: [job.statusLabel, job.stage, `${job.progress} %`].filter(Boolean).join(", ") });
  };

  // While nobody answers, what the panel shows is what was last heard: how fast, and how long yet,
  // is then not true any more. What is heard next, writes it again.
  const lose = () => {
    const line = panel()?.querySelector("[data-unheard]");
    if (!line?.hidden) return;
    line.hidden = false;
    write(panel(), "pace", "");
    say("announce", { text: line.textContent });
  };

  const find = () => {
    for (const line of document.querySelectorAll("[data-unheard]")) line.hidden = true;
  };

  const count = () => {
    for (const badge of document.querySelectorAll("[data-jobs-running]")) {
      badge.hidden = !known.size;
      badge.textContent = known.size;
      const words = document.createElement("span");
      words.className = "visually-hidden";
      words.textContent = ` ${live.dataset.running}`;
      badge.append(words);
    }
  };

  const keep = () => {
    sessionStorage.setItem(key, JSON.stringify([...known]));
    count();
  };

  // A job that was deleted meanwhile never ends.
  const forget = (present) => {
    for (const id of known) if (!present.includes(id)) known.delete(id);
    keep();
  };

  const hear = (job) => {
    const shown = places(job.id);
    for (const place of shown) show(place, job);
    if (panel()?.dataset.job === String(job.id)) announce(job);
    if (!job.isOwn) return;
    if (job.isOver) known.delete(job.id);
    else known.add(job.id);
    keep();
    if (job.isNews && !shown.length && !told.has(job.id)) tell(job);
  };

  // Many that end at once are told of in one sentence.
  let ended = [];
  const tellAll = () => {
    if (ended.length > MOST_TOLD) {
      const text = live.dataset.ended.replace("%s", ended.length);
      say("toast", { text, level: "info", href: live.dataset.jobs });
    } else for (const job of ended) say("toast", { text: job.said, level: job.level, href: job.url });
    ended = [];
  };

  const tell = (job) => {
    told.add(job.id);
    if (!ended.length) setTimeout(tellAll, TOGETHER_MS);
    ended.push(job);
    if (!wantsDesktop || !document.hidden || window.Notification?.permission !== "granted") return;
    const notice = new Notification(job.said, { tag: `job-${job.id}`, icon: live.dataset.icon });
    notice.onclick = () => { window.focus(); location.href = job.url; };
  };

  const log = () => document.querySelector("[data-log]");
  const after = () => log()?.dataset.log ?? "0";

  const add = (line) => {
    const list = log();
    if (!list || line.id <= Number(list.dataset.log)) return;
    list.dataset.log = line.id;
    if (LEVELS.indexOf(line.level) < LEVELS.indexOf(list.dataset.least ?? "DEBUG")) return;
    const isAtEnd = list.scrollTop + list.clientHeight >= list.scrollHeight - 8;
    list.querySelector(".nothing")?.remove();
    list.append(item(line));
    list.hidden = false;
    while (list.children.length > MOST_LINES) list.firstElementChild.remove();
    if (isAtEnd) list.scrollTop = list.scrollHeight;
  };

  const item = (line) => {
    const one = document.createElement("li");
    one.className = `log-${line.level.toLowerCase()}`;
    const time = document.createElement("time");
    time.dateTime = line.at;
    time.textContent = line.time;
    const level = document.createElement("span");
    level.textContent = line.level;
    one.append(time, " ", level, ` ${line.message}`);
    return one;
  };

  const query = () => {
    const asked = new URLSearchParams({ known: [...known].join(), after: after() });
    if (document.querySelector("[data-everyone]")) asked.set("everyone", "yes");
    return asked;
  };
  const wanted = () => panel()?.dataset.live ?? live.dataset.events;

  const close = () => {
    clearTimeout(again);
    source?.close();
    source = undefined;
  };

  // One connection, whatever the page shows: a browser has six of them for all of its tabs.
  const open = () => {
    close();
    if (document.hidden) return;
    opened = wanted();
    if (!window.EventSource) return ask();
    source = new EventSource(`${opened}?${query()}`);
    source.addEventListener("begin", (event) => {
      failures = 0;
      find();
      clearTimeout(asking);
      asking = undefined;
      const { desktop, present } = JSON.parse(event.data);
      wantsDesktop = desktop;
      forget(present);
    });
    source.addEventListener("job", (event) => hear(JSON.parse(event.data)));
    source.addEventListener("line", (event) => add(JSON.parse(event.data)));
    source.addEventListener("end", end);
    source.onerror = () => {
      close();
      failures += 1;
      again = setTimeout(open, failures < FAILURES ? AGAIN_MS : TRY_MS);
      if (failures >= FAILURES && !asking) ask();
    };
  };

  // What stands on the page beside the panel of a job that is over has changed with it.
  const end = () => {
    close();
    const wish = new CustomEvent("packer:reload", { cancelable: true });
    if (document.dispatchEvent(wish)) window.location.reload();
  };

  const ask = async () => {
    const job = panel()?.dataset.job;
    const asked = query();
    if (job) {
      asked.set("job", job);
      asked.set("known", [...known, job].join());
    }
    asking = setTimeout(ask, job || document.querySelector("[data-job]") ? ASK_MS : ASK_IDLE_MS);
    const answer = await fetch(`${live.dataset.states}?${asked}`, { redirect: "manual" }).catch(() => {});
    if (answer?.type === "opaqueredirect") return leave();
    if (!answer?.ok) return lose();
    find();
    const { jobs, lines, desktop } = await answer.json();
    wantsDesktop = desktop;
    lines.forEach(add);
    forget(jobs.map((one) => one.id));
    jobs.forEach(hear);
    if (jobs.some((one) => one.isOver && String(one.id) === job)) end();
  };

  // The session is over: a page that waits for something says so, the others stay as they are.
  const leave = () => {
    rest();
    if (panel()) window.location.reload();
  };

  const rest = () => {
    close();
    clearTimeout(asking);
    asking = undefined;
  };

  document.addEventListener("visibilitychange", () => {
    clearTimeout(hiding);
    if (!document.hidden) {
      if (!source) { rest(); open(); }
      return;
    }
    hiding = setTimeout(() => {
      rest();
      if (wantsDesktop && known.size) asking = setTimeout(ask, ASK_IDLE_MS);
    }, HIDDEN_MS);
  });
  for (const change of ["offline", "online"]) {
    window.addEventListener(change, () => { rest(); open(); });
  }
  window.addEventListener("pagehide", rest);
  window.addEventListener("pageshow", (event) => { if (event.persisted) open(); });
  document.addEventListener("htmx:afterSettle", () => { if (wanted() !== opened) open(); });

  count();
  open();
})();
