// Cells and exercises that run in the page. Nothing is loaded, and nothing looks different but for one button per
// cell, until the reader asks. README.md, in the folder above, tells what is where.

const script = /** @type {HTMLScriptElement} */ (document.currentScript);
const home = new URL("./", script.src);

const TEXT = {
  open: say("実行・編集"), solve: say("ここで解く"), run: say("実行"), runAll: say("ここまで全部実行"), stop: say("停止"), reset: say("リセット"), check: say("採点する"),
  hint: say("Shift + Enter で実行します。Tab は字下げです。Esc、Tab の順に押すと、欄の外へ出ます。"),
  waiting: say("順番を待っています…"),
  python: say("Python を読み込んでいます(最大 {size} MB。次からは、ブラウザーに残っていればすぐ始まります)…", { size: script.dataset.python }),
  figures: say("図を描く道具を読み込んでいます(最大 {size} MB)…", { size: script.dataset.figures }),
  running: say("実行しています…"),
  stopped: say("停止しました。書きかけのコードは残っています。変数は消えたので、次は「ここまで全部実行」から始めてください。"),
  stoppedAnswer: say("停止しました。書きかけの解答は残っています。"),
  picture: say("このセルが描いた図"),
  differs: say("このセルの結果は、ページの中で計算すると、本に印刷されたものと少し違います。計算の順番や、あふれの知らせ方が、計算機によって違うためです。"),
  outdated: say("この問題は、解答を書いたあとで新しくなりました。もう一度、採点してください。"),
  notebook: say("ノートブックをダウンロードして、手もとの Python で解くこともできます: "),
  confirm: say("書いたものを消して、最初の状態に戻しますか。"),
  old: say("このブラウザーでは、ページの中で Python を動かせません。新しい Chrome、Edge、Firefox、Safari で開いてください。"),
  file: say("ファイルとして開いたページでは、Python を動かせません。この本のフォルダーにある start.py を実行すると、動かせるページが開きます。"),
  broken: say("Python を動かせませんでした。ネットワークを確かめて、もう一度押してください。"),
  ended: say("Python が止まりました。変数は消えました。書いたコードは残っています。もう一度実行すると、新しい Python が始まります。上のセルで決めた名前を使うなら、「ここまで全部実行」を押してください。"),
};
const PATIENCE = 1000; // ms that a running cell has to answer an interrupt, before its worker is ended

/** @template {keyof HTMLElementTagNameMap} T @param {T} tag @param {object} [properties] @param {(Node | string)[]} children */
function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  Object.assign(made, properties).append(...children);
  return made;
}

/** @typedef {(kind: string, text: string, alt?: string) => void} Tell */
/** @typedef {{code?: string, place?: string, check?: string, setup?: string, answers?: string[][]}} Task */

/** @param {string} textContent @param {() => void} onclick */
const button = (textContent, onclick) => element("button", { type: "button", textContent, onclick });

/** The page's one Python: what is asked of it is done in turn. */
class Kernel {
  turn = Promise.resolve(false);
  life = 0; // counts the workers, so that what waited for a stopped one is dropped
  /** @type {Worker | undefined} */ worker;
  /** @type {((ended: boolean, kind?: string, text?: string) => void) | undefined} */ finish;

