// Cells and exercises that run in the page. Nothing is loaded, and nothing looks different but for one button per
// cell, until the reader asks. The Python side is worker.js and kernel.py.

const TEXT = {
  open: "実行・編集", solve: "ここで解く", run: "実行", runAll: "ここまで全部実行", stop: "停止", reset: "リセット", check: "採点する",
  editor: "Esc のあとの Tab で、この欄の外へ移れます。Shift + Enter で実行します。",
  waiting: "順番を待っています…",
  stopped: "停止しました。書きかけのコードは残っています。変数は消えたので、次は「ここまで全部実行」から始めてください。",
  stoppedAnswer: "停止しました。書きかけの解答は残っています。",
  picture: "このセルが描いた図",
  differs: "このセルの結果は、ページの中で計算すると、本に印刷されたものと少し違います。計算の順番や、あふれの知らせ方が、計算機によって違うためです。",
  confirm: "書いたものを消して、最初の状態に戻しますか。",
  old: "このブラウザーでは、ページの中で Python を動かせません。新しい Chrome、Edge、Firefox、Safari で開いてください。",
  file: "ファイルとして開いたページでは、Python を動かせません。この本のフォルダーにある start.py を実行すると、動かせるページが開きます。",
  broken: "Python を動かせませんでした。ネットワークを確かめて、もう一度押してください。",
};
const script = /** @type {HTMLScriptElement} */ (document.currentScript);
const home = new URL("./", script.src);
const PROGRESS = {
  python: `Python を読み込んでいます(最大 ${script.dataset.python} MB。次からは、ブラウザーに残っていればすぐ始まります)…`,
  figures: `図を描く道具を読み込んでいます(最大 ${script.dataset.figures} MB)…`,
  running: "実行しています…",
};
const PATIENCE = 1000; // ms that a running cell has to answer an interrupt, before its worker is ended

/** @template {keyof HTMLElementTagNameMap} T @param {T} tag @param {object} [properties] @param {(Node | string)[]} children */
function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** The page's one Python: what is asked of it is done in turn. */
class Kernel {
  constructor() {
    this.turn = Promise.resolve();
    this.life = 0; // counts the workers, so that what waited for a stopped one is dropped
  }

  /**
   * Resolves to true when Python came to the end without an error.
   * @param {object} task what worker.js expects
   * @param {(kind: string, text: string, alt?: string) => void} tell
   */
  run(task, tell) {
    const life = this.life;
    tell("progress", TEXT.waiting);
    const done = this.turn.then(() => (life === this.life ? this.#runNow(task, tell) : this.#drop(tell)));
    this.turn = done;
    return done;
  }

  #drop(tell) {
    tell("progress", "");
    return false;
  }

  #runNow(task, tell) {
    this.worker ??= new Worker(new URL("worker.js", home));
    // Shared memory, and with it a stop that keeps the variables, exists only where the server isolates the page.
    this.interrupt = self.crossOriginIsolated ? new Uint8Array(new SharedArrayBuffer(1)) : undefined;
    return new Promise((resolve) => {
      this.finish = (ended, kind, text) => {
        this.finish = undefined;
        tell("progress", "");
        if (kind) tell(kind, text);
        resolve(ended);
      };
      this.worker.onmessage = ({ data: { kind, text, alt } }) => {
        if (kind === "done") this.finish?.(text);
        else if (kind === "broken") this.#end(`${TEXT.broken}\n${text}`);
        else tell(kind, kind === "progress" ? PROGRESS[text] : text, alt);
      };
      this.worker.onerror = (event) => this.#end(`${TEXT.broken}\n${event.message ?? ""}`);
      this.worker.postMessage({ ...task, interrupt: this.interrupt });
    });
  }

  stop() {
    if (!this.finish) return;
    this.life += 1;
    const stopped = this.finish;
    const end = () => this.finish === stopped && this.#end("");
    if (this.interrupt) {
      this.interrupt[0] = 2; // SIGINT
      setTimeout(end, PATIENCE);
    } else end();
  }

  /** @param {string} reason */
  #end(reason) {
    this.worker.terminate();
    this.worker = undefined;
    this.life += 1;
    cells.forEach((cell) => (cell.ran = false));
    this.finish?.(false, reason ? "error" : "stopped", reason);
  }
}

/** What the reader wrote in one place of one page. A record that can't be read, or of another edition, is set aside. */
class Memory {
  /** @param {string} place @param {string} source */
  constructor(place, source) {
    this.key = `dlcourse ${location.pathname} ${place}`;
    this.source = source;
    this.kept = this.#read() ?? { source };
  }

