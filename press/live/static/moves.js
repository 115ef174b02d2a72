// The page 進み具合: what is solved moves between this browser and the notebooks, by exercise. memory.js and progress.js
// come before. No answer is lost: what would be replaced is named first, and kept in a file or in the notebook.

/** @typedef {{cell_type?: unknown, source?: unknown, id?: unknown, metadata?: any, outputs?: unknown, execution_count?: unknown}} NotebookCell */
/** @typedef {{nbformat_minor: number, cells: NotebookCell[]}} NotebookFile */
/** @typedef {{edition: string, starter: string, notebook: string}} Origin */

const MOVE = {
  record: say("{name} は、記録のファイルです。「記録を読み込む」から読み込んでください。"),
  broken: say("{name} は、ノートブックとして読めません。壊れているか、ほかの種類のファイルです。ノートブックをもう一度保存するかダウンロードするかして、その .ipynb ファイルを選んでください。"),
  foreign: say("{name} には、この本の問題がありません。この本の演習ノートブック(ch1_… のような名前の .ipynb)を選んでください。"),
  empty: say("{name} には、まだ解答が書かれていません。解答のセルに書いて、ノートブックを保存してから、もう一度選んでください。"),
  twice: say("{exercises}の解答が、選んだファイルの間で違います。どちらを残すか決めて、1つずつ読み込んでください。何も変えていません。"),
  taken: say("{count} 問の解答を読み込みました。✓ の付かないものは、問題のところの「採点する」で確かめてください。"),
  same: say("ノートブックの解答は、もうこのページにあります。何も変えていません。"),
  kept: say("何も変えていません。"),
  mayReplace: say("{exercises}には、このページに別の解答があります。ノートブックの解答に置きかえますか。\n\n置きかえる前に、いまの記録をファイル(dlcourse-progress.json)に保存します。「記録を読み込む」で元に戻せます。"),
  mayWrite: say("{exercises}には、ノートブックに別の解答があります。このページの解答に置きかえますか。\n\nノートブックの解答は、すぐ下に、コメントのセルとして残します。"),
  none: say("書き込む解答が、まだこのブラウザーにありません。問題の「ここで解く」で書くか、「ノートブックを読み込む」で読み込んでください。"),
  there: say("このページの解答は、もうノートブックにあります。新しいファイルは作っていません。"),
  noCell: say("{exercises}は、解答のセルがノートブックにないので、書き込んでいません。"),
  saved: say("{count} 問の解答を書き込んで、{name}.ipynb を保存しました。提出できるように、名前は変えないでください(「 (1)」などが付いたときは、取り除きます)。開いたら、最初のセルから順に実行してください。"),
  file: say("ファイルとして開いたページは、ノートブックを自分では読めません。この本のフォルダーの notebooks にある次のファイルか、手もとの続きを選んでください: {name}.ipynb"),
  offline: say("サイトのノートブックを受け取れませんでした。ネットワークを確かめて、もう一度押してください。手もとのノートブックがあれば、「手もとのノートブックに書き込む」も使えます。"),
  noLite: say("このブラウザーには、「ブラウザーで開く」で書いたノートブックがありません。ほかで書いたものは、「ノートブックを読み込む」で読み込んでください。"),
  earlier: say("前の解答(ページの解答を書き込むまで、上のセルにありました)"),
};

/** @type {Map<string, Origin>} */
const asked = new Map();
for (const mark of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-answers]")))
  for (const [check, edition, starter] of JSON.parse(mark.dataset.answers ?? ""))
    asked.set(check, { edition, starter, notebook: mark.dataset.in ?? "" });

/** What a cell says; some editors write other line ends. @param {NotebookCell} cell */
const sourceOf = ({ source }) => [source ?? ""].flat().join("").replace(/^\ufeff/, "").replace(/\r+\n?/g, "\n");

/** Code without what makes no difference. @param {string} code */
const bare = (code) => code.replace(/[^\S\n]+$/gm, "").trim();

/** @param {string} check @param {string} [code] @returns {code is string} */
const isAnswer = (check, code) => ![undefined, "", bare(asked.get(check)?.starter ?? "")].includes(code && bare(code));

/** As notebooks keep a text. @param {string} text */
const lines = (text) => text.split(/^/m);

/** The exercises of some answers: K0-3b is a part of K0-3. @param {{check: string}[]} answers */
const exercises = (answers) => [...new Set(answers.map(({ check }) => check.replace(/[b-z]$/, "")))];

/** @param {{check: string}[]} answers */
const listed = (answers) => say("{count} 問({names})", { count: exercises(answers).length, names: exercises(answers).join(say("、")) });

