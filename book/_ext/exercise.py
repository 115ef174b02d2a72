"""`{exercise} K1-2` shows an exercise from its source in solutions/: question, starter, folded hints and answer.

The page and the notebooks are made from the same text, so they cannot differ.
"""

import html
import sys
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import exercise_source  # noqa: E402  (tools/ is no package; it is found through the line above)

BOX = """\
:::::{{admonition}} {exercise.id} {exercise.title}
:class: exercise
:name: exercise-{exercise.id}

*{exercise.summary}*

{exercise.question}

{starters}

{hints}

::::{{dropdown}} 解答と解説
{solutions}

{exercise.explanation}
::::
:::::
"""


def python(code):
    return f"```python\n{code}\n```"


def starter(answer, setup):
    """What the reader completes, marked for live.js: which check judges it, and what runs before it."""
    marks = f'data-check="{answer.check}" data-edition="{answer.edition}"'
    box = f'<div class="answer" {marks} data-setup="{html.escape(setup)}">'
    # An empty line would end a block of HTML, but not inside a directive.
    return "\n\n".join([f"```{{raw}} html\n{box}\n```", python(answer.starter), "```{raw} html\n</div>\n```"])


def markdown(exercise, setup):
    """The exercise as MyST text."""
    hints = (f"::::{{dropdown}} ヒント {n}\n{hint}\n::::" for n, hint in enumerate(exercise.hints, start=1))
    return BOX.format(
        exercise=exercise,
        starters="\n\n".join(starter(answer, setup) for answer in exercise.answers),
        hints="\n\n".join(hints),
        solutions="\n\n".join(python(answer.solution) for answer in exercise.answers),
    )


class ExerciseDirective(SphinxDirective):
    required_arguments = 1

    def run(self):
        if f"exercise-{self.arguments[0].lower()}" in self.state.document.nameids:
            raise self.error(f"{self.arguments[0]} は、このページにもうあります。1つの問題は1か所に載せてください。")
        for source in sorted(ROOT.glob("solutions/*/*.md")):
            self.env.note_dependency(str(source))
            assignment = exercise_source.read(source)
            for exercise in assignment.exercises:
                if exercise.id == self.arguments[0]:
                    box = nodes.Element()
                    text = StringList(markdown(exercise, assignment.setup).splitlines(), source=str(source))
                    self.state.nested_parse(text, 0, box)
                    return box.children
        raise self.error(f"{self.arguments[0]} という問題は solutions/ にありません。番号を確かめてください。")


def setup(app):
    app.add_directive("exercise", ExerciseDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