  #read() {
    try {
      const text = localStorage.getItem(this.key);
      if (text === null) return undefined;
      try {
        const kept = JSON.parse(text);
        if (kept.source === this.source && ["string", "undefined"].includes(typeof kept.code)) return kept;
      } catch {} // falls through to setting it aside
      localStorage.setItem(`${this.key} (前の版)`, text);
      localStorage.removeItem(this.key);
    } catch {} // a browser may refuse to keep anything; the page works without
    return undefined;
  }

  /** @param {{code?: string, passed?: boolean}} change */
  keep(change) {
    Object.assign(this.kept, change);
    try {
      localStorage.setItem(this.key, JSON.stringify(this.kept));
    } catch {} // as above
  }

  forget() {
    this.kept = { source: this.source };
    try {
      localStorage.removeItem(this.key);
    } catch {} // as above
  }
}

/** Code of the page that can be edited and run. */
class Part {
  /** @param {HTMLElement} box @param {string} place @param {string} invitation */
  constructor(box, place, invitation) {
    this.place = place;
    this.block = box.querySelector("div.highlight");
    this.memory = new Memory(place, this.block.querySelector("pre").textContent.replace(/\n$/, ""));
    this.opener = this.button(invitation, () => this.begin());
    this.bar = element("div", { className: "live-bar", role: "group", ariaLabel: place }, this.opener);
    this.status = element("span", { className: "live-status", role: "status" });
    this.output = element("div", { className: "live-output", hidden: true });
    this.output.setAttribute("aria-live", "polite");
    if (this.memory.kept.code !== undefined) this.open();
  }

  get code() {
    return this.editor?.value ?? this.memory.source;
  }

  /** @param {string} text @param {() => void} action */
  button(text, action) {
    const made = element("button", { type: "button", textContent: text });
    made.addEventListener("click", action);
    return made;
  }

  open() {
    if (this.editor) return;
    const { code = this.memory.source } = this.memory.kept;
    this.editor = element("textarea", { className: "live-editor", spellcheck: false, value: code, ariaLabel: `${this.place}のコード` });
    for (const [name, value] of Object.entries({ autocapitalize: "off", autocomplete: "off", wrap: "off", title: TEXT.editor }))
      this.editor.setAttribute(name, value);
    makeComfortable(this.editor, () => this.run());
    this.editor.addEventListener("input", () => {
      this.memory.keep({ code: this.editor.value });
      this.ran = false;
    });
    this.block.hidden = true;
    this.block.after(this.editor);
    this.fit();
    this.editor.addEventListener("input", () => this.fit());
    this.stopper = this.button(TEXT.stop, () => kernel.stop());
    this.stopper.disabled = true;
    this.bar.replaceChildren(...this.actions(), this.stopper, this.button(TEXT.reset, () => this.reset()), this.status);
  }

  fit() {
    this.editor.rows = this.editor.value.split("\n").length;
  }

  begin() {
    const problem = location.protocol === "file:" ? TEXT.file : self.Worker && self.WebAssembly ? "" : TEXT.old;
    if (problem) return this.bar.replaceChildren(element("span", { role: "status", textContent: problem }));
    this.open();
    this.bar.querySelector("button").focus(); // the pressed one is gone; a phone must not open its keyboard
    this.start();
  }

  reset() {
    if (this.code !== this.memory.source && !confirm(TEXT.confirm)) return;
    this.memory.forget();
    this.editor.remove();
    this.editor = undefined;
    this.ran = false;
    this.block.hidden = false;
    this.bar.replaceChildren(this.opener);
    this.opener.focus();
    this.clear();
    this.output.hidden = true;
  }

  clear() {
    this.output.replaceChildren();
    this.output.hidden = false;
  }

  /** @param {string} kind @param {string} text @param {string} [alt] */
  tell(kind, text, alt) {
    if (kind === "progress") {
      this.status.textContent = text;
      if (this.stopper) this.stopper.disabled = !text;
      this.bar.toggleAttribute("aria-busy", Boolean(text));
      return;
    }
    const last = this.output.lastElementChild;
    if (kind === "picture") {
      const address = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
      const picture = element("img", { src: address, alt: alt || TEXT.picture });
      picture.addEventListener("load", () => URL.revokeObjectURL(address));
      this.output.append(picture);
    } else if (kind === "html") this.output.append(element("div", { innerHTML: text }));
    else if (kind === "stdout" && last?.className === "live-stdout") last.append(text);
    else this.output.append(element("pre", { className: `live-${kind}`, textContent: kind === "stopped" ? this.stopped : text }));
    this.output.dispatchEvent(new CustomEvent("live-output", { bubbles: true }));
  }

