// The page 復習: shows the cards that are due, and asks ts-fsrs (scheduler.js) when each comes back.

const WORDS = {
  show: say("答えを見る"),
  how: say("どのくらい思い出せましたか"),
  place: say("本で読み返す: "),
  none: say("カードがありません。"),
  refused: say("このブラウザーは記録を残せないので、ページを閉じると、予定は消えます。"),
};
const GRADES = /** @type {const} */ ([
  [FSRS.Rating.Again, say("もう一度")],
  [FSRS.Rating.Hard, say("難しい")],
  [FSRS.Rating.Good, say("できた")],
  [FSRS.Rating.Easy, say("簡単")],
]);
const NEW_A_DAY = 10;
const AHEAD = 20 * 60_000; // ms: a card that comes back after minutes comes now, when nothing else is left
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** @typedef {KeptSchedule & {first: string}} KeptCard as ts-fsrs gives it, with the day on which the card was seen first */
const COUNTED = /** @type {const} */ (["stability", "difficulty", "elapsed_days", "scheduled_days", "learning_steps", "reps", "lapses", "state"]);

const planner = FSRS.fsrs({ enable_fuzz: true });
const root = /** @type {HTMLElement} */ (document.querySelector(".review"));
const stage = /** @type {HTMLElement} */ (root.querySelector(".review-card"));
const counts = /** @type {HTMLElement} */ (root.querySelector(".review-counts"));
const upTo = /** @type {HTMLSelectElement} */ (root.querySelector(".review-up-to"));
const settings = new Memory(say("復習"));
let refused = false; // by a browser that keeps nothing

/** One of the page's templates, and what is kept of it. */
class Card {
  /** @param {HTMLTemplateElement} template */
  constructor(template) {
    this.template = template;
    this.memory = new Memory(`${say("復習")} ${template.dataset.key}`);
    this.page = Number(template.dataset.page);
  }

  /** What can't be read counts as not seen yet. */
  get schedule() {
    const kept = /** @type {KeptCard | null | undefined} */ (parsed(this.memory.kept.card ?? ""));
    const counted = COUNTED.every((name) => Number.isFinite(kept?.[name]));
    const dated = [kept?.due, kept?.last_review].every((date) => Number.isFinite(Date.parse(String(date))));
    return kept && counted && dated ? kept : undefined;
  }

  /** When it comes back: what is counted in days, at the beginning of that day. */
  get due() {
    const due = new Date(this.schedule?.due ?? 0);
    if (this.schedule?.state === FSRS.State.Review) due.setHours(0, 0, 0, 0);
    return due.getTime();
  }

  /** @param {Schedule} card */
  keep(card) {
    const first = this.schedule?.first ?? day(new Date());
    this.memory.keep({ card: JSON.stringify({ ...card, first }) });
    refused ||= localStorage.getItem(this.memory.key) === null;
  }
}

/** The day as the reader's calendar has it. @param {Date} date */
function day(date) {
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].join("-");
}

const cards = [.../** @type {NodeListOf<HTMLTemplateElement>} */ (document.querySelectorAll("template.review-template"))].map((one) => new Card(one));

/** What there is to do: cards that are due, new ones of the chapters that one has read, and what comes back soon. */
function waiting() {
  const now = Date.now();
  const chosen = cards.filter(({ page }) => page <= upTo.selectedIndex);
  const known = chosen.filter(({ schedule }) => schedule).sort((one, other) => one.due - other.due);
  const begun = cards.filter(({ schedule }) => schedule?.first === day(new Date())).length;
  const fresh = chosen.filter(({ schedule }) => !schedule).slice(0, Math.max(0, NEW_A_DAY - begun));
  const due = known.filter((card) => card.due <= now);
  const soon = known.filter((card) => card.due > now && card.due <= now + AHEAD);
  return { due, fresh, soon, later: known.find((card) => card.due > now + AHEAD), unseen: chosen.some(({ schedule }) => !schedule) };
}

/** @param {number} time from now on, in ms */
function inWords(time) {
  if (time < 60 * MINUTE) return say("{minutes}分後", { minutes: Math.max(1, Math.round(time / MINUTE)) });
  if (time < DAY) return say("{hours}時間後", { hours: Math.round(time / (60 * MINUTE)) });
  const days = Math.round(time / DAY);
  if (days === 1) return say("1日後");
  return days < 60 ? say("{days}日後", { days }) : say("{months}か月後", { months: Math.round(days / 30) });
}

