// The process of one student in the portable engine: Pyodide in Deno, without a permission when the student's code runs.
//
// deno run … process.js FOLDER STEP, where FOLDER holds what prepare.py has put there:
//   core   start Python, and write what its memory then holds
//   ready  … from there, load libraries, import what notebooks need, and write the memory again
//   serve  … from there, answer the grader (guest.py): what takes seconds before takes a fraction of one
//
// A written memory is of use only to a process that has come to the same point in the same way: where libraries lie in
// it is noted in places() and compared.

const [folder, step] = Deno.args;
const MOST_SCRATCH = 256 << 20; // bytes of the files that a student's code may write
const NO_SPACE = 51; // Emscripten's ENOSPC
const PAGE = 65536;
const LIBRARY = "https://library/"; // an address that is none: fetch() below answers for it

const decoder = new TextDecoder();
const read = (name) => Deno.readFileSync(`${folder}/${name}`);
const text = (name) => decoder.decode(read(name));
const given = {
  "pyodide.asm.wasm": read("pyodide.asm.wasm"),
  "python_stdlib.zip": read("python_stdlib.zip"),
  "pyodide-lock.json": read("pyodide-lock.json"),
};
const scripts = ["pyodide.asm.js", "pyodide.js"].map(text);
const core = step === "core" ? undefined : read("core.bin");
const archive = step === "core" ? undefined : read("library.bin");
const ready = step === "serve" ? read("ready.bin") : undefined;
const { stdin, stdout, stderr, exit } = Deno;

// From here on the process has no permission at all. What is taken from the names beside would be refused (files,
// network, programs) or start threads; it is the permissions that hold, not the missing names.
Deno.permissions.revokeSync({ name: "read" });
for (const name of ["Deno", "process", "Worker", "WebSocket", "EventSource", "localStorage", "sessionStorage", "caches"]) {
  delete globalThis[name];
}
// Pyodide takes this for a worker of a browser's.
globalThis.importScripts = () => {
  throw new TypeError("nothing is loaded here");
};
globalThis.location = { href: LIBRARY, toString: () => LIBRARY };
globalThis.fetch = async (address) => {
  const name = String(address).slice(LIBRARY.length);
  if (!Object.hasOwn(given, name)) throw new TypeError(`${name} is not here`);
  const kind = name.endsWith(".wasm") ? "application/wasm" : "application/octet-stream";
  return new Response(given[name], { headers: { "content-type": kind } });
};
for (const script of scripts) (0, eval)(script);

const python = await loadPyodide({
  indexURL: LIBRARY,
  env: { HOME: "/home/student", PYTHONHASHSEED: "0", PYTHONDONTWRITEBYTECODE: "1" },
  // What C libraries print belongs to no cell.
  stdout: () => {},
  stderr: () => {},
  stdin: () => null,
  _makeSnapshot: step === "core",
  _loadSnapshot: core,
});
const { _module: module, _api: api, FS } = python;

function written(content) {
  while (content.length) content = content.subarray(stdout.writeSync(content));
}

// --- files ---------------------------------------------------------------------------------------

const LENGTH = 4; // bytes before the list of an archive's files

function beginsWithList(content) {
  const size = new DataView(content.buffer, content.byteOffset).getUint32(0, true);
  return [JSON.parse(decoder.decode(content.subarray(LENGTH, LENGTH + size))), content.subarray(LENGTH + size)];
}

// Lay the library's files into Python's file system, without copying them; the names of those to be linked.
function layFiles() {
  const [list, contents] = beginsWithList(archive);
  const { MEMFS } = FS.filesystems;
  const linked = [];
  for (const [path, start, size] of list) {
    const cut = path.lastIndexOf("/");
    FS.mkdirTree(path.slice(0, cut));
    const node = MEMFS.createNode(FS.lookupPath(path.slice(0, cut)).node, path.slice(cut + 1), 0o100644, 0);
    node.contents = contents.subarray(start, start + size);
    node.usedBytes = size;
    if (path.endsWith(".so")) linked.push(path);
  }
  return linked;
}

// The files that Python writes are kept in memory: no more than MOST_SCRATCH of them.
function limitFiles() {
  const { MEMFS } = FS.filesystems;
  const { stream } = MEMFS.ops_table.file;
  const { write } = stream;
  const { expandFileStorage, resizeFileStorage } = MEMFS;
  let used = 0;
  const held = (node) =>
    FS.isDir(node.mode)
      ? Object.values(node.contents).reduce((sum, one) => sum + held(one), 0)
      : node.contents && node.contents.buffer !== archive.buffer ? node.contents.length : 0;
  const room = (node, size) => {
    const more = size - (node.contents?.length ?? 0);
    if (more <= 0) return;
    // files may have been removed meanwhile
    if (used + more > MOST_SCRATCH) used = held(FS.root);
    if (used + more > MOST_SCRATCH) throw new FS.ErrnoError(NO_SPACE);
    used += more;
  };
  stream.write = (of, buffer, offset, length, position, ...rest) => {
    room(of.node, position + length);
    return write(of, buffer, offset, length, position, ...rest);
  };
  MEMFS.expandFileStorage = (node, size) => (room(node, size), expandFileStorage.call(MEMFS, node, size));
  MEMFS.resizeFileStorage = (node, size) => (room(node, size), resizeFileStorage.call(MEMFS, node, size));
}

