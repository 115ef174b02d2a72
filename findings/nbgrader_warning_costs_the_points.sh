#!/usr/bin/env bash
# nbgrader 0.9.6: a test that passes is worth nothing when a library warns while it runs.
#
# Guess: a test cell gets its points unless it raises; what it prints, and where to, changes nothing.
# Seen: any text on stderr makes it 0 points, without a word: a DeprecationWarning of a library, or a progress bar, in
#   a test that has passed. The same text on stdout costs nothing.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check nbgrader==0.9.6 ipykernel==7.4.0 nbclient==0.11.0
cd "$place"
export JUPYTER_DATA_DIR="$place/data" JUPYTER_PATH="" IPYTHONDIR="$place/ipython"  # no kernel or profile of the machine's
"$place/venv/bin/python" - > seen.txt 2> /dev/null <<'PYTHON'
from importlib.metadata import version

from nbclient import NotebookClient
from nbformat import v4
from nbgrader.utils import determine_grade

print("nbgrader", version("nbgrader"))
ABOUT = {"grade": True, "locked": True, "solution": False, "task": False, "points": 3, "grade_id": "t", "schema_version": 3}
for name, test in (
    ("an assert", "assert 1 + 1 == 2"),
    ("… that prints", "print('fine')\nassert 1 + 1 == 2"),
    ("… while a library warns", "import warnings\nwarnings.warn('old', DeprecationWarning)\nassert 1 + 1 == 2"),
    ("… behind a bar", "import sys\nprint('100%', file=sys.stderr)\nassert 1 + 1 == 2"),
):
    notebook = v4.new_notebook(cells=[v4.new_code_cell(test, metadata={"nbgrader": ABOUT})])
    NotebookClient(notebook, kernel_name="python3").execute()
    points, most = determine_grade(notebook.cells[0])
    print(f"{name}: {points:g} of {most:g}")
PYTHON
cat seen.txt
diff seen.txt - <<'EXPECTED'
nbgrader 0.9.6
an assert: 3 of 3
… that prints: 3 of 3
… while a library warns: 0 of 3
… behind a bar: 0 of 3
EXPECTED
echo "as found"
