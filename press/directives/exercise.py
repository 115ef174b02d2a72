"""`{exercise} K1-2` shows an exercise from its source in solutions/: question, starter, folded hints and answer.

The page and the notebooks are made from the same text, so they cannot differ.
"""

import html

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

from press.exercises import source as sources
from press.words import say

logger = logging.getLogger(__name__)
Places = dict[str, dict[str, int]]  # page → exercise → line

BOX = """\
:::::{{admonition}} {exercise.id} {exercise.title}
:class: exercise
:name: exercise-{exercise.id}

*{exercise.summary}*

{exercise.question}

{starters}

{hints}

::::{{dropdown}} {answer}
:class-container: solution

{solutions}

{exercise.explanation}
::::
:::::
"""


def python(code: str) -> str:
    return f"```python\n{code}\n```"


def starter(answer: sources.Answer, setup: str) -> str:
    """What the reader completes, marked for live.js: which check judges it, and what runs before it."""
    marks = f'data-check="{answer.check}" data-edition="{answer.edition}"'
    box = f'<div class="answer" {marks} data-setup="{html.escape(setup)}">'
    # An empty line would end a block of HTML, but not inside a directive.
    return "\n\n".join([f"```{{raw}} html\n{box}\n```", python(answer.starter), "```{raw} html\n</div>\n```"])


def markdown(exercise: sources.Exercise, setup: str) -> str:
    """The exercise as MyST text."""
    hints = (
        f"::::{{dropdown}} {say('ヒント {number}', number=n)}\n{hint}\n::::"
        for n, hint in enumerate(exercise.hints, start=1)
    )
    return BOX.format(
        exercise=exercise,
        answer=say("解答と解説"),
        starters="\n\n".join(starter(answer, setup) for answer in exercise.answers),
        hints="\n\n".join(hints),
        solutions="\n\n".join(python(answer.solution) for answer in exercise.answers),
    )


class ExerciseDirective(SphinxDirective):
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        if f"exercise-{self.arguments[0].lower()}" in self.state.document.nameids:
            raise self.error(f"{self.arguments[0]} は、このページにもうあります。1つの問題は1か所に載せてください。")
        for source in sources.files():
            self.env.note_dependency(str(source))
            assignment = sources.read(source)
            for exercise in assignment.exercises:
                if exercise.id == self.arguments[0]:
                    box = nodes.Element()
                    text = StringList(markdown(exercise, assignment.setup).splitlines(), source=str(source))
                    self.state.nested_parse(text, 0, box)
                    places(self.env).setdefault(self.env.docname, {})[exercise.id] = self.lineno
                    for node in box.findall(nodes.Element):  # what is wrong in it is to be put right there
                        node.source, node.line = str(source), exercise.line
                    return box.children
        raise self.error(f"{self.arguments[0]} という問題は solutions/ にありません。番号を確かめてください。")


def places(env: BuildEnvironment) -> Places:
    """Those of the book, which Sphinx keeps with all that it knows of the pages."""
    known: Places = vars(env).setdefault("exercise_places", {})
    return known


def forget(app: Sphinx, env: BuildEnvironment, page: str) -> None:
    places(env).pop(page, None)


def merge(app: Sphinx, env: BuildEnvironment, pages: set[str], other: BuildEnvironment) -> None:
    places(env).update({page: places(other)[page] for page in pages if page in places(other)})


def check_places(app: Sphinx, env: BuildEnvironment) -> None:
    """Every exercise of a chapter that the book has stands in the book, and only once."""
    found: dict[str, str] = {}
    for page, exercises in sorted(places(env).items()):
        for identifier, line in exercises.items():
            if identifier in found:
                message = f"{identifier} は {found[identifier]}.md にもあります。1つの問題は1か所に載せてください。"
                logger.warning(message, location=(page, line))
            found.setdefault(identifier, page)
    for source in sources.files():
        if f"book/{source.stem}" in env.found_docs:
            for exercise in sources.read(source).exercises:
                if exercise.id not in found:
                    place = f"載せるところに ```{{exercise}} {exercise.id} を書いてください。"
                    message = f"{exercise.id} を載せたページがありません。{place}"
                    logger.warning(message, location=f"{source}:{exercise.line}")


def setup(app: Sphinx) -> ExtensionMetadata:
    app.add_directive("exercise", ExerciseDirective)
    app.connect("env-purge-doc", forget)
    app.connect("env-merge-info", merge)
    app.connect("env-updated", check_places)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
