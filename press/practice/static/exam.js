// The page 試験に備える: a paper of questions by chance, with a time limit if one likes, and its result by chapter.

const SECONDS = 72; // for one question, as 100 in two hours
const LETTERS = say("アイウエ");
const MOCK = {
  grade: say("採点する"), again: say("ほかの問題で、もう一度"), print: say("印刷する"), close: say("やめる"),
  mayClose: say("解答を捨てて、問題の一覧に戻りますか。"),
  over: say("時間になったので、採点しました。"),
  answers: say("答えと理由"),
};

const tool = /** @type {HTMLElement} */ (document.querySelector(".mock-exam"));
const bar = /** @type {HTMLElement} */ (tool.querySelector(".live-bar"));
const notice = /** @type {HTMLElement} */ (tool.querySelector("[role=status]"));
const count = /** @type {HTMLSelectElement} */ (tool.querySelector(".mock-exam-count"));
const limited = /** @type {HTMLSelectElement} */ (tool.querySelector(".mock-exam-time"));
const sections = [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("article section:has(> .question)"))];

/** @typedef {{topic: string, right: number, field: HTMLFieldSetElement, reasons: HTMLElement}} Asked */

/** As many from every chapter as its share, in the order of the chapters. @param {number} number */
function chosen(number) {
  const pools = sections.map((section) => shuffled([...section.querySelectorAll(":scope > .question")]));
  /** @type {Element[][]} */
  const taken = sections.map(() => []);
  const all = pools.reduce((sum, { length }) => sum + length, 0);
  for (let left = Math.min(number, all); left > 0; left -= 1) {
    const behind = pools.map((pool, index) => (pool.length ? taken[index].length / (pool.length + taken[index].length) : 2));
    const index = behind.indexOf(Math.min(...behind));
    taken[index].push(/** @type {Element} */ (pools[index].pop()));
  }
  return taken.flat();
}

/** A number made of its question on the page. @param {Element} question @param {number} index @returns {Asked} */
function ask(question, index) {
  const topic = question.closest("section")?.querySelector("h2")?.firstChild?.textContent ?? "";
  const copy = /** @type {Element} */ (question.cloneNode(true));
  drawNumbers(copy);
  for (const part of copy.querySelectorAll(".copybtn")) part.remove(); // a copy of the button does nothing
  for (const part of copy.querySelectorAll("[id]")) part.removeAttribute("id");
  const choices = mixedChoices(copy);
  const right = choices.findIndex((choice) => choice.querySelector(".quiz-right")); // before their parts are taken out
  const name = `question-${index + 1}`;
  const text = [...copy.children].filter((part) => !part.matches(".admonition-title, details, script"));
  const offered = choices.map((choice, place) => {
    const input = made("input", { type: "radio", name, value: String(place) });
    const words = made("span", {}, .../** @type {Element} */ (choice.querySelector("summary")).childNodes);
    return made("label", {}, input, `${LETTERS[place]}. `, words);
  });
  const reasons = made("ul", { className: "mock-exam-reasons" }, ...choices.map((choice, place) => {
    const [verdict, ...rest] = [...choice.children].filter((part) => part.localName !== "summary");
    verdict.prepend(`${LETTERS[place]}. `);
    return made("li", {}, verdict, ...rest);
  }));
  const field = made("fieldset", {}, made("legend", {}, say("問{number}", { number: index + 1 })), ...text, ...offered);
  return { topic, right, field, reasons };
}

/** @param {number} seconds */
const left = (seconds) => say("残り {minutes}分{seconds}秒", { minutes: Math.floor(seconds / 60), seconds: String(seconds % 60).padStart(2, "0") });

