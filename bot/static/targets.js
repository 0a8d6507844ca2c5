// Sorts and filters without loading the page anew: the server's own page is fetched and its sheet put in place.
// Without this file, the same links and the same form do the same.
"use strict";
(() => {
  const form = document.getElementById("filter");
  let latest = 0;

  async function show(address, focus) {
    const mine = ++latest;
    let page;
    try {
      const response = await fetch(address, { headers: { Accept: "text/html" } });
      page = new DOMParser().parseFromString(await response.text(), "text/html");
    } catch {
      location.assign(address);
      return;
    }
    const sheet = page.getElementById("sheet");
    if (mine !== latest) return;
    if (!sheet) {
      location.assign(address);
      return;
    }
    const here = document.getElementById("sheet");
    // The status line stays where it is, so that a screen reader speaks its new text.
    document.getElementById("said").textContent = page.getElementById("said").textContent;
    here.replaceChildren(...sheet.childNodes);
    if (focus) here.querySelector(`[data-sort="${CSS.escape(focus)}"]`)?.focus();
  }

  function wished() {
    const given = new URLSearchParams();
    for (const [name, text] of new FormData(form)) if (text) given.set(name, text);
    return `${location.pathname}?${given}`;
  }

  function fill(address) {
    const given = new URL(address, location.href).searchParams;
    for (const field of form.elements) {
      if (!field.name) continue;
      field.value = given.get(field.name) ?? "";
      if (field.tagName === "SELECT" && field.selectedIndex < 0) field.selectedIndex = 0;
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    history.pushState(null, "", wished());
    show(location.href);
  });
  form.addEventListener("change", (event) => {
    if (event.target.tagName === "SELECT") form.requestSubmit();
  });
  let typing;
  form.addEventListener("input", (event) => {
    clearTimeout(typing);
    if (event.target.tagName !== "INPUT" || !form.checkValidity()) return;
    typing = setTimeout(() => {
      history.replaceState(null, "", wished());
      show(location.href);
    }, 250);
  });
  document.getElementById("main").addEventListener("click", (event) => {
    const link = event.target.closest("a[data-sort]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    history.pushState(null, "", link.href);
    fill(link.href);
    show(link.href, link.dataset.sort);
  });
  addEventListener("popstate", () => {
    fill(location.href);
    show(location.href);
  });
})();