function tell() {
  const { due, fresh, soon, later, unseen } = waiting();
  const left = due.length + soon.length + fresh.length;
  if (left) counts.textContent = say("今日のカードは、あと {left} 枚です(うち、新しいもの {fresh} 枚)。", { left, fresh: fresh.length });
  else {
    const tomorrow = new Date(new Date().setHours(24, 0, 0, 0));
    const next = unseen ? Math.min(later?.due ?? Infinity, tomorrow.getTime()) : later?.due;
    const when = next && new Date(next).toLocaleDateString(document.documentElement.lang, { month: "long", day: "numeric" });
    const over = when ? say("今日のカードは終わりました。次は {day} です。", { day: when }) : say("今日のカードは終わりました。");
    counts.textContent = cards.length ? over : WORDS.none;
  }
  if (refused) counts.append(WORDS.refused);
}

/** @param {boolean} [moved] whether the reader has pressed something, so that the focus follows */
function next(moved = false) {
  tell();
  const { due, fresh, soon } = waiting();
  const card = due[0] ?? fresh[0] ?? soon[0];
  stage.replaceChildren();
  stage.hidden = !card;
  if (card) present(card);
  if (moved) (card ? stage : upTo).focus();
}

/** @param {Card} card */
function present(card) {
  const { kind = "", address = "", title = "" } = card.template.dataset;
  const content = /** @type {DocumentFragment} */ (card.template.content.cloneNode(true));
  drawNumbers(content);
  const choices = mixedChoices(content);
  choices[0]?.parentElement?.append(...choices);
  const back = /** @type {HTMLElement | null} */ (content.querySelector(".card-back"));
  if (back) Object.assign(back, { hidden: true, tabIndex: -1 });
  const place = made("p", { className: "review-place", hidden: true }, WORDS.place, made("a", { href: address }, title));
  const grades = made("div", { className: "live-bar", role: "group", ariaLabel: WORDS.how, hidden: true });
  const opener = made("button", { type: "button", textContent: WORDS.show });
  const bar = made("div", { className: "live-bar" }, opener);

  const reveal = () => {
    if (!grades.hidden) return;
    place.hidden = grades.hidden = false;
    bar.remove();
    if (back) back.hidden = false;
    const outcomes = planner.repeat(card.schedule ?? FSRS.createEmptyCard(), new Date());
    GRADES.forEach(([grade, name], index) => {
      const { card: after } = outcomes[grade];
      const when = made("small", {}, inWords(after.due.getTime() - Date.now()));
      const press = () => (card.keep(after), next(true));
      grades.append(made("button", { type: "button", onclick: press, ariaKeyShortcuts: String(index + 1) }, `${name} `, when));
    });
  };
  opener.onclick = () => {
    reveal();
    for (const choice of choices) choice.open = Boolean(choice.querySelector(".quiz-right"));
    (back ?? choices.find(({ open }) => open)?.querySelector("summary"))?.focus();
  };
  for (const choice of choices) choice.addEventListener("toggle", () => choice.open && reveal());
  stage.append(made("h2", { className: "review-kind", textContent: kind }), content, place, bar, grades);
  stage.dispatchEvent(new Event("new-parts", { bubbles: true })); // for scrollable.js
}

// 1 to 4 while the card has the focus, so that they do nothing to who speaks or types elsewhere.
stage.addEventListener("keydown", ({ key, ctrlKey, altKey, metaKey }) => {
  if (ctrlKey || altKey || metaKey) return;
  /** @type {NodeListOf<HTMLButtonElement>} */ (stage.querySelectorAll("[role=group] button"))[Number(key) - 1]?.click();
});
upTo.addEventListener("change", () => {
  settings.keep({ upTo: upTo.selectedIndex });
  next();
});
addEventListener("storage", () => {
  for (const { memory } of cards) memory.recall();
  tell();
});
upTo.selectedIndex = Math.min(settings.kept.upTo ?? 0, upTo.length - 1);
root.hidden = false;
next();
