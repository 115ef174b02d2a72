"""`{question}` is a quiz as examinations ask it: four choices, of which one is right; book/exam.md holds them.

A step to be calculated, with numbers that are drawn anew for every paper:

    ```{question}
    :numbers: momentum

    $w$ が {drawn}`w` のとき、…

    - [x] {drawn}`right`
    …
    ```

`:numbers:` names a function of press/practice/numbers.py; {drawn}`key` shows what it has drawn under this name.

A program with blanks:

    ````{question}
    :check: T2-1e

    空欄(あ)に入るものはどれですか。

    ```python
    def softmax(u):
        return np.exp(u) / (あ)
    ```

    - [x] `np.sum(np.exp(u), axis=-1, keepdims=True)`
    …
    ````

`:check:` names the exercise of dlcourse.checks by which tests/press/test_questions.py judges the program with each
choice; where there are two blanks, a choice is written (あ) `…` (い) `…`, and ① `…` ② `…` where choices have letters.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective, SphinxRole
from sphinx.util.typing import ExtensionMetadata
from sphinx.writers.html5 import HTML5Translator

from press import ROOT
from press.directives.quiz import QuizDirective, details, summary
from press.practice import numbers
from press.words import say

CHOICES = 4
DRAWN = "drawn"  # where the directive leaves the numbers for the roles in its text


class drawn(nodes.Inline, nodes.TextElement):
    """A number that a script may replace by another variant's."""


class DrawnRole(SphinxRole):
    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        known: Mapping[str, list[str]] = self.env.temp_data.get(DRAWN, {})
        if self.text not in known:
            names = "、".join(known) or "ありません(:numbers: を書いた問題の中でだけ使えます)"
            message = self.inliner.reporter.error(
                f"{self.text} という数はありません。使えるのは {names} です。", line=self.lineno
            )
            return [], [message]
        return [drawn("", known[self.text][0], key=self.text)], []


class QuestionDirective(QuizDirective):
    option_spec: ClassVar[dict[str, Any]] = {
        **QuizDirective.option_spec,
        "numbers": directives.unchanged_required,
        "check": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        name = self.options.get("numbers")
        if name and name not in numbers.DRAWS:
            raise self.error(
                f"{name} は press/practice/numbers.py にありません。{'、'.join(numbers.DRAWS)} のどれかです。"
            )
        self.env.note_dependency(str(ROOT / "press" / "practice" / "numbers.py"))
        self.env.temp_data[DRAWN] = numbers.variants(name) if name else {}
        (box,) = super().run()
        assert isinstance(box, nodes.admonition)
        self.check_choices(list(box.findall(details)))
        for program in box.findall(nodes.literal_block):
            program["force"] = True  # a blank such as ① is no Python
        box["classes"].append("question")
        box.children[0].replace_self(nodes.title("", say("問{number}", number=self.env.new_serialno("question") + 1)))
        if name:
            box["numbers"] = name
        used = {number["key"] for number in box.findall(drawn)}
        if used:
            told = {key: values for key, values in self.env.temp_data[DRAWN].items() if key in used}
            box += nodes.raw("", SCRIPT.format(json.dumps(told, ensure_ascii=False)), format="html")
        del self.env.temp_data[DRAWN]
        return [box]

    def check_choices(self, choices: list[details]) -> None:
        texts = {re.sub(r"\s", "", choice.next_node(summary).astext()) for choice in choices}
        if len(choices) != CHOICES or len(texts) != CHOICES or sum(choice["right"] for choice in choices) != 1:
            raise self.error("試験の問題には、互いに違う4つの選択肢と、1つだけの [x] が要ります。")


SCRIPT = '<script type="application/json" class="variants">{}</script>'


def visit_drawn(translator: HTML5Translator, node: drawn) -> None:
    translator.body.append(f'<span data-drawn="{node["key"]}">')


def depart_drawn(translator: HTML5Translator, node: drawn) -> None:
    translator.body.append("</span>")


class MockExamDirective(SphinxDirective):
    """The place where exam.js puts a paper together, out of the questions of the page."""

    def run(self) -> list[nodes.Node]:
        return [nodes.raw("", mock_exam(), format="html")]


def mock_exam() -> str:
    return f"""\
<noscript>
<p>{say("JavaScript が使えないので、模擬試験は組み立てられません。下の問題は、1つずつ解けます。")}</p>
</noscript>
<div class="mock-exam" hidden>
<div class="live-bar" role="group" aria-label="{say("模擬試験を始める")}">
<label>{say("問題の数")} <select class="mock-exam-count"><option>20</option><option>40</option></select></label>
<label>{say("時間")} <select class="mock-exam-time">
<option value="1">{say("限る")}</option>
<option value="0">{say("限らない")}</option>
</select></label>
<button type="button" class="mock-exam-start">{say("始める")}</button>
<span class="live-status" role="status"></span>
</div>
</div>
"""


def add_scripts(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    if 'class="mock-exam"' in context.get("body", ""):
        for script in ("words.js", "questions.js", "exam.js"):
            app.add_js_file(script, defer="defer")


def setup(app: Sphinx) -> ExtensionMetadata:
    app.add_node(drawn, html=(visit_drawn, depart_drawn))
    app.add_role("drawn", DrawnRole())
    app.add_directive("question", QuestionDirective)
    app.add_directive("mock-exam", MockExamDirective)
    app.connect("html-page-context", add_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