function start() {
  const asked = chosen(Number(count.value)).map(ask);
  const end = Number(limited.value) ? Date.now() + asked.length * SECONDS * 1000 : Infinity;
  const clock = made("p", { className: "mock-exam-clock", role: "timer" });
  const result = made("div", { className: "mock-exam-result", tabIndex: -1, hidden: true });
  const sheet = made("ol", { className: "mock-exam-sheet" }, ...asked.map(({ reasons }) => made("li", {}, reasons.cloneNode(true))));
  const grader = made("button", { type: "button", textContent: MOCK.grade });
  const printer = made("button", { type: "button", textContent: MOCK.print, onclick: () => print() });
  const closer = made("button", { type: "button", textContent: MOCK.close });
  const foot = made("div", { className: "live-bar" }, grader, printer, closer);
  const paper = made("div", { className: "mock-exam-paper" }, result, clock, ...asked.map(({ field }) => field), foot);
  paper.append(made("section", { className: "mock-exam-answers" }, made("h3", {}, MOCK.answers), sheet));

  const tick = () => {
    if (end === Infinity) return;
    const seconds = Math.max(0, Math.round((end - Date.now()) / 1000));
    clock.textContent = left(seconds);
    if (seconds === 300) notice.textContent = say("残りは 5 分です。");
    if (seconds === 60) notice.textContent = say("残りは 1 分です。");
    if (seconds === 0) grade(MOCK.over);
  };
  const timer = setInterval(tick, 1000);
  const grade = (note = "") => {
    clearInterval(timer);
    clock.remove();
    notice.textContent = note;
    showResult(asked, result);
    grader.remove();
    closer.textContent = MOCK.again;
  };
  grader.onclick = () => grade();
  closer.onclick = () => {
    if (result.hidden && !confirm(MOCK.mayClose)) return;
    clearInterval(timer);
    paper.remove();
    setOpen(false);
    notice.textContent = "";
    /** @type {HTMLElement} */ (tool.querySelector(".mock-exam-start")).focus();
  };
  tool.append(paper);
  tool.dispatchEvent(new Event("new-parts", { bubbles: true })); // for scrollable.js
  setOpen(true);
  tick();
  asked[0]?.field.querySelector("input")?.focus();
}

/** While there is a paper, its questions are not also on the page below. @param {boolean} isOpen */
function setOpen(isOpen) {
  for (const section of sections) section.hidden = isOpen;
  for (const part of bar.querySelectorAll("label, button")) part.toggleAttribute("hidden", isOpen);
  document.documentElement.classList.toggle("mock-exam-open", isOpen);
}

/** @param {Asked[]} asked @param {HTMLElement} result */
function showResult(asked, result) {
  /** @type {Map<string, [number, number]>} */
  const topics = new Map();
  for (const { topic, right, field, reasons } of asked) {
    const given = /** @type {HTMLInputElement | null} */ (field.querySelector("input:checked"));
    const solved = given?.value === String(right);
    const [good, all] = topics.get(topic) ?? [0, 0];
    topics.set(topic, [good + Number(solved), all + 1]);
    const letter = LETTERS[right];
    const missed = given ? say("× 不正解(正解は {letter})", { letter }) : say("× 無解答(正解は {letter})", { letter });
    field.append(made("p", { className: solved ? "mock-exam-solved" : "mock-exam-missed" }, solved ? say("○ 正解") : missed), reasons);
    for (const input of field.querySelectorAll("input")) input.disabled = true;
  }
  const good = [...topics.values()].reduce((sum, [one]) => sum + one, 0);
  const row = (/** @type {"th" | "td"} */ tag, /** @type {string[]} */ texts) => made("tr", {}, ...texts.map((text) => made(tag, {}, text)));
  const rows = [...topics].map(([topic, [one, all]]) => row("td", [topic, `${one} / ${all}`]));
  const table = made("table", {}, made("thead", {}, row("th", [say("章"), say("正解")])), made("tbody", {}, ...rows));
  result.replaceChildren(made("h3", {}, say("{all} 問のうち {good} 問が正解です", { all: asked.length, good })), table);
  result.hidden = false;
  result.focus();
}

tool.querySelector(".mock-exam-start")?.addEventListener("click", start);
tool.hidden = false;
