#!/usr/bin/env bash
# IPython 9.18.1: patch("builtins.open") changes nothing for the functions of a notebook.
#
# Guess: unittest.mock.patch("builtins.open", mock_open(...)) gives a function of the notebook the mock, as it does in a
#   module; and a graded notebook's test may patch it so.
# Seen: IPython has put a function of its own under the name `open` among the notebook's names, which comes first. The
#   patched built-in is never looked up, and the real file is opened; patch("__main__.open") reaches it. Other built-in
#   functions (input, print) are patched as everywhere.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check ipython==9.18.1 nbclient==0.11.0 ipykernel==7.4.0
cd "$place"
export JUPYTER_DATA_DIR="$place/data" JUPYTER_PATH="" IPYTHONDIR="$place/ipython"  # no kernel or profile of the machine's
"$place/venv/bin/python" - > seen.txt 2> /dev/null <<'PYTHON'
from importlib.metadata import version

from nbclient import NotebookClient
from nbformat import v4

print("ipython", version("ipython"))
CELLS = [
    "from unittest.mock import mock_open, patch\ndef first(path):\n    with open(path) as file:\n        return file.read()",
    "open('there.txt', 'w').write('the file')\ndef tried(name):\n    with patch(name, mock_open(read_data='the mock'), create=True):\n"
    "        return first('there.txt')",
    "print(tried('builtins.open'))",
    "print(tried('__main__.open'))",
    "with patch('builtins.input', return_value='the mock'):\n    print(input())",
]
notebook = v4.new_notebook(cells=[v4.new_code_cell(source) for source in CELLS])
NotebookClient(notebook, kernel_name="python3").execute()
for cell, name in zip(notebook.cells[2:], ("builtins.open", "__main__.open", "builtins.input")):
    print(name, "->", cell.outputs[0].text.strip())
PYTHON
cat seen.txt
diff seen.txt - <<'EXPECTED'
ipython 9.18.1
builtins.open -> the file
__main__.open -> the mock
builtins.input -> the mock
EXPECTED
echo "as found"
