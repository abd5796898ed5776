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

  // A part that is asked for: its buttons wait, a line shows that something is under way, and what
  // goes wrong is said. Who has been signed out meanwhile is led to the sign-in.
  let underWay = 0;
  const waits = (form, yes) => {
    for (const button of form?.querySelectorAll?.("button") ?? []) {
      if (yes) button.setAttribute("aria-busy", "true");
      else button.removeAttribute("aria-busy");
    }
  };
  document.addEventListener("htmx:beforeRequest", (event) => {
    const requestConfig = event.detail.requestConfig, elt = requestConfig.elt;
    if (requestConfig.verb !== "get" && elt.querySelector("button[aria-busy]")) return event.preventDefault();
    if (requestConfig.verb !== "get") waits(elt, true);
    underWay += 1;
    document.documentElement.classList.add("working");
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    // Not detail.elt: where a swap took what had asked away, that is what lies around it.
    waits(event.detail.requestConfig.elt, false);
    underWay = Math.max(0, underWay - 1);
    if (!underWay) document.documentElement.classList.remove("working");
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.matches("[hx-post], [hx-get], [target]")) return;
    if (form.dataset.sent) return event.preventDefault();
    if (form.method === "post") form.dataset.sent = "yes";
    document.documentElement.classList.add("working");
    // What is downloaded leaves the page as it is.
    setTimeout(() => { delete form.dataset.sent; document.documentElement.classList.remove("working"); }, 8000);
  });
  addEventListener("pageshow", () => document.documentElement.classList.remove("working"));

  const trouble = document.querySelector("#trouble");
  function say(what, number) {
    if (!trouble) return;
    trouble.querySelector("span").textContent = trouble.dataset[what] + (number ? ` (${number})` : "");
    if (!trouble.matches(":popover-open")) trouble.showPopover();
  }
  // What is asked for again and again is silent: it comes back by itself.
  const isRepeated = (element) => /every/.test(element?.getAttribute?.("hx-trigger") ?? "");
  document.addEventListener("htmx:sendError", (event) => isRepeated(event.detail.requestConfig.elt) || say("away"));
  document.addEventListener("htmx:timeout", (event) => isRepeated(event.detail.requestConfig.elt) || say("late"));
  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    if (isRepeated(event.detail.requestConfig.elt)) return;
    say(status === 403 ? "forbidden" : status === 404 ? "gone" : "failed", status);
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const from = event.detail.xhr.responseURL;
    if (!from || !new URL(from).pathname.startsWith("/sign-in/")) return;
    event.detail.shouldSwap = false;
    location.assign(`/sign-in/?next=${encodeURIComponent(location.pathname + location.search)}`);
  });

  for (const box of document.querySelectorAll("[data-checks]")) box.hidden = false;
  document.addEventListener("change", (event) => {
    const name = event.target.dataset?.checks;
    if (!name) return;
    for (const one of document.querySelectorAll(`input[name="${name}"]`)) one.checked = event.target.checked;
  });
})();
