// Who uses a keyboard can scroll only what can be focused. The theme looks after code and tables when the page or
// the window changes; what was inside a closed box then, and formulas, it misses.
const SCROLLABLE = "pre, .pst-scrollable-table-container, .cell_output > .output, mjx-container[display='true']";

const sizes = new ResizeObserver((entries) => {
  for (const { target } of /** @type {{target: HTMLElement}[]} */ (/** @type {unknown} */ (entries)))
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
});

const watch = () => document.querySelectorAll(SCROLLABLE).forEach((part) => sizes.observe(part));
addEventListener("load", watch);
addEventListener("new-parts", watch);
