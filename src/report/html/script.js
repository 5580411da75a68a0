"use strict";
// Filters, search and keys. Without it the page is complete, only longer.
(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const checks = all("details.check");
  const chips = all(".chip");
  const search = document.getElementById("search");
  const shown = document.getElementById("shown");
  const nothing = document.getElementById("nothing");
  const squares = new Map(all(".square").map((square) => [square.dataset.for, square]));
  const texts = new Map(checks.map((check) => [check, check.textContent.toLowerCase()]));
  const pressed = (chip) => chip.getAttribute("aria-pressed") === "true";
  const press = (chip, on) => chip.setAttribute("aria-pressed", String(on));

  function show() {
    const verdicts = new Set(chips.filter(pressed).map((chip) => chip.dataset.verdict));
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const check of checks) {
      const fits = verdicts.has(check.dataset.verdict) && words.every((word) => texts.get(check).includes(word));
      check.hidden = !fits;
      squares.get(check.id)?.classList.toggle("off", !fits);
      count += fits;
    }
    for (const group of all(".group, section.spec")) {
      group.hidden = !group.querySelector("details.check:not([hidden])");
    }
    shown.textContent = count === checks.length ? "" : `${count} of ${checks.length}`;
    nothing.hidden = count > 0;
  }

  function only(kept) {
    chips.forEach((chip) => press(chip, kept(chip.dataset.verdict)));
    show();
  }

  function everything() {
    search.value = "";
    only(() => true);
  }

  const grave = (verdict) => ["fail", "flaky", "blocked", "warn"].includes(verdict);

  function failures() {
    const already = chips.every((chip) => pressed(chip) === grave(chip.dataset.verdict));
    already ? everything() : only(grave);
  }

  function step(by) {
    const visible = checks.filter((check) => !check.hidden);
    const at = visible.findIndex((check) => check.contains(document.activeElement));
    const next = visible[at < 0 ? (by > 0 ? 0 : visible.length - 1) : at + by];
    if (next) { next.querySelector("summary").focus(); next.scrollIntoView({ block: "nearest" }); }
  }

  // Where somebody goes is shown, opened and focused, also when a filter hides it.
  function arrive() {
    const check = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!check?.matches("details.check")) return;
    if (check.hidden) everything();
    check.open = true;
    check.querySelector("summary").focus({ preventScroll: true });
    check.scrollIntoView({ block: "start" });
  }

  // A click on one of several pressed buttons keeps only that one; a click on the last one brings all back.
  chips.forEach((chip) => chip.addEventListener("click", () => {
    const every = chips.every(pressed);
    if (every) return only((verdict) => verdict === chip.dataset.verdict);
    press(chip, !pressed(chip));
    chips.some(pressed) ? show() : everything();
  }));
  search.addEventListener("input", show);
  all("[data-clear]").forEach((button) => button.addEventListener("click", everything));
  window.addEventListener("hashchange", arrive);

  const keys = {
    "/": () => { search.focus(); search.select(); },
    j: () => step(1),
    k: () => step(-1),
    f: failures,
    Escape: () => { everything(); document.activeElement.blur(); },
    "?": () => document.querySelector("footer").scrollIntoView(),
  };
  document.addEventListener("keydown", (event) => {
    const typing = event.target === search && event.key !== "Escape";
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    keys[event.key]();
  });

  if (checks.some((check) => grave(check.dataset.verdict)) && checks.length > 60) only(grave);
  show();
  arrive();
})();
