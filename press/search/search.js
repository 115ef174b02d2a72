// What the search finds, in which order, and how it shows it: after Sphinx's searchtools.js, whose reading of a query it
// replaces. GLOSSARY_TERMS, KEYWORDS, SOURCES, NUMBERED and GREEK stand above, and how the language is cut (spaced.js).

// No reader types more; a text that was pasted by mistake would be looked for a long time.
const LONGEST_QUERY = 200;
const NUMBERED_AS = {
  chapter: say("章 {number}"),
  section: say("節 {number}"),
  figure: say("図 {number}"),
  table: say("表 {number}"),
  formula: say("式 {number}"),
};

Object.assign(Documentation.TRANSLATIONS, {
  "Search finished, found ${resultCount} page(s) matching the search query.": say("${resultCount} か所が見つかりました。"),
  "Your search did not match any documents. Please make sure that all words are spelled correctly and that you've selected enough categories.":
    say("見つかりませんでした。短い言葉や、別の言い方で試してみてください。用語集や目次からも探せます。"),
});

const NUMBER = /<span class="section-number">.*?<\/span>/;
// The formulas of an excerpt are short: their letters are enough.
const withoutTeX = (text) =>
  text
    .replace(/\\sqrt\{(.*?)\}/g, "√($1)")
    .replace(/\\(?:var)?(epsilon|delta|eta|partial)/g, (_, name) => ({ epsilon: "ε", delta: "δ", eta: "η", partial: "∂" })[name])
    .replace(/\\[()]|\\(?=[a-z])/g, "");

// How much of a name the term is, from 0 (not in it) to 1 (all of it). Words count from their beginning:
// "he" is He, not the middle of "the".
function share(term, name) {
  const [short, long] = [runs(term).join(""), runs(name).join("")];
  const found = isUnspaced(short)
    ? long.includes(short)
    : long.startsWith(short) || ` ${runs(name).join(" ")}`.includes(` ${runs(term).join(" ")}`);
  return found ? short.length / long.length : 0;
}

// The pages that hold every word of the term somewhere.
function pagesWith(term) {
  const tables = [Search._index.terms, Search._index.titleterms];
  // A single kana or kanji is part of a pair, and a word may go on (gradient, gradients) unless it is very short.
  const fits = (word) => {
    if (isUnspaced(word)) return word.length > 1 ? (entry) => entry === word : (entry) => entry.includes(word);
    return word.length > 2 ? (entry) => entry.startsWith(word) : (entry) => entry === word;
  };
  const pagesOf = (word) =>
    tables.flatMap((table) => Object.keys(table).filter(fits(word)).flatMap((entry) => table[entry]));
  const pages = splitQuery(term).map(pagesOf);
  return pages.length ? pages.reduce((pages, found) => pages.filter((page) => found.includes(page))) : [];
}

// What can be found by its name: pages, sections, the functions of dlcourse, the places where a term is explained, and
// the entries of the bibliography. A name counts for more the more likely it is what the reader meant.
function listPlaces() {
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
  for (const [docname, words] of KEYWORDS)
    for (const word of words) add(docnames.indexOf(docname), null, titles[docnames.indexOf(docname)], word, 3);
  for (const [docname, anchor, title, text] of SOURCES) add(docnames.indexOf(docname), anchor, title, text, 2, text);
  for (const [prefix, members] of Object.entries(objects))
    for (const [page, kind, , anchor, name] of members) {
      const whole = prefix ? `${prefix}.${name}` : name;
      const id = anchor === "" ? whole : anchor === "-" ? `${objnames[kind][1]}-${whole}` : anchor;
      for (const one of [name, whole]) add(page, id, whole, one, 1);
    }
  return [...found.values()];
}

let listed;
const places = () => (listed ??= listPlaces());
const shares = (term) => places().flatMap(({ names }) => names.map(({ name }) => share(term, name)));
const isFound = (term) => shares(term).some(Boolean) || pagesWith(term).length > 0;
const isName = (term) => shares(term).includes(1);

// A place is a result when each term is in one of its names or in its page, and at least one in its names; of what is
// `further`, more is better. A page of which no place is named by a term is a result when all terms are in its text.
function findPlaces(terms, further = []) {
  const wanted = [...terms, ...further];
  const lengths = wanted.map((term) => runs(term).join("").length);
  const inText = wanted.map(pagesWith);
  const results = [];
  for (const place of places()) {
    let score = 0;
    let near = 0;
    let description = "";
    const all = wanted.every((term, i) => {
      let best = 0;
      for (const { name, weight, description: text } of place.names) {
        const part = share(term, name);
        if (part && weight + part >= best) [best, description] = [weight + part, text];
      }
      // the longer term says more of what is meant
      score += (best * lengths[i]) / Math.max(...lengths);
      const isInText = inText[i].includes(place.page);
      if (i >= terms.length) near += isInText;
      return best || isInText || i >= terms.length;
    });
    // all of the terms as one name
    if (score && terms.length > 1) score += Math.max(...place.names.map(({ name }) => share(terms.join(" "), name)));
    if (all && (score || place.anchor === null)) results.push({ ...place, score: score && score + near, near, description });
  }
  const named = new Set(results.filter(({ score }) => score).map(({ page }) => page));
  // The numbered chapters explain; the other pages mention.
  const isAppendix = ({ page }) => !Search._index.titles[page].includes("section-number");
  return results
    .filter(({ score, page }) => score || !named.has(page))
    .sort((a, b) => b.score - a.score || b.near - a.near || isAppendix(a) - isAppendix(b) || a.page - b.page);
}

