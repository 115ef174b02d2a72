// What worker.js uses of Pyodide (https://pyodide.org/en/0.27.7/usage/api/js-api.html).

interface Callable {
  (...values: unknown[]): boolean;
}

interface Pyodide {
  globals: { get(name: string): Callable; set(name: string, value: unknown): void };
  loadedPackages: Record<string, string>;
  loadPackage(name: string, options: { messageCallback: (message: string) => void }): Promise<unknown>;
  runPython(code: string, options?: { filename: string }): string;
  setInterruptBuffer(buffer: Uint8Array): void;
  toPy(value: unknown): unknown;
  unpackArchive(content: ArrayBuffer, format: string, options: { extractDir: string }): void;
}

declare function loadPyodide(settings: { indexURL: string; packages: string[]; env: Record<string, string> }): Promise<Pyodide>;