/** @param {NotebookCell | undefined} cell @param {string} [check] any, without it */
const asks = (cell, check = "[^\"']+") => cell?.cell_type === "code" && new RegExp(`\\bcheck\\(["']${check}["']`).test(sourceOf(cell));

/** By the name that nbgrader gives, by the cell's own, or by the check below; of copies the last with something in it,
 * as in grading. @param {NotebookCell[]} cells @param {string} check */
function answerIn(cells, check) {
  const name = `${check}-answer`;
  const ways = [
    cells.filter(({ metadata }) => metadata?.nbgrader?.grade_id === name),
    cells.filter(({ id }) => id === name),
    cells.filter((cell, place) => asks(cells[place + 1], check) && !cell.metadata?.nbgrader && !asks(cell)),
  ];
  const found = ways.map((way) => way.filter((cell) => cell.cell_type === "code")).find((way) => way.length) ?? [];
  return found.findLast((cell) => isAnswer(check, sourceOf(cell))) ?? found.at(-1);
}

/** A notebook and its answer cells, or what is wrong with the file. @param {string} name @param {string} text */
function opened(name, text) {
  const content = /** @type {any} */ (parsed(text));
  const isNotebook = Array.isArray(content?.cells) && content.cells.every(/** @param {unknown} cell */ (cell) => cell instanceof Object);
  const notebook = /** @type {NotebookFile} */ (isNotebook ? content : { cells: [] });
  const places = [...asked.keys()].map((check) => /** @type {const} */ ([check, answerIn(notebook.cells, check)]));
  const cells = new Map(places.filter(([, cell]) => cell)); // by check
  const problem = content?.format === FORMAT ? MOVE.record : !isNotebook ? MOVE.broken : cells.size ? "" : MOVE.foreign;
  return { notebook, cells, problem: fill(problem, { name }) };
}

/** The edition whose check has said below that this answer is right. @param {NotebookCell[]} cells @param {string} check
 * @param {NotebookCell} answer @returns {string | undefined} */
function passedIn(cells, check, answer) {
  const checks = cells.filter((cell) => asks(cell, check) && typeof cell.metadata?.dlcourse?.edition === "string");
  const said = checks.find(({ outputs }) => JSON.stringify(outputs ?? "").includes(`✓ ${check} `));
  const stale = answer.execution_count === null && said?.execution_count !== null; // another answer since, see `put`
  return stale ? undefined : said?.metadata.dlcourse.edition;
}

/** Notebooks' answers into this browser. @param {[name: string, text: string][]} files */
function take(files) {
  /** @type {string[]} */
  const problems = [];
  /** @type {Map<string, {check: string, code: string, passed?: string}>} */
  const found = new Map();
  for (const [name, text] of files) {
    const { notebook, cells, problem } = opened(name, text);
    const own = [...cells].map(([check, cell = {}]) => ({ check, code: sourceOf(cell), passed: passedIn(notebook.cells, check, cell) }));
    const answers = own.filter(({ check, code }) => isAnswer(check, code));
    if (!answers.length) problems.push(problem || fill(MOVE.empty, { name }));
    const twice = answers.filter(({ check, code }) => bare(found.get(check)?.code ?? code) !== bare(code));
    if (twice.length) return tell(fill(MOVE.twice, { exercises: listed(twice) }));
    for (const answer of answers) if (!found.get(answer.check)?.passed) found.set(answer.check, answer);
  }
  const all = [...found.values()].map((answer) => {
    const { kept, passed, edition } = new Memory(answer.check, asked.get(answer.check)?.edition);
    const differs = kept.code === undefined || bare(kept.code) !== bare(answer.code);
    const marks = !passed && answer.passed === edition; // a ✓ of another edition stays with that, which the page then says
    const becomes = { edition: passed ? edition : (answer.passed ?? edition), passed: passed || answer.passed !== undefined };
    return { ...answer, held: kept.code, differs, marks, becomes };
  });
  const news = all.filter(({ differs, marks }) => differs || marks);
  const replaced = news.filter(({ check, held, differs }) => differs && isAnswer(check, held));
  if (replaced.length && !confirm(fill(MOVE.mayReplace, { exercises: listed(replaced) }))) return tell(MOVE.kept);
  if (replaced.length) save();
  for (const { check, code, becomes } of news) new Memory(check, becomes.edition).keep({ code, passed: becomes.passed });
  if (!news.every(({ check, code }) => new Memory(check).kept.code === code)) return tell(TEXTS.refused);
  const done = news.length ? fill(MOVE.taken, { count: exercises(news).length }) : MOVE.same;
  tell([found.size ? done : "", ...problems].join("\n").trim());
}

