// Paper is white, and nothing on it can be opened: while a page is printed it is light and all that is folded shows.

/** @type {{part: HTMLDetailsElement, group: string | null}[]} */ let folded = [];
/** @type {string | undefined} */ let theme;

addEventListener("beforeprint", () => {
  theme = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = "light";
  folded = [.../** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll("details:not([open])"))].map((part) => ({ part, group: part.getAttribute("name") }));
  for (const { part } of folded) {
    part.removeAttribute("name"); // of a group only one can be open
    part.open = true;
  }
});

addEventListener("afterprint", () => {
  document.documentElement.dataset.theme = theme;
  for (const { part, group } of folded) {
    part.open = false;
    if (group) part.setAttribute("name", group);
  }
});
