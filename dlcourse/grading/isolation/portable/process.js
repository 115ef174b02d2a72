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
const place = (name) => `${folder}/${name}`;
const text = (name) => Deno.readTextFileSync(place(name));
const given = {
  "pyodide.asm.wasm": Deno.readFileSync(place("pyodide.asm.wasm")),
  "python_stdlib.zip": Deno.readFileSync(place("python_stdlib.zip")),
  "pyodide-lock.json": text("pyodide-lock.json"),
};
const scripts = ["pyodide.asm.js", "pyodide.js"];
for (const name of scripts) given[name] = text(name);
let core = step === "core" ? undefined : Deno.readFileSync(place("core.bin"));
// These two stay open, and are read when their content is asked for: nothing lies in memory twice.
const library = step === "core" ? undefined : Deno.openSync(place("library.bin"));
const ready = step === "serve" ? Deno.openSync(place("ready.bin")) : undefined;
const { stdin, stdout, stderr, exit, SeekMode } = Deno;
// The one library of Node's that keeps files of its own without a permission.
const { DatabaseSync } = await import("node:sqlite");

// From here on the process has no permission at all. What is taken from the names beside would be refused (files,
// network, programs) or start threads; it is the permissions that hold, not the missing names.
Deno.permissions.revokeSync({ name: "read" });
for (const name of ["Deno", "process", "Worker", "WebSocket", "EventSource", "localStorage", "sessionStorage", "caches"]) {
  delete globalThis[name];
}
for (const name of Object.getOwnPropertyNames(DatabaseSync.prototype)) delete DatabaseSync.prototype[name];
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
for (const name of scripts) (0, eval)(given[name]);

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
// A fifth of the process's memory is not needed any more.
core = undefined;
for (const name of Object.keys(given)) delete given[name];
gc();

function written(content) {
  while (content.length) content = content.subarray(stdout.writeSync(content));
}

// --- files ---------------------------------------------------------------------------------------

const LENGTH = 4; // bytes before the list with which such a file begins

function fill(content, file) {
  while (content.length) {
    const size = file.readSync(content);
    if (!size) throw new Error("a file ends before its list says so");
    content = content.subarray(size);
  }
}

function contentAt(file, start, size) {
  const content = new Uint8Array(size);
  file.seekSync(start, SeekMode.Start);
  fill(content, file);
  return content;
}

// What stands at the beginning of the file, and where its contents begin.
function headOf(file) {
  const size = new DataView(contentAt(file, 0, LENGTH).buffer).getUint32(0, true);
  return [JSON.parse(decoder.decode(contentAt(file, LENGTH, size))), LENGTH + size];
}

// Lay the library's files into Python's file system; the names of those that are to be linked.
function layFiles() {
  const [list, begin] = headOf(library);
  const { MEMFS } = FS.filesystems;
  const linked = [];
  const folders = new Map();
  const folderAt = (path) => {
    if (!folders.has(path)) {
      FS.mkdirTree(path);
      folders.set(path, FS.lookupPath(path).node);
    }
    return folders.get(path);
  };
  for (const [path, start, size] of list) {
    const cut = path.lastIndexOf("/");
    const node = MEMFS.createNode(folderAt(path.slice(0, cut)), path.slice(cut + 1), 0o100644, 0);
    node.usedBytes = size;
    if (path.endsWith(".so")) {
      node.contents = new Uint8Array(0);
      linked.push([path, begin + start, size]);
    } else {
      readWhenAsked(node, begin + start, size);
    }
  }
  return linked;
}

function readWhenAsked(node, start, size) {
  const become = (value) => Object.defineProperty(node, "contents", { value, writable: true });
  Object.defineProperty(node, "contents", {
    configurable: true,
    get: () => become(contentAt(library, start, size)).contents,
    set: become,
  });
}

// The files that Python writes are kept in memory, beside what it has read of the library: MOST_SCRATCH bytes of both.
function limitFiles() {
  const { MEMFS } = FS.filesystems;
  const { stream } = MEMFS.ops_table.file;
  const { write } = stream;
  const { expandFileStorage, resizeFileStorage } = MEMFS;
  let used = 0;
  const held = (node) =>
    FS.isDir(node.mode)
      ? Object.values(node.contents).reduce((sum, one) => sum + held(one), 0)
      : Object.getOwnPropertyDescriptor(node, "contents")?.value?.length ?? 0;
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

async function link(files) {
  for (const [path, start, size] of files) {
    const { node } = FS.lookupPath(path);
    node.contents = contentAt(library, start, size);
    await api.loadDynlib(path, false, []);
    node.contents = new Uint8Array(0); // it is not read again
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

function restoreMemory() {
  const [about] = headOf(ready);
  if (about.places !== places()) throw new Error("libraries lie elsewhere than when the memory was written");
  if (about.size > module.HEAPU8.length) module.growMemory(about.size);
  const memory = module.HEAPU8;
  let end = 0;
  for (const page of [...about.pages, memory.length / PAGE]) {
    memory.fill(0, end, page * PAGE);
    end = (page + 1) * PAGE;
    fill(memory.subarray(page * PAGE, end), ready);
  }
  ready.close();
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

// Whatever the student's code has changed around it, the process ends when the conversation does.
const encoder = new TextEncoder();
let status = 1;
const GUEST = "dlcourse.grading.isolation.portable.guest"; // imported, as Pyodide takes long for texts in serve
try {
  if (step === "core") {
    written(python.makeMemorySnapshot());
  } else {
    await link(layFiles());
    if (step === "ready") {
      api.sys.path.insert(0, "/library");
      python.pyimport(GUEST).prepare();
      written(memoryNow());
    } else {
      restoreMemory();
      limitFiles();
      openLine();
      python.pyimport(GUEST).serve();
    }
  }
  status = 0;
} catch (error) {
  if (step !== "serve") stderr.writeSync(encoder.encode(`${error?.stack ?? error}\n`));
} finally {
  exit(status);
}
