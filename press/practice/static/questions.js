// What the pages 復習 and 試験に備える share: questions whose numbers and whose order of choices are drawn anew.

/** @template T @param {T[]} items @returns {T[]} the same in an order by chance */
function shuffled(items) {
  const mixed = [...items];
  for (let last = mixed.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1));
    [mixed[last], mixed[other]] = [mixed[other], mixed[last]];
  }
  return mixed;
}

/** Show another of the sets of numbers that the book's own functions drew when it was built. @param {ParentNode} question */
function drawNumbers(question) {
  const variants = question.querySelector("script.variants")?.textContent;
  if (!variants) return;
  /** @type {Record<string, string[]>} */
  const numbers = JSON.parse(variants);
  const which = Math.floor(Math.random() * Object.values(numbers)[0].length);
  for (const place of /** @type {NodeListOf<HTMLElement>} */ (question.querySelectorAll("[data-drawn]")))
    place.textContent = numbers[/** @type {string} */ (place.dataset.drawn)][which];
}

/** The choices of a quiz in an order by chance; what can only be the last one stays there. @param {ParentNode} question */
function mixedChoices(question) {
  const choices = /** @type {HTMLDetailsElement[]} */ ([...question.querySelectorAll("details")]);
  const last = choices.filter((choice) => choice.matches(".keep-last"));
  return [...shuffled(choices.filter((choice) => !last.includes(choice))), ...last];
}

/** @template {keyof HTMLElementTagNameMap} T @param {T} tag @param {object} [properties] @param {(Node | string)[]} children */
function made(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  Object.assign(element, properties).append(...children);
  return element;
}