// The chapter, section, figure, table or formula of which the query is the number.
function findNumbered(query) {
  const { number, isKind } = askedByNumber(query);
  return (NUMBERED[number] || [])
    .filter(([kind]) => isKind(kind))
    .map(([kind, docname, anchor, title]) => ({
      page: Search._index.docnames.indexOf(docname),
      anchor,
      title: kind === "section" ? title : fill(NUMBERED_AS[kind], { number }),
      score: 1,
      description: kind === "section" ? "" : title,
    }));
}

// The words of a phrase, and which of them it is about: the first that is a name.
function topic(term) {
  const words = wordsOf(term).filter((word) => runs(word).join("").length > 1);
  const about = words.find(isName);
  return { words, about, others: words.filter((word) => word !== about) };
}

// Whether the letters of a word are those of another in another order: gradeint.
const isTurned = (word, other) =>
  word[0] === other[0] && word.length === other.length && [...word].sort().join("") === [...other].sort().join("");

// The name, or the word of a name, that has the most pairs of letters with the term in common: シグモイト is シグモイド.
function nearest(term, leastLikeness) {
  const pairs = (text) => new Set([...text.slice(1)].map((next, i) => text[i] + next));
  const own = pairs(runs(term).join(""));
  const names = places().flatMap(({ names }) => names.map(({ name }) => normalized(name)));
  const words = names.flatMap((name) => [name, ...wordsOfName(name)]);
  let [best, found] = [0, null];
  for (const word of new Set(words)) {
    const other = pairs(runs(word).join(""));
    const alike = (2 * [...own].filter((pair) => other.has(pair)).length) / (own.size + other.size);
    const likeness = isTurned(term, word) ? 1 : alike;
    if (own.size < 2 || other.size < 2 || likeness < leastLikeness) continue;
    // of two that are as alike, the one as long: softmx is softmax, not soft
    const fit = (likeness * Math.min(own.size, other.size)) / Math.max(own.size, other.size);
    if (fit > best) [best, found] = [fit, word];
  }
  return found;
}

// What is found for the terms, and in place of which terms.
function find(terms) {
  const phrases = terms.map((term) => (shares(term).some(Boolean) ? { about: undefined } : topic(term)));
  if (terms.length === 1 && phrases[0].about && terms[0].startsWith(phrases[0].about))
    return [findPlaces([phrases[0].about], phrases[0].others), []];
  const aside = terms.filter(mayStandAside);
  if (aside.length && aside.length < terms.length)
    return [findPlaces(terms.filter((term) => !aside.includes(term)), aside), []];
  const exactly = findPlaces(terms);
  if (exactly.some(({ score }) => score)) return [exactly, []];
  if (exactly.length) {
    // the pairs of a slip's letters may be in the text, one here and one there
    const likely = terms.map((term) => nearest(term, 0.7));
    const meant = likely.every(Boolean) ? findPlaces(likely) : [];
    return [[...meant, ...exactly.filter(({ page }) => !meant.some((place) => place.page === page))], meant.length ? likely : []];
  }
  const words = terms.flatMap((term) => (isFound(term) ? [term] : topic(term).words));
  const about = words.find(isName) ?? words.find(isFound);
  if (about) return [findPlaces([about], words.filter((word) => word !== about)), []];
  const near = terms.map((term) => (isFound(term) ? term : nearest(term, 0.6)));
  return near.every(Boolean) ? [findPlaces(near), near] : [[], []];
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
  const terms = [...new Set(termsOf(query.slice(0, LONGEST_QUERY)))].filter((term) => runs(term).length);
  localStorage.setItem("sphinx_highlight_terms", terms.map(asWritten).join(" "));
  const numbered = findNumbered(query);
  const [results, instead] = terms.length ? find(terms) : [[], []];
  const shown = (instead.length ? instead : terms).map(asWritten);
  [...numbered, ...results].forEach((place) => show(place, shown));
  _finishSearch(numbered.length + results.length);
  if (results.length && instead.length) Search.status.prepend(say("「{words}」で探しました。", { words: instead.join(" ") }));
};
