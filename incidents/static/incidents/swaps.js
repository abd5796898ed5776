// After htmx has replaced a part of the page the focus is where a person left it: on the same
// element, else on the row that took its place, else on the part itself.
(() => {
  let left = null;

  document.addEventListener("htmx:beforeSwap", (event) => {
    const focused = document.activeElement, target = event.detail.target;
    if (!focused || !target?.contains(focused)) return (left = null);
    const row = focused.closest("[data-row]");
    const place = row ? [...document.querySelectorAll("[data-row]")].indexOf(row) : -1;
    left = { id: focused.id, row: row?.id, place, target: target.id };
  });

  document.addEventListener("htmx:afterSettle", () => {
    if (!left || (document.activeElement && document.activeElement !== document.body)) return;
    const all = [...document.querySelectorAll("[data-row]")];
    const row = document.getElementById(left.row) ?? all[Math.min(left.place, all.length - 1)];
    const same = left.id && document.getElementById(left.id);
    const part = document.getElementById(left.target);
    const next = same || row?.querySelector("[data-open], a, button") || part?.querySelector("h1, h2") || part;
    if (next && next.tabIndex < 0) next.tabIndex = -1;
    next?.focus({ preventScroll: false });
    left = null;
  });

  for (const box of document.querySelectorAll("[data-checks]")) box.hidden = false;
  document.addEventListener("change", (event) => {
    const name = event.target.dataset?.checks;
    if (!name) return;
    for (const one of document.querySelectorAll(`input[name="${name}"]`)) one.checked = event.target.checked;
  });
})();
