// What the reader has written and solved, kept in this browser alone. live.js and review.js write it, progress.js shows it.

/** @typedef {{code?: string, passed?: boolean, edition?: string, card?: string, upTo?: number}} Kept */

const SITE = new URL("../../", /** @type {HTMLScriptElement} */ (document.currentScript).src).pathname;
const KEPT = `dlcourse ${SITE} `; // the same host may serve another course
const BROKEN = say(" (読めない記録)");
const TYPES = { code: "string", passed: "boolean", edition: "string", card: "string", upTo: "number" };

/** What the text says, or undefined. @param {string} text @returns {unknown} */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @param {unknown} value @returns {value is Kept} */
function isKept(value) {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) &&
    Object.entries(value).every(([name, part]) => typeof part === TYPES[/** @type {keyof Kept} */ (name)])
  );
}

/** One place of the course. What was right in another edition, where something else was asked, doesn't count. */
class Memory {
  /** @param {string} place @param {string} [edition] */
  constructor(place, edition) {
    this.key = KEPT + place;
    this.edition = edition;
    this.recall();
  }

  /** Read what is kept. What can't be read is set aside. */
  recall() {
    /** @type {Kept} */
    this.kept = {};
    try {
      const text = localStorage.getItem(this.key);
      const kept = text === null ? {} : parsed(text);
      if (isKept(kept)) this.kept = kept;
      else {
        localStorage.setItem(this.key + BROKEN, /** @type {string} */ (text));
        localStorage.removeItem(this.key);
      }
    } catch {} // a browser may refuse to keep anything; the page works without
  }

  get passed() {
    return Boolean(this.kept.passed) && this.kept.edition === this.edition;
  }

  get outdated() {
    return this.kept.code !== undefined && this.kept.edition !== this.edition;
  }

  /** @param {Kept} change */
  keep(change) {
    this.kept = { ...this.kept, passed: this.passed, ...change, edition: this.edition };
    try {
      localStorage.setItem(this.key, JSON.stringify(this.kept));
    } catch {} // as above
  }

  forget() {
    this.kept = {};
    try {
      localStorage.removeItem(this.key);
    } catch {} // as above
  }
}
