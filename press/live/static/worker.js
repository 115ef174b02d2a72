// The page's Python, off the page's own thread. A classic worker: Pyodide is loaded by importScripts.

importScripts("../pyodide/pyodide.js");

const PICTURES = /\b(matplotlib|plotting|plt)\b/;
// Lines by which a page gets ready to draw: until it does, nothing is loaded for it (browser_python/drawing.py).
const ONLY_READY = /^(?:from dlcourse import [\w, ]+|import matplotlib\.pyplot as plt|plotting\.use_style\(\)) *$/gm;
const STREAMED_AT_ONCE = 200; // later prints are gathered, so that an endless loop can't flood the page

const files = new URL("../pyodide/", location.href);
let /** @type {Pyodide} */ python, /** @type {Kernel} */ kernel;
let gathered = "", gatheredKind = "", sent = 0, sentAt = 0;

/** @param {string} kind @param {string} text @param {string} [alt] */
function post(kind, text, alt) {
  if (kind !== gatheredKind) flush();
  if (kind !== "stdout" && kind !== "stderr") return postMessage({ kind, text, alt });
  gathered += text;
  gatheredKind = kind;
  if (sent++ < STREAMED_AT_ONCE || performance.now() - sentAt > 50) flush();
}

function flush() {
  if (gathered) postMessage({ kind: gatheredKind, text: gathered });
  gathered = "";
  sentAt = performance.now();
}

/** @param {string} name */
async function unpack(name) {
  const answer = await fetch(new URL(name, files), { cache: "no-cache" });
  if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
  python.unpackArchive(await answer.arrayBuffer(), "zip", { extractDir: python.runPython("import site; site.getsitepackages()[0]") });
}

/** Without matplotlib the first result comes in half the time and bytes. @param {string} code */
async function prepare(code) {
  if (!python) {
    post("progress", "python");
    const env = { HOME: "/home/pyodide", MPLBACKEND: "AGG", DLCOURSE_LANGUAGE: self.name };
    python = await loadPyodide({ indexURL: files.href, packages: ["numpy"], env });
    await unpack("dlcourse.zip");
    kernel = python.pyimport("browser_python.kernel");
    kernel.begin(post);
  }
  if (PICTURES.test(code.replace(ONLY_READY, "")) && !python.loadedPackages.matplotlib) {
    post("progress", "figures");
    await Promise.all([python.loadPackage("matplotlib", { messageCallback: () => {} }), unpack("matplotlib_fontja.zip")]);
    kernel.prepare_figures();
  }
}

self.onmessage = async ({ data: { interrupt, code, place, check, setup, answers } }) => {
  sent = 0;
  let problem = "broken";
  try {
    await prepare(check ? setup + answers.at(-1)[0] : code);
    problem = "ended"; // by exit(), or by what Python itself does not survive
    if (interrupt) python.setInterruptBuffer(interrupt);
    post("progress", "running");
    const done = check ? kernel.check(check, setup, python.toPy(answers)) : kernel.run(code, place);
    flush();
    postMessage({ kind: "done", text: done });
  } catch (error) {
    post(problem, String(error));
  }
};
