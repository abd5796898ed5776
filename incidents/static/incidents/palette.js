// The command palette: everything on the page that says `data-command`, found by its words. What
// no command fits is searched for. Without scripts its button does not show.
(() => {
  const dialog = document.querySelector("#palette");
  if (!dialog) return;
  const words = dialog.querySelector("input"), list = dialog.querySelector("[role=listbox]");
  let commands = [], at = 0;

  const label = (element) =>
    (element.dataset.command || element.textContent).replace(/\s+/g, " ").trim();

  function open() {
    commands = [...document.querySelectorAll("[data-command]")].filter((one) => one.checkVisibility());
    words.value = "";
    show();
    dialog.showModal();
  }

  function option(text, key, act) {
    const item = document.createElement("li");
    item.role = "option";
    item.id = `palette-${list.children.length}`;
    item.textContent = text;
    if (key) {
      const hint = document.createElement("kbd");
      hint.textContent = key;
      item.append(" ", hint);
    }
    item.addEventListener("click", act);
    list.append(item);
  }

  function run(element) {
    dialog.close();
    element.focus();
    element.click();
  }

  function show() {
    const asked = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    list.replaceChildren();
    for (const one of commands) {
      const text = label(one);
      if (asked.every((word) => text.toLowerCase().includes(word)))
        option(text, one.dataset.key, () => run(one));
    }
    if (asked.length)
      option(`${list.dataset.search} “${words.value.trim()}”`, "", () => words.form.submit());
    choose(0);
  }

  function choose(next) {
    const items = [...list.children];
    at = items.length ? (next + items.length) % items.length : 0;
    items.forEach((item, place) => item.setAttribute("aria-selected", String(place === at)));
    items[at]?.scrollIntoView({ block: "nearest" });
    words.setAttribute("aria-activedescendant", items[at]?.id ?? "");
  }

  words.addEventListener("input", show);
  dialog.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(at + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      list.children[at]?.click();
    }
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  for (const button of document.querySelectorAll("[data-opens-palette]")) {
    button.hidden = false;
    button.addEventListener("click", open);
  }
})();
