// What scripts say to the reader. A build in another language puts that language's text in place of each Japanese one
// that `say` is called with (press/words.py), so no page carries a dictionary.

/** Put values into the {places} of a text. @param {string} text @param {Record<string, unknown>} values */
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (place, name) => String(values[name] ?? place));

/** @param {string} text as it stands in the catalogue: a literal @param {Record<string, unknown>} [values] */
const say = (text, values = {}) => fill(text, values);
