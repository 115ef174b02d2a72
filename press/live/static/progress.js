// The page 進み具合: what is solved, and all that this browser keeps, to take along or to erase.

const TEXTS = {
  passed: say("✓ 正解済み"),
  begun: say("… 途中"),
  fresh: say("まだ"),
  loaded: say("記録を読み込みました。"),
  erased: say("記録をすべて消しました。"),
  refused: say("ブラウザーが記録を受け付けませんでした。空きがあるか、保存を許す設定かを確かめてください。"),
  wrong: say("このファイルは読み込めません。「記録を保存」で作ったファイル(.json)を選んでください。記録は変えていません。"),
  mayReplace: say("ファイルにある問題、セル、復習の予定は、いまの記録と置きかわります。読み込みますか。"),
  mayErase: say("正解の印、ページの中で書いたコード、復習の予定を、すべて消します。元には戻せません。消しますか。"),
};
const FORMAT = "dlcourse-progress-1";

function show() {
  for (const count of document.querySelectorAll(".progress-count")) {
    let solved = 0;
    for (const mark of count.closest("section")?.querySelectorAll("[data-answers]") ?? []) {
      /** @type {[string, string][]} */
      const answers = JSON.parse(mark.getAttribute("data-answers") ?? "");
      const memories = answers.map(([check, edition]) => new Memory(check, edition));
      const begun = memories.some(({ passed, kept }) => passed || kept.code !== undefined);
      const state = memories.every(({ passed }) => passed) ? "passed" : begun ? "begun" : "fresh";
      mark.textContent = TEXTS[state];
      mark.className = `progress-${state}`;
      solved += Number(state === "passed");
    }
    const bar = /** @type {HTMLProgressElement} */ (count.querySelector("progress"));
    bar.value = solved;
    /** @type {HTMLElement} */ (count.querySelector(".progress-solved")).textContent = String(solved);
  }
}

function keys() {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(KEPT));
  } catch {
    return []; // a browser that keeps nothing
  }
}

/** @param {string} name @param {string} text @param {string} [type] */
function offer(name, text, type = "application/json") {
  const href = URL.createObjectURL(new Blob([text], { type }));
  Object.assign(document.createElement("a"), { href, download: name }).click();
  URL.revokeObjectURL(href);
}

function save() {
  const records = Object.fromEntries(keys().map((key) => [key.slice(KEPT.length), parsed(localStorage.getItem(key) ?? "")]));
  offer("dlcourse-progress.json", JSON.stringify({ format: FORMAT, records }, null, 1));
}

async function load() {
  const content = /** @type {any} */ (parsed((await chooser.files?.[0]?.text()) ?? ""));
  chooser.value = ""; // the same file may be chosen again
  const records = Object.entries(content?.records ?? {});
  if (content?.format !== FORMAT || !records.every(([, kept]) => isKept(kept))) return tell(TEXTS.wrong);
  if (keys().length && !confirm(TEXTS.mayReplace)) return;
  try {
    for (const [place, kept] of records) localStorage.setItem(KEPT + place, JSON.stringify(kept));
    // where the browser may keep nothing, what stands in for its memory (layout.html) says nothing
    tell(records.every(([place]) => localStorage.getItem(KEPT + place)) ? TEXTS.loaded : TEXTS.refused);
  } catch {
    tell(TEXTS.refused);
  }
}

function erase() {
  if (!confirm(TEXTS.mayErase)) return;
  for (const key of keys()) localStorage.removeItem(key);
  tell(TEXTS.erased);
}

/** @param {string} text @param {Element} [place] */
function tell(text, place = said) {
  for (const one of document.querySelectorAll(".live-status")) one.textContent = one === place ? text : "";
  show();
}

const chooser = /** @type {HTMLInputElement} */ (document.querySelector(".progress-tools input"));
const said = /** @type {HTMLElement} */ (document.querySelector(".progress-tools [role=status]"));
const actions = { save, load: () => chooser.click(), erase };
for (const [action, work] of Object.entries(actions))
  document.querySelector(`[data-action=${action}]`)?.addEventListener("click", work);
chooser.addEventListener("change", load);
for (const event of ["storage", "pageshow"]) addEventListener(event, show);
for (const part of document.querySelectorAll(".progress-tools, .progress-count, .progress-notebook")) part.removeAttribute("hidden");
