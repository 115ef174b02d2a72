"""Cells of an assignment that a teacher has made: tests, answers, and what is graded by hand."""

import base64
import io

import nbformat.v4 as v4
from PIL import Image

SOLUTION = "### BEGIN SOLUTION\n{}\n### END SOLUTION"
TEST = {"grade": True, "locked": True}
TEXT = {"grade": True, "solution": True}
TASK = {"task": True, "locked": True}


def managed(kind, name, source, **about):
    make = v4.new_code_cell if kind == "code" else v4.new_markdown_cell
    known = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    return make(source, metadata={"nbgrader": known | about | {"grade_id": name}})


def illustrated(name, source, colour, **about):
    """A text with a picture of this colour attached."""
    file = io.BytesIO()
    Image.new("RGB", (3, 2), colour).save(file, "PNG")
    cell = managed("markdown", name, f"{source}\n\n![図](attachment:fig.png)", **about)
    cell.attachments = {"fig.png": {"image/png": base64.b64encode(file.getvalue()).decode()}}
    return cell