// --- libraries and memory ------------------------------------------------------------------------

async function link(paths) {
  for (const path of paths) {
    await api.loadDynlib(path, false, []);
    // Python asks for these when it imports the library, and each takes a place in the table of functions.
    for (const [name, start] of Object.entries(module.LDSO.loadedLibsByName[path].exports)) {
      if (name.startsWith("PyInit_")) module.addFunction(start, start.sig);
    }
  }
}

// Where the libraries lie: the addresses of what they hold, and how many functions and JavaScript objects are known.
function places() {
  const addresses = Object.values(module.LDSO.loadedLibsByName).flatMap((library) =>
    Object.values(library.exports).filter((value) => typeof value === "number")
  );
  const sum = addresses.reduce((before, one) => (Math.imul(before, 31) + one) | 0, addresses.length);
  return [sum, module.wasmTable.length, module._hiwire_num_refs()].join();
}

// JavaScript's texts that Python's memory refers to by their numbers.
function lastingTexts() {
  const found = [];
  const FIRST = 6;
  for (let number = FIRST; ; number++) {
    try {
      found.push(module.__hiwire_immortal_get(number));
    } catch {
      return found; // the table ends here
    }
  }
}

// The memory as it is now, without pages of zeros.
function memoryNow() {
  const open = FS.streams.filter((stream) => stream && stream.fd > 2).map((stream) => stream.path);
  if (open.length) throw new Error(`open files would be missing: ${open}`);
  const memory = module.HEAPU8;
  const words = new BigUint64Array(memory.buffer);
  const pages = [];
  for (let page = 0; page * PAGE < memory.length; page++) {
    if (words.subarray((page * PAGE) / 8, ((page + 1) * PAGE) / 8).some((word) => word !== 0n)) pages.push(page);
  }
  const about = { places: places(), texts: lastingTexts(), size: memory.length, pages };
  const head = new TextEncoder().encode(JSON.stringify(about));
  const made = new Uint8Array(LENGTH + head.length + pages.length * PAGE);
  new DataView(made.buffer).setUint32(0, head.length, true);
  made.set(head, LENGTH);
  pages.forEach((page, number) =>
    made.set(memory.subarray(page * PAGE, (page + 1) * PAGE), LENGTH + head.length + number * PAGE)
  );
  return made;
}

function restoreMemory(content) {
  const [about, pages] = beginsWithList(content);
  if (about.places !== places()) throw new Error("libraries lie elsewhere than when the memory was written");
  if (about.size > module.HEAPU8.length) module.growMemory(about.size);
  const memory = module.HEAPU8;
  const kept = new Set(about.pages);
  for (let page = 0; page * PAGE < memory.length; page++) {
    if (!kept.has(page)) memory.fill(0, page * PAGE, (page + 1) * PAGE);
  }
  about.pages.forEach((page, number) => memory.set(pages.subarray(number * PAGE, (number + 1) * PAGE), page * PAGE));
  about.texts.slice(lastingTexts().length).forEach((one) => module.__hiwire_immortal_add(one));
}

// --- the line to the grader ----------------------------------------------------------------------

// /dev/line: bytes from and to the grader. There is no other way out of this process.
function openLine() {
  const device = FS.makedev(FS.createDevice.major++, 0);
  const part = (buffer, offset, length) => new Uint8Array(buffer.buffer, buffer.byteOffset + offset, length);
  FS.registerDevice(device, {
    open: (stream) => (stream.seekable = false),
    read: (stream, buffer, offset, length) => stdin.readSync(part(buffer, offset, length)) ?? 0,
    write: (stream, buffer, offset, length) => stdout.writeSync(part(buffer, offset, length)),
  });
  FS.mkdev("/dev/line", device);
}

const GUEST = "from dlcourse.grading.isolation.portable import guest";
try {
  if (step === "core") {
    written(python.makeMemorySnapshot());
  } else {
    await link(layFiles());
    if (step === "ready") {
      python.runPython(`import sys\nsys.path.insert(0, "/library")\n${GUEST}\nguest.prepare()`);
      written(memoryNow());
    } else {
      restoreMemory(ready);
      limitFiles();
      openLine();
      python.runPython(`${GUEST}\nguest.serve()`);
    }
  }
  exit(0);
} catch (error) {
  stderr.writeSync(new TextEncoder().encode(`${error?.stack ?? error}\n`));
  exit(1);
}
