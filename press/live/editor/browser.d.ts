// What TypeScript's description of the browser lacks and the pages' scripts use.

interface Navigator {
  readonly connection?: { readonly saveData?: boolean };
}

interface Window {
  MathJax?: { startup: { promise: Promise<void> } };
}
