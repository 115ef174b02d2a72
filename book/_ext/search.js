// The browser's half of japanese_search.py. It runs after Sphinx's searchtools.js and replaces how that
// reads a query, orders the results and shows them. GLOSSARY_TERMS stands above.

const JAPANESE = "々-〇ぁ-ゖゝ-ゟァ-ヺー-ヿ㐀-鿿豈-\ufaff";
const RUN = new RegExp(`[${JAPANESE}]+|(?:(?![${JAPANESE}])[\\p{L}\\p{N}])+`, "gu");
const FINAL_BAR = /(?<=[ァ-ヺー]{2})ー(?![ァ-ヺー])/gu;
const isJapanese = (text) => new RegExp(`[${JAPANESE}]`, "u").test(text);
// 「活性化関数とは何ですか」 asks for 活性化関数.
const QUESTION = /(?<=.)(とは|って)(何.*)?$/u;

Object.assign(Documentation.TRANSLATIONS, {
  "Search finished, found ${resultCount} page(s) matching the search query.": "${resultCount} か所が見つかりました。",
  "Your search did not match any documents. Please make sure that all words are spelled correctly and that you've selected enough categories.":
    "見つかりませんでした。短い言葉や、別の言い方で試してみてください。用語集や目次からも探せます。",
});

const NUMBER = /<span class="section-number">.*?<\/span>/;
// The formulas of an excerpt are short: their letters are enough.
const withoutTeX = (text) =>
  text
    .replace(/\\sqrt\{(.*?)\}/g, "√($1)")
    .replace(/\\(?:var)?(epsilon|delta|eta|partial)/g, (_, name) => ({ epsilon: "ε", delta: "δ", eta: "η", partial: "∂" })[name])
    .replace(/\\[()]|\\(?=[a-z])/g, "");

const normalized = (text) => text.normalize("NFKC").toLowerCase().replace(FINAL_BAR, "");
const runs = (text) => normalized(text).match(RUN) || [];

function splitQuery(query) {
  return runs(query).flatMap((run) =>
    isJapanese(run) && run.length > 1 ? [...run.slice(1)].map((next, i) => run[i] + next) : [run]
  );
}

// How much of a name the term is, from 0 (not in it) to 1 (all of it). Words count from their beginning:
// "he" is He, not the middle of "the".
function share(term, name) {
  const [short, long] = [runs(term).join(""), runs(name).join("")];
  const found = isJapanese(short)
    ? long.includes(short)
    : long.startsWith(short) || ` ${runs(name).join(" ")}`.includes(` ${runs(term).join(" ")}`);
  return found ? short.length / long.length : 0;
}

// The pages that hold every word of the term somewhere.
function pagesWith(term) {
  const tables = [Search._index.terms, Search._index.titleterms];
  // A single kana or kanji is part of a pair, and a word may go on (gradient, gradients) unless it is very short.
  const fits = (word) => {
    if (isJapanese(word)) return word.length > 1 ? (entry) => entry === word : (entry) => entry.includes(word);
    return word.length > 2 ? (entry) => entry.startsWith(word) : (entry) => entry === word;
  };
  const pagesOf = (word) =>
    tables.flatMap((table) => Object.keys(table).filter(fits(word)).flatMap((entry) => table[entry]));
  return splitQuery(term).map(pagesOf).reduce((pages, found) => pages.filter((page) => found.includes(page)));
}

// What can be found by its name: pages, sections, the functions of dlcourse, and the places where a term is explained.
// A name counts for more the more likely it is what the reader meant.
function places() {
  const { docnames, titles, alltitles, objects, objnames } = Search._index;
  const found = new Map();
  const add = (page, anchor, title, name, weight, description = "") => {
    const key = `${page}#${anchor ?? ""}`;
    if (!found.has(key)) found.set(key, { page, anchor, title, names: [] });
    found.get(key).names.push({ name, weight, description });
  };
  titles.forEach((title, page) => add(page, null, title, title.replace(NUMBER, ""), 4));
  for (const [title, sections] of Object.entries(alltitles))
    for (const [page, anchor] of sections) if (anchor) add(page, anchor, title, title, 3);
  for (const [docname, anchor, names, description] of GLOSSARY_TERMS)
    for (const name of names) add(docnames.indexOf(docname), anchor, names[0], name, 4, `${names[0]}: ${withoutTeX(description)}`);
  for (const [prefix, members] of Object.entries(objects))
    for (const [page, kind, , anchor, name] of members) {
      const whole = prefix ? `${prefix}.${name}` : name;
      const id = anchor === "" ? whole : anchor === "-" ? `${objnames[kind][1]}-${whole}` : anchor;
      for (const one of [name, whole]) add(page, id, whole, one, 1);
    }
  return [...found.values()];
}