  /** Resolves to true when Python came to the end without an error. @param {Task} task @param {Tell} tell */
  run(task, tell) {
    const life = this.life;
    tell("progress", TEXT.waiting);
    const done = this.turn.then(() => (life === this.life ? this.#runNow(task, tell) : (tell("progress", ""), false)));
    this.turn = done;
    return done;
  }

  /** @param {Task} task @param {Tell} tell @returns {Promise<boolean>} */
  #runNow(task, tell) {
    const worker = (this.worker ??= new Worker(new URL("worker.js", home), { name: document.documentElement.lang }));
    // Shared memory, and with it a stop that keeps the variables, exists only where the server isolates the page.
    this.interrupt = self.crossOriginIsolated ? new Uint8Array(new SharedArrayBuffer(1)) : undefined;
    return new Promise((resolve) => {
      this.finish = (ended, kind, text = "") => {
        this.finish = undefined;
        tell("progress", "");
        if (kind) tell(kind, text);
        resolve(ended);
        prefetchFigures();
      };
      worker.onmessage = ({ data: { kind, text, alt } }) => {
        if (kind === "done") this.finish?.(text);
        else if (kind === "broken") this.end(`${TEXT.broken}\n${text}`);
        else if (kind === "ended") this.end(TEXT.ended);
        else tell(kind, kind === "progress" ? TEXT[/** @type {keyof typeof TEXT} */ (text)] : text, alt);
        running ||= text === "running";
      };
      let running = false;
      worker.onerror = (event) => this.end(running ? TEXT.ended : `${TEXT.broken}\n${event.message ?? ""}`);
      worker.postMessage({ ...task, interrupt: this.interrupt });
    });
  }

  stop() {
    if (!this.finish) return;
    this.life += 1;
    const stopped = this.finish;
    const end = () => this.finish === stopped && this.end("");
    if (this.interrupt) {
      this.interrupt[0] = 2; // SIGINT
      setTimeout(end, PATIENCE);
    } else end();
  }

  /** @param {string} reason */
  end(reason) {
    this.worker?.terminate();
    this.worker = undefined;
    this.life += 1;
    cells.forEach((cell) => (cell.ran = false));
    this.finish?.(false, reason ? "error" : "stopped", reason);
  }
}

/** What the page's figures are drawn with is fetched at leisure, while the reader looks at a first result. */
function prefetchFigures() {
  const names = script.dataset.prefetch?.split(" ") ?? [];
  delete script.dataset.prefetch; // once is enough
  if (!document.querySelector(".cell :is(img, .frames)") || navigator.connection?.saveData) return;
  for (const name of names) document.head.append(element("link", { rel: "prefetch", href: `${home}../pyodide/${name}` }));
}

/** @typedef {Parameters<typeof import("../editor/entry.js").makeEditor>[0]} Settings */
/** @typedef {ReturnType<typeof import("../editor/entry.js").makeEditor>} Editor */

/** Where the editor can't be had, a plain field does. @param {Settings} settings @returns {Promise<Editor>} */
async function makeEditor(settings) {
  try {
    return (await import(new URL("editor.js", home).href)).makeEditor(settings);
  } catch {
    const { code, label, changed } = settings;
    const dom = element("textarea", { className: "live-plain", spellcheck: false, value: code, ariaLabel: label, rows: code.split("\n").length });
    dom.addEventListener("input", () => changed(dom.value));
    return { dom, focus: () => dom.focus(), replace: (code) => (dom.value = code) };
  }
}

/** Code of the page that can be edited and run: a cell or an answer. */
class Part {
  stopped = TEXT.stopped;
  ran = false;
  /** @type {Promise<Editor> | undefined} */ editor;

  /** @param {HTMLElement} box @param {string} place @param {string} invitation */
  constructor(box, place, invitation) {
    this.place = place;
    this.block = /** @type {HTMLElement} */ (box.querySelector("div.highlight"));
    this.source = (this.block.querySelector("pre")?.textContent ?? "").replace(/\n$/, "");
    // A cell is known by its code, so that it is found again when others come or go; an exercise by its number.
    const { check, edition } = box.dataset;
    this.memory = new Memory(check ?? `${location.pathname.slice(SITE.length)} ${this.source}`, edition);
    this.opener = button(invitation, () => this.begin());
    this.stopper = button(TEXT.stop, () => kernel.stop());
    this.bar = element("div", { className: "live-bar", role: "group", ariaLabel: place }, this.opener);
    this.status = element("span", { className: "live-status", role: "status" });
    this.mark = element("span", { className: "live-mark" });
    this.output = element("div", { className: "live-output", hidden: true, ariaLive: "polite" });
    this.follow();
  }

  // What a cell and an answer do each in its own way.
  /** @returns {HTMLElement[]} */ actions() { return []; }
  async run() { return false; }
  start() {}

  get code() {
    return this.memory.kept.code ?? this.source;
  }

  /** Show what is kept: from an earlier visit, or just now from another tab. */
  follow() {
    const before = this.memory.kept.code;
    this.memory.recall();
    if (this.memory.kept.code !== undefined) this.open();
    else if (before !== undefined) this.close();
    this.editor?.then((editor) => editor.replace(this.code));
    this.showMark();
  }

  showMark() {
    this.mark.textContent = this.memory.passed ? say("✓ 正解済み") : this.memory.outdated ? TEXT.outdated : "";
  }

  open() {
    if (this.editor) return;
    this.stopper.disabled = true;
    this.bar.replaceChildren(...this.actions(), this.stopper, button(TEXT.reset, () => this.reset()), this.status);
    /** @param {string} code */
    const changed = (code) => {
      this.memory.keep({ code });
      this.ran = false;
    };
    const hint = element("p", { className: "live-hint", id: `hint-${this.place.replace(" ", "-")}`, textContent: TEXT.hint });
    const editor = makeEditor({ code: this.code, label: say("{place}のコード", { place: this.place }), hint, changed, run: () => this.run() });
    editor.then(({ dom }) => {
      if (this.editor !== editor) return; // closed while it was loading
      this.block.hidden = true;
      this.block.after(dom);
    });
    this.editor = editor;
  }

  close() {
    this.editor?.then(({ dom }) => dom.remove());
    this.editor = undefined;
    this.ran = false;
    this.block.hidden = false;
    this.bar.replaceChildren(this.opener);
    this.output.replaceChildren();
    this.output.hidden = true;
  }

