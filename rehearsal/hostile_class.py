"""A class of hostile students for one assignment, each with one probe: what a notebook may try, done harmlessly.

A probe tests the course's own guard and nothing else. It reads a decoy, leaves a marker, connects to a listener of the
test, asks for a little more than a limit, or loops for a few seconds; where the guard fails, nothing comes to harm.
Probes that are one cell stand in hostile/CLASS.py, each under a line `# %% what it tries`; what stands above the first
of these lines is run before each of them. Those that change the file stand in hostile_files.py. All deserve 0 points.

A cell that gets what it is after says `tell()`, or prints one of the decoys' words (SECRETS); one that has changed the
student's own end of the line, and can do no more, says `placed()`. Behind a title may stand

[refused]: what this probe sends has to be refused, in the words of a test; else it has reached its aim.
[ends]: it wants Python to run no further cell.
[needs namespaces]: it asks for more than a limit that only namespaces set.
[needs the Linux engine]: … that only it sets. Elsewhere files and mappings lie in Python's own memory, whose limit
counts.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlcourse.checks import short_answers, values
from dlcourse.grading.desk import markup
from dlcourse.grading.display import pictures
from dlcourse.grading.isolation import confine, encoding, outputs, sandbox, session, shell, wire
from rehearsal import hostile_files
from rehearsal.hostile_files import Change, Notebook

SECRETS = [
    "CANARY_IN_COURSE",
    "CANARY_IN_ENVIRONMENT",
    "CANARY_IN_EXCHANGE",
    "CANARY_IN_HOME",
    "CANARY_IN_SUBMISSION",
    "BEGIN SOLUTION",
]
REACHED, PLACED, HINT = "SUCCESS_REACHED", "PLACED_SO", "FORGED_HINT"
HELPERS = """\
def tell():
    print("SUCCESS" + "_REACHED")

def placed():
    print("PLACED" + "_SO")

"""  # in two parts, so that the probe's own text is no success

CELL_SECONDS = 0.5  # of the processor, that a cell may take in a run of this class
# What the probes ask for: the limits, and a little more.
BEYOND = {
    "work": CELL_SECONDS + sandbox.PATIENCE + 1,  # seconds of the processor …
    "wait": session.WAITING * CELL_SECONDS + sandbox.PATIENCE + 1,  # … and by the clock
    "threads": sandbox.THREADS + 16,
    "memory": sandbox.MEMORY * 11 // 10,
    "file_size": sandbox.LIMITS["FSIZE"] + 1,
    "disk": sandbox.DISK + 1,
    "files": confine.MOST_FILES + 1,
    "open_files": sandbox.LIMITS["NOFILE"] + 1,
    "output": shell.MOST_OUTPUT + 1,
    "outputs": outputs.LONGEST_OUTPUTS + 1,
    "displays": outputs.MOST_OUTPUTS + 1,
    "pictures": pictures.MOST_PICTURES + 1,
    "message": encoding.LARGEST_MESSAGE + 1,
    "head": wire.LONGEST_HEAD + 1,
    "depth": encoding.DEEPEST + 2,
    "values": encoding.MOST_VALUES + 1,
    "members": values.MOST_MEMBERS + 1,
    "axes": values.MOST_AXES + 1,
    "buffers": encoding.MOST_BUFFERS + 1,
    "digits": encoding.LONGEST_INTEGER + 1,
    "number_digits": encoding.LONGEST_NUMBER + 1,
    "line": short_answers.LONGEST_LINE + 1,
    "tags": markup.DEEPEST + 5,
}

Places = dict[str, str | int]


@dataclass(frozen=True)
class Probe:
    """cell: its program; else change: what becomes of the released notebook (see hostile_files.py).

    placed: whether the cell only says that it has changed its own end of the line; the others are marks, as above.
    """

    name: str
    cell: str = ""
    change: Change | None = None
    placed: bool = False
    refused: bool = False
    ends: bool = False
    needs: str = ""

    def source(self, places: Places) -> str:
        """The whole cell. places: what its names of folders and the like stand for, besides BEYOND."""
        names = "".join(f"{name} = {value!r}\n" for name, value in (BEYOND | places).items())
        return names + HELPERS + self.cell

    def handed_in(self, blank: Notebook, places: Places) -> bytes:
        """The bytes of the file, made of the released notebook `blank`."""
        notebook = json.loads(json.dumps(blank))
        if self.change:
            made = self.change(notebook)
            return json.dumps(notebook).encode() if made is None else made
        for answer in hostile_files.cells_of(notebook, "solution"):
            answer["source"] = ""  # the stub of a function would take the place of the probe's
        cell: Notebook = {
            "cell_type": "code",
            "metadata": {},
            "id": "probe",
            "source": self.source(places),
            "outputs": [],
            "execution_count": None,
        }
        first = next(number for number, cell in enumerate(notebook["cells"]) if cell["id"] == "setup") + 1
        notebook["cells"].insert(first, cell)
        return json.dumps(notebook).encode()


TITLE = re.compile(r"(?P<name>[^\[\]]+?)(?P<marks>(?: \[[^\]]+\])*)")


def probe(title: str, cell: str = "", **more: Any) -> Probe:
    """The probe of this title with its marks."""
    found = TITLE.fullmatch(title)
    assert found, title
    marks = re.findall(r"\[(.+?)\]", found["marks"])
    needs = next((mark.removeprefix("needs ") for mark in marks if mark.startswith("needs ")), "")
    return Probe(found["name"], cell, refused="refused" in marks, ends="ends" in marks, needs=needs, **more)


def cells(kind: str) -> list[Probe]:
    """The probes of hostile/KIND.py."""
    text = Path(__file__).with_name("hostile").joinpath(f"{kind}.py").read_text("utf-8")
    above, *parts = re.split(r"^# %% ", text, flags=re.MULTILINE)
    split = (part.partition("\n") for part in parts)
    return [probe(title, above + source, placed="placed()" in source) for title, _, source in split]


def changes(titled: dict[str, Change]) -> list[Probe]:
    return [probe(title, change=change) for title, change in titled.items()]


CLASSES = {
    "forge": cells("forge"),
    "leak": cells("leak"),
    "destroy": cells("destroy"),
    "exhaust": cells("exhaust") + changes(hostile_files.EXHAUST),
    "inject": cells("inject") + changes(hostile_files.INJECT),
    "metadata": changes(hostile_files.METADATA),
    "encoding": changes(hostile_files.ENCODING),
}
# What only the portable engine has.
OF_PORTABLE = {"javascript": cells("javascript")}
