"""What one call of a student's function costs a test, by the kind of value that goes there and comes back.

`python -m benchmarks.calls`: milliseconds per call of `def same(x): return x`, the median of several rounds in one run,
and how many times a call with a number that is; for classes and the like, what a test does with an object.
"""

import re
import statistics

from dlcourse.grading.isolation.notebook import Cell, NotebookContext, run
from dlcourse.grading.isolation.sandbox import Sandbox

CALLS, ROUNDS = 50, 7
ANSWERS = """
import collections, contextlib, dataclasses
def same(x): return x
class Account:
    def __init__(self, balance): self.balance = balance
    def __eq__(self, other): return self.balance == other.balance
    def deposit(self, amount): self.balance += amount
@dataclasses.dataclass
class Point:
    x: int
    y: int
class Wrong(Exception): pass
def fails(): raise Wrong("so")
@contextlib.contextmanager
def managed(): yield 3
def count():
    yield from range(3)
RATE = 2
items = [1, 2, 3]
account = Account(1)
"""
# kind: what comes before, and what one call is
KINDS = {
    "number": ("", "same(1.5)"),
    "text": ("", "same('abc')"),
    "list of 10": ("v = list(range(10))", "same(v)"),
    "array 100 × 10": ("v = np.zeros((100, 10))", "same(v)"),
    "path": ("from pathlib import Path\nv = Path('a')", "same(v)"),
    "StringIO": ("import io", "same(io.StringIO('abc'))"),
    "Counter": ("import collections\nv = collections.Counter('banana')", "same(v)"),
    "date": ("import datetime\nv = datetime.date(2026, 4, 1)", "same(v)"),
    "Fraction": ("from fractions import Fraction\nv = Fraction(1, 3)", "same(v)"),
    "random generator": ("v = np.random.default_rng(0)", "same(v)"),
    "masked array": ("v = np.ma.masked_equal([1, 2, 3], 2)", "same(v)"),
    "DataFrame 100 × 3": ("import pandas as pd\nv = pd.DataFrame({'a': range(100), 'b': 1.5, 'c': 'x'})", "same(v)"),
    "Series of 100": ("import pandas as pd\nv = pd.Series(range(100))", "same(v)"),
    "sympy expression": ("import sympy\nx = sympy.Symbol('x')\nv = sympy.sin(x) ** 2 + 1", "same(v)"),
    "function of the test's": ("v = lambda x: x", "same(v)"),
    "object made": ("", "Account(1)"),
    "object's method": ("v = Account(1)", "v.deposit(1)"),
    "object's attribute": ("v = Account(1)", "v.balance"),
    "objects compared": ("v, w = Account(1), Account(1)", "v == w"),
    "dataclass": ("", "Point(1, 2)"),
    "error caught": ("def call():\n    try:\n        fails()\n    except Wrong:\n        pass", "call()"),
    "with": ("def call():\n    with managed() as x:\n        pass", "call()"),
    "generator of 3": ("", "list(count())"),
    "global set": ("def call():\n    global RATE\n    RATE += 1\n    same(1)", "call()"),
    "changed in place": ("def call():\n    items.append(1)\n    items.pop()\n    same(1)", "call()"),
    "print replaced": (
        "from unittest import mock\ndef call():\n    with mock.patch('builtins.print'):\n        same(1)", "call()",
    ),
}  # fmt: skip
TIMED = """
{before}
import time
def measure(n):
    start = time.perf_counter()
    for _ in range(n):
        {call}
    return (time.perf_counter() - start) / n * 1000
measure(3)
print("milliseconds", *(measure({calls}) for _ in range({rounds})))
"""


def main():
    cells = [Cell("answer", "import numpy as np"), Cell("answer", ANSWERS), Cell("setup", "import numpy as np")]
    cells += [
        Cell("test", TIMED.format(before=before, call=call, calls=CALLS, rounds=ROUNDS), name=kind)
        for kind, (before, call) in KINDS.items()
    ]
    shared = ["RATE", "items", "account", "same", "print"]
    with Sandbox() as sandbox:
        done = run(cells, sandbox, NotebookContext(shared=shared, needs=None), cell_seconds=60, notebook_seconds=900)
    usual = None
    for kind, outputs in zip(KINDS, done.outputs[3:], strict=True):
        text = "".join(output.get("text", "") for output in outputs)
        found = re.search(r"milliseconds (.*)", text)
        if not found:
            print(f"{kind:24} {outputs[-1]['ename']}: {outputs[-1]['evalue']}")
            continue
        each = statistics.median(map(float, found[1].split()))
        usual = usual or each
        print(f"{kind:24} {each:7.3f} ms   {each / usual:5.1f} ×")


if __name__ == "__main__":
    main()
