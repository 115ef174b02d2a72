// What worker.js uses of Pyodide (https://pyodide.org/en/0.27.7/usage/api/js-api.html).

// book/browser_python/kernel.py
interface Kernel {
  begin(post: (kind: string, text: string, alt?: string) => void): void;
  prepare_figures(): void;
  run(code: string, place: string): boolean;
  check(exercise: string, setup: string, answers: unknown): boolean;
}

interface Pyodide {
  loadedPackages: Record<string, string>;
  loadPackage(name: string, options: { messageCallback: (message: string) => void }): Promise<unknown>;
  pyimport(name: "browser_python.kernel"): Kernel;
  runPython(code: string): string;
  setInterruptBuffer(buffer: Uint8Array): void;
  toPy(value: unknown): unknown;
  unpackArchive(content: ArrayBuffer, format: string, options: { extractDir: string }): void;
}

declare function loadPyodide(settings: { indexURL: string; packages: string[]; env: Record<string, string> }): Promise<Pyodide>;
