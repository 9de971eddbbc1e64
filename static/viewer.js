// What the viewer of NFOs does beyond htmx. Text, downloads and the browser's search need no script.
(() => {
  const EM_PER_CELL = 2; // of the font: every character is as wide
  const BLOCK_PER_CELL = 2433 / 1233; // how high its full block is
  const OVERLAP = 0.5; // of the blocks of two rows, in pixels of the screen: else a seam is seen
  const HAIR = 1 / 128; // keeps what is whole from being cut to the 64th part below
  const CELLS = [4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 20, 24, 28]; // in pixels, as is USUAL
  const USUAL = 7;
  const LIT_AROUND = 500; // matches shown at once on either side of the current one
  const KEY = "viewer";

  const kept = () => ({ cell: USUAL, fits: false, numbers: false, ...JSON.parse(localStorage.getItem(KEY) || "{}") });
  const keep = (change) => {
    localStorage.setItem(KEY, JSON.stringify({ ...kept(), ...change }));
    for (const viewer of viewers()) arrange(viewer);
  };
  const viewers = () => document.querySelectorAll("[data-viewer]");
  const viewerOf = (event) => event.target.closest?.("[data-viewer]");
  const part = (viewer, name) => viewer.querySelector(`[data-${name}]`);

  // A cell is a whole number of the screen's own pixels: else blocks show seams.
  const setCell = (viewer, cell) => {
    const dots = Math.max(1, Math.round(cell * devicePixelRatio));
    viewer.style.setProperty("--nfo-size", `${(dots * EM_PER_CELL) / devicePixelRatio}px`);
    viewer.style.setProperty("--nfo-line", `${(Math.floor(dots * BLOCK_PER_CELL - OVERLAP) + HAIR) / devicePixelRatio}px`);
    part(viewer, "zoomed").textContent = `${Math.round((100 * cell) / USUAL)} %`;
  };

  const fitting = (viewer) => {
    const frame = part(viewer, "viewer-text");
    setCell(viewer, USUAL);
    const padding = parseFloat(getComputedStyle(part(viewer, "text")).paddingLeft) * 2;
    const others = part(viewer, "numbers").offsetWidth;
    const columns = (part(viewer, "text").scrollWidth - padding) / USUAL;
    const dots = Math.floor(((frame.clientWidth - padding - others) / columns) * devicePixelRatio);
    return Math.min(CELLS.at(-1), Math.max(1, dots / devicePixelRatio));
  };

  const arrange = (viewer) => {
    const { cell, fits, numbers } = kept();
    const gutter = part(viewer, "numbers");
    if (numbers && !gutter.firstChild) gutter.append(...numbersOf(part(viewer, "text")));
    gutter.hidden = !numbers;
    part(viewer, "number").setAttribute("aria-pressed", numbers);
    part(viewer, "fit").setAttribute("aria-pressed", fits);
    setCell(viewer, fits ? fitting(viewer) : cell);
    beginOnDot(part(viewer, "text"));
  };

  const beginOnDot = (text) => {
    text.style.marginLeft = "0";
    const left = text.getBoundingClientRect().left + parseFloat(getComputedStyle(text).paddingLeft);
    text.style.marginLeft = `${Math.ceil(left * devicePixelRatio) / devicePixelRatio - left}px`;
  };

  // In the same parts as the text: the browser lays out those that are seen.
  const numbersOf = (text) => {
    let number = 0;
    return Array.from(text.children, ({ textContent }) => {
      const numbers = document.createElement("span");
      numbers.className = "nfo-part";
      const lines = textContent.replace(/\n$/, "").split("\n").length;
      numbers.textContent = Array.from({ length: lines }, () => (number += 1)).join("\n");
      return numbers;
    });
  };

  const zoom = (viewer, step) => {
    const now = kept().fits ? fitting(viewer) : kept().cell;
    const next = step > 0 ? CELLS.find((cell) => cell > now) : CELLS.findLast((cell) => cell < now);
    keep({ cell: step ? (next ?? now) : USUAL, fits: false });
  };

  // The text as one string, and where in it each of its nodes begins.
  const read = (viewer) => {
    const walker = document.createTreeWalker(part(viewer, "text"), NodeFilter.SHOW_TEXT);
    const nodes = [];
    let length = 0;
    while (walker.nextNode()) {
      nodes.push({ node: walker.currentNode, start: length });
      length += walker.currentNode.length;
    }
    return { nodes, text: nodes.map(({ node }) => node.data).join("") };
  };

  const place = (nodes, at) => {
    let low = 0;
    let high = nodes.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (nodes[middle].start <= at) low = middle;
      else high = middle - 1;
    }
    return [nodes[low].node, at - nodes[low].start];
  };

  const rangeOf = ({ nodes, length }, start) => {
    const range = new Range();
    range.setStart(...place(nodes, start));
    const [last, offset] = place(nodes, start + length - 1);
    range.setEnd(last, offset + 1);
    return range;
  };

  const searches = new WeakMap();

  const search = (viewer) => {
    const wanted = part(viewer, "search").value;
    const { nodes, text } = read(viewer);
    const pattern = new RegExp(wanted.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "giu");
    const found = wanted ? Array.from(text.matchAll(pattern), (match) => match.index) : [];
    searches.set(viewer, { wanted, nodes, found, length: wanted.length, current: 0 });
    show(viewer);
  };

  const show = (viewer) => {
    const searched = searches.get(viewer);
    const { found, current, wanted } = searched;
    for (const button of viewer.querySelectorAll("[data-match]")) button.disabled = !found.length;
    part(viewer, "found").textContent = found.length ? `${current + 1} / ${found.length}` : wanted && viewer.dataset.none;
    light(searched);
    if (found.length) lead(viewer, rangeOf(searched, found[current]));
  };

  const light = (searched) => {
    if (!CSS.highlights) return;
    const { found, current } = searched;
    const near = found.slice(Math.max(0, current - LIT_AROUND), current + LIT_AROUND + 1);
    CSS.highlights.set("match", new Highlight(...near.map((start) => rangeOf(searched, start))));
    const here = found.length ? [rangeOf(searched, found[current])] : [];
    CSS.highlights.set("current-match", new Highlight(...here));
  };

  // Where there are no highlights, what is found is selected.
  const lead = (viewer, range) => {
    const frame = part(viewer, "viewer-text");
    const [around, there] = [frame.getBoundingClientRect(), range.getBoundingClientRect()];
    frame.scrollTop += there.top - around.top - frame.clientHeight / 2;
    if (there.left < around.left || there.right > around.right) {
      frame.scrollLeft += there.left - around.left - frame.clientWidth / 2;
    }
    if (there.top < 0 || there.bottom > innerHeight) window.scrollBy(0, there.top - innerHeight / 2);
    if (!CSS.highlights) getSelection().setBaseAndExtent(range.startContainer, range.startOffset, range.endContainer, range.endOffset);
  };

  const move = (viewer, step) => {
    const searched = searches.get(viewer);
    if (searched?.wanted !== part(viewer, "search").value) return search(viewer);
    if (!searched.found.length) return;
    searched.current = (searched.current + step + searched.found.length) % searched.found.length;
    show(viewer);
  };

  const copy = async (viewer) => {
    const selection = getSelection();
    const isOurs = !selection.isCollapsed && part(viewer, "text").contains(selection.anchorNode) && part(viewer, "text").contains(selection.focusNode);
    const text = isOurs ? selection.toString() : part(viewer, "text").textContent;
    const isCopied = await navigator.clipboard?.writeText(text).then(() => true, () => false) ?? copyOld(text);
    part(viewer, "said").textContent = isCopied ? viewer.dataset[isOurs ? "selection" : "copied"] : viewer.dataset.refused;
  };

  // Over plain http there is no other way.
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

  document.addEventListener("click", (event) => {
    const viewer = viewerOf(event);
    const button = viewer && event.target.closest("button");
    if (!button) return;
    if (button.dataset.zoom) zoom(viewer, Number(button.dataset.zoom));
    else if (button.hasAttribute("data-fit")) keep({ fits: !kept().fits });
    else if (button.hasAttribute("data-number")) keep({ numbers: !kept().numbers });
    else if (button.hasAttribute("data-copy")) copy(viewer);
    else if (button.dataset.match) move(viewer, Number(button.dataset.match));
  });

  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-viewer] [data-search]")) search(viewerOf(event));
  });

  document.addEventListener("keydown", (event) => {
    const viewer = viewerOf(event);
    if (!viewer || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("[data-search]")) {
      if (event.key !== "Enter") return;
      event.preventDefault();
      move(viewer, event.shiftKey ? -1 : 1);
    } else if (event.target.matches("[data-viewer-text]")) {
      const step = { "+": 1, "=": 1, "-": -1, 0: 0 }[event.key];
      if (step !== undefined) zoom(viewer, step);
      else if (event.key === "/") part(viewer, "search").focus();
      else return;
      event.preventDefault();
    }
  });

  const begin = () => {
    for (const viewer of viewers()) {
      const tools = part(viewer, "viewer-tools");
      if (!tools.hidden) continue;
      tools.hidden = false;
      arrange(viewer);
    }
  };
  begin();
  document.addEventListener("htmx:afterSettle", begin);
  window.addEventListener("resize", () => viewers().forEach(arrange));
})();
