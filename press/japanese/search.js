// How Japanese is cut: the browser's half of search.py, in front of press/search/search.js. GREEK stands above.

const JAPANESE = "々-〇ぁ-ゖゝ-ゟァ-ヺー-ヿ㐀-鿿豈-\ufaff";
const RUN = new RegExp(`[${JAPANESE}]+|(?:(?![${JAPANESE}])[\\p{L}\\p{N}])+`, "gu");
const FINAL_BAR = /(?<=[ァ-ヺー]{2})ー(?![ァ-ヺー])/gu;
// 「活性化関数とは何ですか」 asks for 活性化関数.
const QUESTION = /(?<=.)(とは|って)(何.*)?$/u;
// 「学習率の選び方」 is about 学習率: what stands between the words is hiragana.
const BETWEEN_WORDS = /[ぁ-ゖ]+/u;
// 図 3.1, 式(2.3), 第4章
const BY_NUMBER = /^(?:第|問題)?(図|式|表|節)? ?\(?(\d+(?:\.\d+)*)\)?(章|節)?$/u;
const KINDS = { 図: "figure", 式: "formula", 表: "table", 節: "section", 章: "chapter" };

const LETTER = new RegExp(`[${Object.keys(GREEK).join("")}]`, "gu");
const VARIANT = /\\var(?=[a-z])/g;
const asHiragana = (text) => text.replace(/[ァ-ヶ]/gu, (kana) => String.fromCodePoint(kana.codePointAt(0) - 0x60));

const normalized = (text) => text.normalize("NFKC").toLowerCase().replace(FINAL_BAR, "");
const runs = (text) =>
  asHiragana(normalized(text).replace(VARIANT, " ").replace(LETTER, (letter) => ` ${GREEK[letter]} `)).match(RUN) || [];

// Whether what is looked for may begin and end inside of what is written: nothing shows where a word does.
const isUnspaced = (text) => new RegExp(`[${JAPANESE}]`, "u").test(text);

function splitQuery(query) {
  return runs(query).flatMap((run) =>
    isUnspaced(run) && run.length > 1 ? [...run.slice(1)].map((next, i) => run[i] + next) : [run]
  );
}

const termsOf = (query) => query.split(/\s+/).map((term) => normalized(term.replace(/[?？]+$/, "")).replace(QUESTION, ""));
const mayStandAside = () => false;
const wordsOf = (term) => term.split(BETWEEN_WORDS);
const wordsOfName = (name) => name.match(/[ァ-ヺー]+|[ぁ-ゖー]+|[一-鿿々]+|[a-z0-9]+/gu) || [];
const asWritten = (term) => term;

function askedByNumber(query) {
  const [, kind, number, unit] = normalized(query).trim().match(BY_NUMBER) || [];
  return { number, isKind: (name) => !(kind || unit) || name === KINDS[kind || unit] };
}
