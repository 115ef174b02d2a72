"""The cells and exercises of a page, as its reader uses them."""

from press.exercises import source

STARTING = 90_000  # ms: Python has to be loaded, on a machine that may be busy
ASSIGNMENTS = [source.read(file) for file in source.files()]
ANSWERS = {exercise.id: exercise.answers for part in ASSIGNMENTS for exercise in part.exercises}


def cell(page, number=0):
    return page.locator("div.cell").nth(number)


def press(part, name):
    part.get_by_role("button", name=name, exact=True).click()


def editor(part):
    return part.get_by_role("textbox", name="のコード")


def output(part):
    return part.locator(".live-output")


def written(part):
    """What stands in an editor: CodeMirror draws an element for each line, when the reader gets there."""
    editor(part).scroll_into_view_if_needed()
    return "\n".join(editor(part).locator(".cm-line").all_text_contents())


def rewrite(page, code, number=0):
    """Open a cell that only NumPy is needed for, and put other code into it."""
    part = cell(page, number)
    part.evaluate("(box) => cells.find((cell) => box.contains(cell.bar)).open()")
    editor(part).fill(code)
    return part
