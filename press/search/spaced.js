// How a language that writes spaces is cut, in front of search.js: into words, of which Sphinx's Stemmer leaves what they
// have in common (gradient, gradients). GREEK, and Sphinx's stopwords, stand above.

// What a question holds besides its subject, in the language of this edition.
const ASKING = new Set([...stopwords, ...say("何 なぜ どう とは ですか").split(" ")]);

const LETTER = new RegExp(`[${Object.keys(GREEK).join("")}]`, "gu");
const VARIANT = /\\var(?=[a-z])/g;
const stemmer = new Stemmer();

const normalized = (text) => text.normalize("NFKC").toLowerCase();
const spelled = (text) => normalized(text).replace(VARIANT, " ").replace(LETTER, (letter) => ` ${GREEK[letter]} `);
const wordsOfName = (text) => spelled(text).match(/[\p{L}\p{N}]+/gu) || [];
const runs = (text) => wordsOfName(text).map((word) => stemmer.stemWord(word));
const isUnspaced = () => false;

// (a function, as searchtools.js has one of its own by this name, which gives way)
function splitQuery(query) {
  return runs(query).filter((word) => !ASKING.has(word));
}

// All of a query's words, unless it asks for nothing else than such a word.
function termsOf(query) {
  const words = query.split(/\s+/).map((word) => normalized(word).replace(/[?!.,;:"]+$/, ""));
  const about = words.filter((word) => !ASKING.has(word));
  return about.some((word) => runs(word).length) ? about : words;
}
const wordsOf = (term) => [term];

// "role of the bias" is about the bias: what no name holds is no condition.
const mayStandAside = (term) => !shares(term).some(Boolean);

// The beginning that a word shares with its other forms.
function asWritten(term) {
  const stem = stemmer.stemWord(term);
  return term.startsWith(stem) ? stem : term;
}

// Figure 3.1, Fig. 3.1, (2.3): a kind may be shortened.
function askedByNumber(query) {
  const [, word = "", number] = normalized(query).trim().match(/^(\p{L}*)\.? ?\(?(\d+(?:\.\d+)*)\)?$/u) || [];
  return { number, isKind: (kind) => normalized(NUMBERED_AS[kind]).startsWith(word) };
}