// A place is a result when each term is in one of its names or in its page, and at least one in its names.
// A page of which no place is named by a term is a result when all terms are in its text.
function findPlaces(terms) {
  const inText = terms.map(pagesWith);
  const results = [];
  for (const place of places()) {
    let score = 0;
    let description = "";
    const all = terms.every((term, i) => {
      let best = 0;
      for (const { name, weight, description: text } of place.names) {
        const part = share(term, name);
        if (part && weight + part >= best) [best, description] = [weight + part, text];
      }
      score += best;
      return best || inText[i].includes(place.page);
    });
    if (all && (score || place.anchor === null)) results.push({ ...place, score, description });
  }
  const named = new Set(results.filter(({ score }) => score).map(({ page }) => page));
  // The numbered chapters explain; the other pages mention.
  const isAppendix = ({ page }) => !Search._index.titles[page].includes("section-number");
  return results
    .filter(({ score, page }) => score || !named.has(page))
    .sort((a, b) => b.score - a.score || isAppendix(a) - isAppendix(b) || a.page - b.page);
}

// Where in a page the terms are: the innermost section that holds them, and the words around the longest.
async function excerpt(address, terms) {
  const page = new DOMParser().parseFromString(await (await fetch(address)).text(), "text/html");
  page.querySelectorAll(".headerlink, script, style, div.math, .cell summary").forEach((part) => part.remove());
  const holds = (part) => terms.every((term) => normalized(part.textContent).includes(term));
  const whole = page.querySelector("article section");
  if (!whole || !holds(whole)) return;
  let section = whole;
  for (let inner; (inner = [...section.querySelectorAll(":scope > section")].find(holds)); ) section = inner;
  const heading = section.querySelector("h1, h2, h3");
  const title = heading.textContent.replace(/^[\d.]+ /, "");
  heading.remove();
  const words = withoutTeX(section.textContent.replace(/\s+/g, " ").trim());
  const longest = [...terms].sort((a, b) => b.length - a.length)[0];
  const start = Math.max(0, words.toLowerCase().indexOf(longest) - 40);
  return { anchor: section === whole ? null : section.id, title, words: `${start ? "…" : ""}${words.slice(start, start + 120)}…` };
}

function show(place, terms) {
  const { docnames, titles } = Search._index;
  const address = docnames[place.page] + DOCUMENTATION_OPTIONS.LINK_SUFFIX;
  const item = Search.output.appendChild(document.createElement("li"));
  const link = item.appendChild(document.createElement("a"));
  const context = item.appendChild(document.createElement("p"));
  const write = (anchor, title, text) => {
    link.href = address + (anchor ? `#${anchor}` : "");
    link.innerHTML = titles[place.page];
    if (anchor) link.append(` › ${title}`);
    context.textContent = text;
    terms.forEach((term) => _highlightText(context, term, "highlighted"));
  };
  context.className = "context";
  write(place.anchor, place.title, place.description);
  // A page opened from a disk may not read the others.
  if (!place.score && location.protocol !== "file:")
    excerpt(address, terms).then((found) => found && write(found.anchor, found.title, found.words));
}

Search.query = (query) => {
  const terms = query
    .split(/\s+/)
    .map((term) => normalized(term.replace(/[?？]+$/, "")).replace(QUESTION, ""))
    .filter((term) => runs(term).length);
  localStorage.setItem("sphinx_highlight_terms", terms.join(" "));
  const results = terms.length ? findPlaces(terms) : [];
  results.forEach((place) => show(place, terms));
  _finishSearch(results.length);
};
