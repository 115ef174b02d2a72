// What TypeScript's description of the browser lacks and the pages' scripts use.

interface Navigator {
  readonly connection?: { readonly saveData?: boolean };
}

interface Window {
  MathJax?: { startup: { promise: Promise<void> } };
}

// scheduler.js in the page: ts-fsrs.
declare const FSRS: typeof import("ts-fsrs");
type Schedule = import("ts-fsrs").Card;
type KeptSchedule = import("ts-fsrs").CardInput;
