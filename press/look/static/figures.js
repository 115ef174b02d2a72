// Figures with controls (dlcourse.plotting.steps and explorer). Without this script they show one frame, and no controls.

/** @param {HTMLElement} figure */
function connect(figure) {
  const fields = /** @type {NodeListOf<HTMLInputElement | HTMLSelectElement>} */ (figure.querySelectorAll("input, select"));
  const buttons = /** @type {NodeListOf<HTMLButtonElement>} */ (figure.querySelectorAll("button[data-move]"));
  const controls = /** @type {HTMLElement} */ (figure.querySelector(".frames-controls"));
  const captions = figure.querySelectorAll(".frames-captions > li");
  const parts = figure.querySelectorAll("[data-frames]");
  // as it is without this script, and on paper
  const drawn = [...parts].map((part) => part.getAttribute("display") ?? "inline");
  const told = [...captions].map((caption) => caption.hasAttribute("hidden"));

  function show() {
    let frame = 0;
    for (const field of fields) {
      const values = JSON.parse(field.dataset.values ?? "[]");
      const chosen = Number(field.value);
      frame = frame * values.length + chosen;
      if (field.type === "range") field.ariaValueText = values[chosen];
      field.nextElementSibling?.replaceChildren(values[chosen]); // a slider has its value beside it
      for (const button of buttons) button.disabled = values[chosen + Number(button.dataset.move)] === undefined;
    }
    for (const part of parts) {
      const shown = part.getAttribute("data-frames")?.split(" ").includes(String(frame));
      part.setAttribute("display", shown ? "inline" : "none");
    }
    captions.forEach((caption, number) => caption.toggleAttribute("hidden", number !== frame));
  }

  figure.addEventListener("input", show);
  for (const button of buttons)
    button.addEventListener("click", () => {
      fields[0].value = String(Number(fields[0].value) + Number(button.dataset.move));
      show();
    });
  addEventListener("beforeprint", () => {
    parts.forEach((part, number) => part.setAttribute("display", drawn[number]));
    captions.forEach((caption, number) => caption.toggleAttribute("hidden", told[number]));
  });
  addEventListener("afterprint", show);
  controls.hidden = false;
  show();
}

/** @param {ParentNode} place */
const connectAll = (place) => /** @type {NodeListOf<HTMLElement>} */ (place.querySelectorAll(".frames")).forEach(connect);
connectAll(document);
// live.js says so when a cell that ran in the page has shown something.
document.addEventListener("live-output", ({ target }) => connectAll(/** @type {HTMLElement} */ (target)));