  begin() {
    const problem = location.protocol === "file:" ? TEXT.file : self.Worker && self.WebAssembly ? "" : TEXT.old;
    if (problem) {
      const link = document.querySelector("a.download[href$='.ipynb']")?.cloneNode(true);
      const download = link ? [element("br"), TEXT.notebook, link] : [];
      return this.bar.replaceChildren(element("span", { role: "status" }, problem, ...download));
    }
    this.open();
    this.bar.querySelector("button")?.focus(); // the pressed one is gone; a phone must not open its keyboard
    this.start();
  }

  reset() {
    if (this.code !== this.source && !confirm(TEXT.confirm)) return;
    this.memory.forget();
    this.close();
    if (!parts.some(({ editor }) => editor)) kernel.end(""); // nothing is open any more: give the memory back
    this.opener.focus();
    this.showMark();
  }

  /** @param {string} kind @param {string} text @param {string} [alt] */
  tell(kind, text, alt) {
    if (kind === "progress") {
      this.status.textContent = text;
      this.stopper.disabled = !text;
      this.bar.toggleAttribute("aria-busy", Boolean(text));
      return;
    }
    if (kind === "picture") {
      const address = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
      const picture = element("img", { src: address, alt: alt || TEXT.picture });
      picture.addEventListener("load", () => URL.revokeObjectURL(address));
      this.output.append(picture);
    } else if (kind === "html") this.output.append(element("div", { innerHTML: text }));
    else if (kind === "stdout" && this.output.lastElementChild?.matches(".live-stdout")) this.output.lastElementChild.append(text);
    else this.output.append(element("pre", { className: `live-${kind}`, textContent: kind === "stopped" ? this.stopped : text }));
    this.output.dispatchEvent(new CustomEvent("live-output", { bubbles: true }));
  }

  /** @param {Task} task @param {Part} [asker] the one whose button was pressed: it shows how far things are */
  execute(task, asker = this) {
    this.output.replaceChildren();
    this.output.hidden = false;
    return kernel.run(task, (kind, text, alt) => {
      if (kind !== "progress") this.tell(kind, text, alt);
      else asker.tell(kind, text && asker !== this ? `${this.place}: ${text}` : text);
    });
  }
}

class Cell extends Part {
  /** @param {HTMLElement} box @param {number} index */
  constructor(box, index) {
    super(box, say("セル{number}", { number: index + 1 }), TEXT.open);
    this.index = index;
    this.differs = box.classList.contains("tag_differs-live");
    /** @type {HTMLDetailsElement | null} */
    this.folded = box.querySelector("details.hide");
    this.printed = [...box.querySelectorAll(".cell_output > :not(figure), .cell_output > figure > :not(figcaption)")];
    (this.folded ?? box.querySelector(".cell_input") ?? this.block).after(this.bar);
    const caption = box.querySelector("figcaption");
    if (caption) caption.before(this.output);
    else this.bar.after(this.output);
  }

  actions() {
    const name = element("span", { className: "live-place", textContent: this.place }); // errors speak of it
    return [name, button(TEXT.run, () => this.run()), button(TEXT.runAll, () => this.runFrom(cells))];
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
        this.status.textContent = say("{place}で止まったので、このセルは実行していません。", { place: cell.place });
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

  close() {
    super.close();
    for (const part of this.printed) part.classList.remove("live-replaced");
  }
}

class Answer extends Part {
  stopped = TEXT.stoppedAnswer;

  /** @param {HTMLElement} box */
  constructor(box) {
    super(box, say("解答{check}", { check: box.dataset.check }), TEXT.solve);
    this.check = box.dataset.check;
    this.setup = box.dataset.setup;
    this.exercise = box.closest(".exercise");
    box.append(this.mark, this.bar, this.output);
  }

  actions() { return [button(TEXT.check, () => this.run())]; }

  start() {
    this.editor?.then((editor) => editor.focus()); // nothing to run yet
  }

  async run() {
    const parts = answers.filter(({ exercise }) => exercise === this.exercise);
    const codes = parts.slice(0, parts.indexOf(this) + 1).map(({ code, place }) => [code, place]);
    const right = await this.execute({ check: this.check, setup: this.setup, answers: codes });
    if (right) this.memory.keep({ passed: true });
    this.showMark();
    return right;
  }
}

/** @param {string} selector */
const boxes = (selector) => /** @type {HTMLElement[]} */ ([...document.querySelectorAll(selector)]);
const kernel = new Kernel();
const cells = boxes("div.cell:not(.tag_not-live)").map((box, index) => new Cell(box, index));
const answers = boxes("div.answer").map((box) => new Answer(box));
const parts = [...cells, ...answers];

// The same page in another tab, and this one when the browser shows it again as it was left.
addEventListener("storage", ({ key }) => parts.filter(({ memory }) => [memory.key, null].includes(key)).forEach((part) => part.follow()));
addEventListener("pageshow", ({ persisted }) => persisted && parts.forEach((part) => part.follow()));
