"""nbgrader's own points for the items, kept in stock.json: `python -m tests.ordinary.stock`, or with kinds behind it.

It starts a kernel for each notebook of each student: about three minutes for all. To be done when items change, or
nbgrader does; what it gives is to be read before it is kept.
"""

import json
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

from rehearsal import stock_nbgrader
from tests.ordinary import items

KEPT = items.ROOM / "stock.json"


def kept():
    return json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}


def keep(points):
    """One line for each item, so that a change can be read."""
    version = metadata.version("nbgrader")
    blocks = [f' "nbgrader": "{version}"']
    for kind in sorted(points):
        lines = ",\n".join(f'  "{name}": {json.dumps(about)}' for name, about in points[kind].items())
        blocks.append(f' "{kind}": {{\n{lines}\n }}')
    KEPT.write_text("{\n" + ",\n".join(blocks) + "\n}\n", encoding="utf-8")


def graded(folder, which):
    """The points that nbgrader gives."""
    items.write_sources(folder, which)
    Path(folder, "nbgrader_config.py").write_text(stock_nbgrader.CONFIG, encoding="utf-8")
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", items.ASSIGNMENT, "--create"]
    subprocess.run(command, cwd=folder, check=True)
    items.hand_in(folder, which)
    done = stock_nbgrader.autograde(folder, items.ASSIGNMENT)
    assert done.returncode == 0, done.stderr
    return items.points_of(folder, which)


def main(arguments):
    which = arguments or items.kinds()
    with tempfile.TemporaryDirectory() as folder:
        points = graded(folder, which)
    for kind in which:
        for item in items.read(kind)[1:]:
            points[kind][item.name] = {"of": item.fingerprint} | points[kind][item.name]
    before = {kind: about for kind, about in kept().items() if kind in items.kinds()}
    keep(before | points)


if __name__ == "__main__":
    main(sys.argv[1:])
