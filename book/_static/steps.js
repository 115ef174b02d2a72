// Figures that are gone through step by step (dlcourse.plotting.steps). Without this script the last step shows,
// with all captions.

const LABELS = { back: "前の段", slider: "段を選ぶ", next: "次の段" };

/** @param {HTMLElement} figure */
function addControls(figure) {
  const captions = [...figure.querySelectorAll(".steps-captions > li")];
  const parts = [...figure.querySelectorAll("[data-appears]")];
  const last = captions.length - 1;

  const back = button("◀", LABELS.back, () => show(step() - 1));
  const next = button("▶", LABELS.next, () => show(step() + 1));
  const slider = document.createElement("input");
  Object.assign(slider, { type: "range", min: 0, max: last, ariaLabel: LABELS.slider });
  slider.addEventListener("input", () => show(step()));
  const controls = document.createElement("div");
  controls.className = "steps-controls";
  controls.append(back, slider, next);
  const list = figure.querySelector(".steps-captions");
  list.before(controls);
  list.setAttribute("aria-live", "polite");
  figure.classList.add("steps-live");

  function step() {
    return Number(slider.value);
  }

  /** @param {number} number */
  function show(number) {
    slider.value = String(number);
    slider.ariaValueText = `${number} / ${last}`;
    back.disabled = number === 0;
    next.disabled = number === last;
    for (const part of parts) part.toggleAttribute("hidden", Number(part.dataset.appears) > number);
    captions.forEach((caption, place) => caption.toggleAttribute("hidden", place !== number));
  }

  show(0);
}

/** @param {string} text @param {string} label @param {() => void} action */
function button(text, label, action) {
  const made = document.createElement("button");
  Object.assign(made, { type: "button", textContent: text, ariaLabel: label });
  made.addEventListener("click", action);
  return made;
}

document.querySelectorAll(".steps").forEach(addControls);
// live.js says so when a cell that ran in the page has shown something.
document.addEventListener("live-output", (event) => event.target.querySelectorAll(".steps").forEach(addControls));
