// The keyboard: single keys press what says `data-key`, first in the row that has the focus, then
// on the page. "g i" is two keys. All of it is also there by mouse; who does not want single
// keys (WCAG 2.1.4) turns them off in the list of keys.
(() => {
  const PAUSE = 1500, OFF = "meyasu-keys-off";
  let first = "", since = 0;

  const rows = () => [...document.querySelectorAll("[data-row]")].filter((row) => row.checkVisibility());
  const current = () => document.activeElement?.closest("[data-row]");
  const isTyping = (element) =>
    element.matches("textarea, select, [contenteditable], input:not([type=checkbox], [type=radio])");

  function step(by) {
    const all = rows(), now = all.indexOf(current());
    const row = all[now < 0 ? (by > 0 ? 0 : all.length - 1) : now + by];
    const opener = row?.querySelector("[data-open], a, button, summary");
    opener?.focus();
    row?.scrollIntoView({ block: "nearest" });
  }

  function pressed(key) {
    const wanted = `[data-key="${CSS.escape(key)}"]`;
    const inRow = current()?.querySelector(wanted);
    if (inRow) return inRow;
    return [...document.querySelectorAll(wanted)].find((one) => !one.closest("[data-row]"));
  }

  function press(element) {
    if (element.matches("input[type=search], input[type=text], textarea, select")) {
      element.focus();
      element.select?.();
    } else {
      element.focus({ preventScroll: true });
      element.click();
    }
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || event.metaKey || event.isComposing) return;
    if (event.ctrlKey && event.key !== "k") return;
    if (document.querySelector("dialog:modal")) return;
    if (event.ctrlKey) return pass(event, "ctrl k");
    if (localStorage.getItem(OFF) || isTyping(event.target)) return;
    if (event.key === "j" || event.key === "k") {
      event.preventDefault();
      return step(event.key === "j" ? 1 : -1);
    }
    const key = event.timeStamp - since < PAUSE && first ? `${first} ${event.key}` : event.key;
    first = event.key === "g" && key === "g" ? "g" : "";
    since = event.timeStamp;
    if (key.length === 1 || key.includes(" ")) pass(event, key);
  });

  function pass(event, key) {
    const element = pressed(key);
    if (!element) return;
    event.preventDefault();
    press(element);
  }

  const wish = document.querySelector("#keys-off");
  if (wish) {
    wish.checked = Boolean(localStorage.getItem(OFF));
    wish.addEventListener("change", () => {
      if (wish.checked) localStorage.setItem(OFF, "yes");
      else localStorage.removeItem(OFF);
    });
  }
})();
