// The editor of live cells and answers: what they use of CodeMirror. `make editor` bundles it for the pages.

import { defaultKeymap, history, historyKeymap, indentLess, indentMore, isolateHistory } from "@codemirror/commands";
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { pythonLanguage } from "@codemirror/lang-python";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { tagHighlighter, tags } from "@lezer/highlight";

const LEAVING = 60_000; // ms after Esc in which Tab leaves; CodeMirror's own 2 s are too short for some

// The class names of the printed code: its colours, in both themes, are the editor's too.
const likePrinted = tagHighlighter([
  { tag: tags.keyword, class: "k" },
  { tag: [tags.bool, tags.null], class: "kc" },
  { tag: tags.number, class: "m" },
  { tag: tags.string, class: "s" },
  { tag: tags.comment, class: "c" },
  { tag: tags.operator, class: "o" },
  { tag: tags.function(tags.definition(tags.variableName)), class: "nf" },
  { tag: tags.definition(tags.className), class: "nc" },
  { tag: tags.meta, class: "nd" },
]);

const japanese = EditorState.phrases.of({ "Control character": "制御文字", "Selection deleted": "選んだ部分を消しました" });

/** @type {import("@codemirror/view").Command} */
function letTabLeave(view) {
  view.setTabFocusMode(LEAVING);
  return true; // else CodeMirror sets its own time
}

/** To the next multiple of four, or what is selected as a whole. @type {import("@codemirror/view").Command} */
function indent(view) {
  const { main } = view.state.selection;
  if (!main.empty) return indentMore(view);
  const column = main.head - view.state.doc.lineAt(main.head).from;
  const spaces = " ".repeat(4 - (column % 4));
  view.dispatch(view.state.replaceSelection(spaces), { userEvent: "input.indent" }); // undone by itself
  return true;
}

/**
 * An editor of Python; `hint` tells how to use it.
 * @param {{code: string, label: string, hint: HTMLElement, changed: (code: string) => void, run: () => void}} settings
 */
export function makeEditor({ code, label, hint, changed, run }) {
  const runNow = () => (run(), true);
  const view = new EditorView({
    doc: code,
    extensions: [
      keymap.of([
        { key: "Escape", run: letTabLeave },
        { key: "Shift-Enter", run: runNow },
        { key: "Mod-Enter", run: runNow },
        { key: "Tab", run: indent, shift: indentLess },
        ...historyKeymap,
        ...defaultKeymap,
      ]),
      [lineNumbers(), history(), bracketMatching(), indentOnInput(), indentUnit.of("    "), japanese],
      [pythonLanguage, syntaxHighlighting(likePrinted)],
      EditorView.contentAttributes.of({ "aria-label": label, "aria-describedby": hint.id }),
      EditorView.updateListener.of((update) => update.docChanged && changed(update.state.doc.toString())),
    ],
  });
  /** @type {HTMLElement} */
  const dom = document.createElement("div");
  dom.className = "live-editor highlight";
  dom.append(view.dom, hint);
  return {
    dom,
    focus: () => view.focus(),
    /** Replace the code; an undo brings it back. @param {string} code */
    replace: (code) => {
      const changes = { from: 0, to: view.state.doc.length, insert: code };
      if (code !== view.state.doc.toString()) view.dispatch({ changes, annotations: isolateHistory.of("full") });
    },
  };
}
