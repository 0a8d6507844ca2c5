// The chat in one tab: asks without loading the page anew, keeps the conversation in the tab, completes what is typed.
// Without this file the form and the links do the same, a page an answer. Text goes in as text only.
"use strict";
(() => {
  const at = (id) => document.getElementById(id);
  const log = at("log"), form = at("ask"), field = at("q"), list = at("offers"), told = at("told"), clear = at("clear");
  const examples = at("examples");
  const MOST_KEPT = 40, LONGEST_CHAIN = 8;
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  // --- what is kept in the tab

  const fresh = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (n) => n.toString(16).padStart(2, "0")).join("");
  // Browsers that keep nothing for this site still let people ask.
  const stored = (name) => { try { return JSON.parse(sessionStorage.getItem(name)); } catch { return null; } };
  const store = (name, value) => { try { sessionStorage.setItem(name, JSON.stringify(value)); } catch { /* as above */ } };
  let key = stored("key") || fresh();
  let turns = stored("turns") || [];
  let running = Promise.resolve();

  function keep() {
    turns = turns.slice(-MOST_KEPT);
    store("key", key);
    store("turns", turns);
    clear.hidden = !log.querySelector(".turn");
  }

  // --- talking to the server; a failure is a text for people

  async function send(path, given) {
    let response;
    try {
      response = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(given) });
    } catch {
      throw new Error(log.dataset.offline);
    }
    let found = null;
    try { found = await response.json(); } catch { /* told below */ }
    if (!found || !response.ok) throw new Error((found && found.error) || log.dataset.odd);
    return found;
  }

  // --- building what is shown

  const made = (id) => at(id).content.firstElementChild.cloneNode(true);

  function make(tag, text, given = {}) {
    const one = document.createElement(tag);
    one.textContent = text;
    return Object.assign(one, given);
  }

  function buttons(place, questions) {
    for (const question of questions) {
      const item = make("li", "");
      const button = make("button", question, { type: "button" });
      button.addEventListener("click", () => ask(question));
      item.append(button);
      place.append(item);
    }
  }

  const fragment = (chain) => "#" + chain.map((question) => "q=" + encodeURIComponent(question)).join("&");

  function table(part, view) {
    const { none, unset } = part.querySelector("table").dataset;
    const figure = (text) => make("td", text === none ? unset : text, { className: text === none ? "number unset" : "number" });
    part.setAttribute("aria-label", view.title);
    part.querySelector("caption").textContent = view.unit ? `${view.title}（${view.unit}）` : view.title;
    if (view.rows.length === 1 && view.columns.length > 3) {
      // One row of many figures reads better downwards.
      part.querySelector("thead").remove();
      view.columns.forEach((column, place) => {
        const line = make("tr", "");
        line.append(make("th", column, { scope: "row" }), figure(view.rows[0][place]));
        part.querySelector("tbody").append(line);
      });
      return;
    }
    view.columns.forEach((column, place) => {
      part.querySelector("thead tr").append(make("th", column, { scope: "col", className: place ? "number" : "" }));
    });
    for (const row of view.rows) {
      const line = make("tr", "");
      row.forEach((cell, place) => line.append(place ? figure(cell) : make("th", cell, { scope: "row" })));
      part.querySelector("tbody").append(line);
    }
  }

  function fill(shown, turn) {
    const { reply } = turn, links = reply.links;
    const one = (name) => shown.querySelector("." + name);
    one("waiting").remove();
    if (reply.understood) one("understood").textContent = reply.understood; else one("understood").remove();
    one("answer").textContent = reply.answer;
    one("answer").classList.toggle("long", reply.answer.length > 90);
    if (reply.choices.length) buttons(one("choices"), reply.choices); else one("choices").remove();
    if (links.chart) {
      const picture = one("chart").firstElementChild;
      Object.assign(picture, { src: links.chart.address, alt: links.chart.alt, width: 422, height: links.chart.height });
      // A picture that does not come leaves its numbers.
      picture.addEventListener("error", () => { one("chart").remove(); one("data").open = true; });
      one("data").append(one("table"));
    } else {
      one("chart").remove();
      one("data").remove();
    }
    if (reply.view) table(one("table"), reply.view); else one("table").remove();
    if (links.sources.length) {
      links.sources.forEach((source, place) => {
        if (place) one("sources").append("；");
        one("sources").append(make("a", source.text, { href: source.address }));
      });
      for (const quote of links.quotes) {
        const line = made("quote");
        Object.assign(line.querySelector("a"), { href: quote.address, textContent: quote.text });
        one("evidence").append(line);
      }
    } else {
      one("evidence").remove();
    }
    one("here").href = fragment(turn.chain);
    one("copy").addEventListener("click", (event) => copy(reply.text, event.currentTarget.dataset));
    const wrong = one("wrong");
    if (reply.outcome === "social") wrong.remove();
    wrong.setAttribute("aria-pressed", String(Boolean(turn.wrong)));
    wrong.addEventListener("click", () => vote(turn, wrong));
    if (reply.follow_ups.length) buttons(one("next").querySelector("ul"), reply.follow_ups); else one("next").remove();
  }

  function show(turn) {
    const shown = made("turn");
    shown.querySelector(".asked").textContent = turn.question;
    shown.dataset.link = fragment(turn.chain);
    if (turn.reply) fill(shown, turn); else for (const each of shown.querySelector(".said").children) each.hidden = !each.matches(".waiting");
    if (examples) examples.hidden = true;
    return shown;
  }

  // Of a question that fills the screen the reply is what one wants to see.
  function look(shown) {
    const long = shown.querySelector(".asked").offsetHeight > innerHeight / 2;
    (long ? shown.querySelector(".said") : shown).scrollIntoView({ block: "start", behavior: still.matches ? "auto" : "smooth" });
  }

  // --- what people do

  // One after the other: a question may lean on the one before.
  function ask(question) {
    running = running.then(() => answer(question));
    return running;
  }

  async function answer(question) {
    const last = turns[turns.length - 1];
    const before = last && last.key === key ? last.chain : [];
    const turn = { id: fresh(), key, question, chain: [question], reply: null, wrong: false };
    let shown = show(turn);
    log.append(shown);
    look(shown);
    try {
      turn.reply = await send("api/ask", { question, conversation: key, links: true });
    } catch (error) {
      const fault = made("fault");
      fault.querySelector("p").textContent = error.message;
      fault.querySelector("button").addEventListener("click", () => { shown.remove(); ask(question); });
      shown.querySelector(".waiting").replaceWith(fault);
      clear.hidden = false;
      return;
    }
    if (!turn.reply.links.alone) turn.chain = [...before, question].slice(-LONGEST_CHAIN);
    const filled = show(turn);
    shown.replaceWith(filled);
    look(filled);
    turns.push(turn);
    keep();
  }

  async function vote(turn, button) {
    const wrong = !turn.wrong, first = turn.reply.citations[0];
    const given = { question: turn.question, vote: wrong ? "down" : "none", outcome: turn.reply.outcome, ref: first ? first.ref : "", key: turn.id };
    try {
      await send("api/feedback", given);
    } catch (error) {
      say(error.message);
      return;
    }
    turn.wrong = wrong;
    button.setAttribute("aria-pressed", String(wrong));
    say(wrong ? button.dataset.done : button.dataset.undone);
    keep();
  }

  async function copy(text, words) {
    try {
      await navigator.clipboard.writeText(text);
      say(words.done);
    } catch {
      // Not offered by browsers on plain HTTP.
      const area = make("textarea", text, { className: "hidden" });
      document.body.append(area);
      area.select();
      say(document.execCommand("copy") ? words.done : words.failed);
      area.remove();
    }
  }

  let fading = 0;
  function say(text) {
    told.textContent = text;
    told.className = "told";
    clearTimeout(fading);
    fading = setTimeout(() => { told.className = "hidden"; told.textContent = ""; }, 6000);
  }

  async function forget() {
    const old = key, words = at("words").content;
    key = fresh();
    turns = [];
    log.replaceChildren();
    if (examples) examples.hidden = false;
    history.replaceState(null, "", location.pathname);
    keep();
    field.focus();
    let done = ".cleared";
    try { await send("api/forget", { conversation: old }); } catch { done = ".uncleared"; }
    say(words.querySelector(done).textContent);
  }

  // --- a link to a reply: the questions that lead to it, in the fragment, which is sent to nobody

  async function open() {
    const asked = new URLSearchParams(location.hash.slice(1)).getAll("q").filter((question) => question.trim()).slice(0, LONGEST_CHAIN);
    if (!asked.length) return;
    const link = fragment(asked);
    const find = () => [...log.querySelectorAll(".turn")].reverse().find((shown) => shown.dataset.link === link);
    if (!find()) {
      key = fresh();
      for (const question of asked) await ask(question);
    }
    const shown = find() || log.lastElementChild;
    for (const other of log.querySelectorAll(".found")) other.classList.remove("found");
    shown.classList.add("found");
    shown.focus({ preventScroll: true });
    look(shown);
  }

  // --- completing what is typed: a combobox, whose list never takes the focus

  let chosen = -1, waiting = 0, asking = null;

  function choose(place) {
    chosen = place;
    [...list.children].forEach((item, number) => item.setAttribute("aria-selected", String(number === chosen)));
    const item = list.children[chosen];
    if (item) { field.setAttribute("aria-activedescendant", item.id); item.scrollIntoView({ block: "nearest" }); }
    else field.removeAttribute("aria-activedescendant");
  }

  function close() {
    clearTimeout(waiting);
    if (asking) asking.abort();
    list.hidden = true;
    field.setAttribute("aria-expanded", "false");
    choose(-1);
  }

  async function offer() {
    if (asking) asking.abort();
    const mine = asking = new AbortController();
    let found = [];
    try {
      const response = await fetch("api/suggest?q=" + encodeURIComponent(field.value.slice(0, 200)), { signal: mine.signal });
      if (response.ok) found = (await response.json()).suggestions;
    } catch { /* One can type on. */ }
    if (mine.signal.aborted || document.activeElement !== field) return;
    list.replaceChildren(...found.map((question, number) => make("li", question, { id: `offer-${number}` })));
    for (const item of list.children) item.setAttribute("role", "option");
    // It opens upwards, as far as there is room.
    list.style.maxHeight = `${Math.max(160, form.getBoundingClientRect().top - 8)}px`;
    list.hidden = !found.length;
    field.setAttribute("aria-expanded", String(!list.hidden));
    choose(-1);
  }

  function submit(question) {
    if (!question.trim()) return;
    close();
    field.value = "";
    ask(question.trim());
  }

  field.addEventListener("input", () => {
    clearTimeout(waiting);
    if (field.value.trim()) waiting = setTimeout(offer, 120); else close();
  });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const count = list.hidden ? 0 : list.children.length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!count) { offer(); return; }
      const step = event.key === "ArrowDown" ? 1 : -1;
      // Past either end lies what has been typed.
      const place = (chosen + 1 + step + count + 1) % (count + 1) - 1;
      choose(place);
    } else if (event.key === "Escape" && count) {
      event.preventDefault();
      close();
    } else if (event.key === "Enter" && count && chosen >= 0) {
      event.preventDefault();
      submit(list.children[chosen].textContent);
    }
  });
  field.addEventListener("blur", () => setTimeout(close, 150));
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => { if (event.target.closest("li")) submit(event.target.closest("li").textContent); });
  form.addEventListener("submit", (event) => { event.preventDefault(); submit(field.value); });
  if (examples) {
    examples.addEventListener("click", (event) => {
      const link = event.target.closest("a");
      if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) { event.preventDefault(); ask(link.textContent); }
    });
  }
  clear.addEventListener("click", forget);
  addEventListener("hashchange", open);

  for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": "offers", "aria-autocomplete": "list", "aria-haspopup": "listbox" })) field.setAttribute(name, value);

  // An answer that came with the page is asked anew, to be part of the conversation.
  const query = new URLSearchParams(location.search).get("q");
  log.replaceChildren(...turns.map(show));
  keep();
  if (query && query.trim()) {
    history.replaceState(null, "", location.pathname + location.hash);
    field.value = "";
    ask(query.trim());
  } else if (location.hash) {
    open();
  } else if (turns.length) {
    look(log.lastElementChild);
  }
})();