/** This browser's answers into a notebook. @param {string} name @param {string} text @param {Element} [place] */
function put(name, text, place) {
  const { notebook, cells, problem } = opened(name, text);
  if (problem) return tell(problem, place);
  const chapter = asked.get([...cells.keys()][0])?.notebook;
  const own = [...asked].flatMap(([check, { notebook }]) => {
    const { code } = new Memory(check).kept;
    const cell = cells.get(check);
    return notebook === chapter && isAnswer(check, code) ? [{ check, code, cell, before: sourceOf(cell ?? {}) }] : [];
  });
  if (!own.length) return tell(MOVE.none, place);
  const there = own.filter(({ cell }) => cell), missing = own.filter(({ cell }) => !cell);
  const news = there.filter(({ code, before }) => bare(before) !== bare(code));
  const replaced = news.filter(({ check, before }) => isAnswer(check, before));
  if (replaced.length && !confirm(fill(MOVE.mayWrite, { exercises: listed(replaced) }))) return tell(MOVE.kept, place);
  for (const { check, code, cell = {}, before } of news) {
    Object.assign(cell, { source: lines(code), execution_count: null }); // not run yet: a ✓ below it is another answer's
    if (!isAnswer(check, before)) continue;
    const where = notebook.cells.indexOf(cell) + 1; // below the check, which knows its answer by standing below it
    const id = notebook.nbformat_minor >= 5 ? { id: `${check}-${Date.now().toString(36)}` } : {};
    const source = lines(`# ${MOVE.earlier}\n${before}`.replaceAll("\n", "\n# "));
    const kept = { cell_type: "code", execution_count: null, ...id, metadata: {}, outputs: [], source };
    notebook.cells.splice(where + Number(asks(notebook.cells[where], check)), 0, kept);
  }
  if (news.length) offer(`${chapter}.ipynb`, `${JSON.stringify(notebook, null, 1)}\n`, "application/x-ipynb+json");
  const done = news.length ? fill(MOVE.saved, { count: exercises(news).length, name: chapter }) : MOVE.there;
  tell([there.length ? done : "", missing.length ? fill(MOVE.noCell, { exercises: listed(missing) }) : ""].join("\n").trim(), place);
}

const picker = /** @type {HTMLInputElement} */ (document.querySelectorAll(".progress-tools input")[1]);

/** @param {boolean} multiple @param {(files: [name: string, text: string][]) => void} work */
function pick(multiple, work) {
  picker.multiple = multiple;
  /** @param {File} file @returns {Promise<[string, string]>} */
  const read = async (file) => [file.name, await file.text().catch(() => "")]; // what can't be read is said to be so
  picker.onchange = async () => {
    const files = [...(picker.files ?? [])];
    picker.value = ""; // the same file may be chosen again
    work(await Promise.all(files.map(read)));
  };
  picker.click();
}

/** @param {string} name @param {Element} place */
async function putIntoSite(name, place) {
  if (location.protocol === "file:") {
    tell(fill(MOVE.file, { name }), place);
    return pick(false, ([[name, text]]) => put(name, text, place));
  }
  const asking = fetch(`${SITE}notebooks/${name}.ipynb`).then((answer) => (answer.ok ? answer.text() : undefined));
  const text = await asking.catch(() => undefined); // no network: the reader can do the same as without such a file
  return text === undefined ? tell(MOVE.offline, place) : put(`${name}.ipynb`, text, place);
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
const answerTo = (request) => new Promise((onsuccess, onerror) => Object.assign(request, { onsuccess: () => onsuccess(request.result), onerror }));

/** What JupyterLite keeps in this browser of the course's own notebooks. @returns {Promise<[name: string, text: string][]>} */
async function inLite() {
  const request = indexedDB.open(`JupyterLite Storage - ${SITE}lite/`);
  request.onupgradeneeded = () => request.transaction?.abort(); // none yet: JupyterLite is to make it, not this page
  const database = await answerTo(request);
  const files = await answerTo(database.transaction("files").objectStore("files").getAll());
  database.close();
  const names = [...asked.values()].map(({ notebook }) => `${notebook}.ipynb`);
  return files.filter(({ path }) => names.includes(path)).map(({ path, content }) => [path, JSON.stringify(content)]);
}

async function takeFromLite() {
  const files = await inLite().catch(() => []); // no such database, or a browser that keeps nothing
  return files.length ? take(files) : tell(MOVE.noLite);
}

const moves = { read: () => pick(true, take), write: () => pick(false, ([[name, text]]) => put(name, text)), lite: takeFromLite };
for (const [action, work] of Object.entries(moves))
  document.querySelector(`[data-action=${action}]`)?.addEventListener("click", work);
for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-notebook]")))
  button.addEventListener("click", () => putIntoSite(button.dataset.notebook ?? "", /** @type {Element} */ (button.nextElementSibling)));