  /** @param {object} task @param {Part} [asker] the one whose button was pressed: it shows how far things are */
  execute(task, asker = this) {
    this.clear();
    return kernel.run(task, (kind, text, alt) => {
      if (kind !== "progress") this.tell(kind, text, alt);
      else asker.tell(kind, text && asker !== this ? `${this.place}: ${text}` : text);
    });
  }
}

class Cell extends Part {
  stopped = TEXT.stopped;

  /** @param {HTMLElement} box @param {number} index */
  constructor(box, index) {
    super(box, `セル${index + 1}`, TEXT.open);
    this.index = index;
    this.differs = box.classList.contains("tag_differs-live");
    this.folded = box.querySelector("details.hide");
    this.printed = [...box.querySelectorAll(".cell_output > :not(figure), .cell_output > figure > :not(figcaption)")];
    (this.folded ?? box.querySelector(".cell_input")).after(this.bar);
    const caption = box.querySelector("figcaption");
    if (caption) caption.before(this.output);
    else this.bar.after(this.output);
  }

  actions() {
    const name = element("span", { className: "live-place", textContent: this.place }); // errors speak of it
    return [name, this.button(TEXT.run, () => this.run()), this.button(TEXT.runAll, () => this.runFrom(cells))];
  }

  begin() {
    if (this.folded) this.folded.open = true;
    super.begin();
  }

  /** The first press: what the cell builds on is run too. */
  start() {
    this.runFrom(cells.filter((cell) => !cell.ran));
  }

  /** @param {Cell[]} candidates */
  async runFrom(candidates) {
    for (const cell of candidates.filter(({ index }) => index < this.index)) {
      if (!(await cell.run(this))) {
        cell.open();
        this.status.textContent = `${cell.place}で止まったので、このセルは実行していません。`;
        return;
      }
    }
    await this.run();
  }

  /** @param {Cell} [asker] */
  async run(asker) {
    for (const part of this.printed) part.classList.add("live-replaced");
    this.ran = await this.execute({ code: this.code, place: this.place }, asker);
    if (this.ran && this.differs) this.tell("note", TEXT.differs);
    return this.ran;
  }

  reset() {
    super.reset();
    if (!this.editor) for (const part of this.printed) part.classList.remove("live-replaced");
  }
}

class Answer extends Part {
  stopped = TEXT.stoppedAnswer;

  /** @param {HTMLElement} box */
  constructor(box) {
    super(box, `解答${box.dataset.check}`, TEXT.solve);
    this.check = box.dataset.check;
    this.setup = box.dataset.setup;
    this.exercise = box.closest(".exercise");
    box.append(this.bar, this.output);
    this.mark = element("span", { className: "live-mark" });
    this.bar.before(this.mark);
    this.showMark();
  }

  actions() {
    return [this.button(TEXT.check, () => this.run())];
  }

  start() {
    this.editor.focus(); // nothing to run yet
  }

  showMark() {
    this.mark.textContent = this.memory.kept.passed ? "✓ 正解済み" : "";
  }

  async run() {
    const parts = answers.filter(({ exercise }) => exercise === this.exercise);
    const codes = parts.slice(0, parts.indexOf(this) + 1).map(({ code, place }) => [code, place]);
    const right = await this.execute({ check: this.check, setup: this.setup, answers: codes });
    if (right) this.memory.keep({ passed: true });
    this.showMark();
  }

  reset() {
    super.reset();
    this.showMark();
  }
}

/** Tab indents, a new line keeps the indentation, Shift + Enter runs. @param {HTMLTextAreaElement} editor @param {() => void} run */
function makeComfortable(editor, run) {
  let leaving = false; // after Esc the Tab key moves on, so the keyboard is not trapped
  editor.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const line = editor.value.slice(0, editor.selectionStart).split("\n").at(-1);
    let typed;
    if (event.key === "Enter" && (event.shiftKey || event.ctrlKey)) run();
    else if (event.key === "Enter") typed = `\n${/^ */.exec(line)[0]}${line.trimEnd().endsWith(":") ? "    " : ""}`;
    else if (event.key === "Tab" && !event.shiftKey && !leaving) typed = " ".repeat(4 - (line.length % 4));
    else {
      leaving = event.key === "Escape" || (leaving && event.key === "Shift");
      return;
    }
    event.preventDefault();
    // The only way to type that undo knows of.
    if (typed) document.execCommand("insertText", false, typed);
  });
}

const kernel = new Kernel();
const cells = [...document.querySelectorAll("div.cell:not(.tag_not-live)")].map((box, index) => new Cell(box, index));
const answers = [...document.querySelectorAll("div.answer")].map((box) => new Answer(box));
