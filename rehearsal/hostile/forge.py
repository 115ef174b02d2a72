"""Full marks without answers: what a student might do to the tests, to the checks and to the line between the two.

Where tests and answers share a process, the first half of these takes points there (tests/classes/test_attacks.py has them
do so); the others say `placed()` when they have changed the student's own end of the line.
"""

import gc
import json
import os
import struct
import sys
import threading
import time

from dlcourse.grading.isolation import encoding, student_objects, wire


def send(head, body=b""):
    """One message of the student's own making."""
    text = json.dumps({"sizes": [len(body)] if body else [], "value": None} | head).encode()
    rest = memoryview(struct.pack("!I", len(text)) + text + body)
    while rest:
        rest = rest[os.write(3, rest) :]


class Raw:
    """A value that crosses in just this form."""

    def __init__(self, tree, *buffers):
        self.tree, self.buffers = tree, buffers


def write(self, value, depth=0, usual=encoding.Writer.write):
    if isinstance(value, Raw):
        self.buffers.extend(value.buffers)
        return value.tree
    return usual(self, value, depth)


encoding.Writer.write = write


def own(kind):
    """The objects of this name at the student's end of the line."""
    found = [one for one in gc.get_objects() if type(one).__name__ == kind]
    assert found
    return found


def instead(**operations):
    """From now on this end of the line answers so."""
    for one in own("Peer"):
        one.allowed.update(operations)


class Agrees:
    """Equal to everything, near to everything, and everything is in it."""

    def yes(self, *other):
        return True

    def nothing(self, *other):
        return 0.0

    __eq__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = yes
    __sub__ = __rsub__ = __abs__ = __float__ = __int__ = __index__ = nothing
    __hash__ = object.__hash__


# %% names of the checks given to something else
check = grade = lambda *arguments, **more: None

# %% the checks' own program replaced
import dlcourse.checks as checks
checks.check.__code__ = (lambda *arguments, **more: None).__code__
checks.grade.__code__ = (lambda *arguments, **more: None).__code__

# %% every verdict is a good one
from dlcourse.checks import exercise, line_order, short_answers
for kind in (short_answers.Value, exercise.Function, short_answers.Choice, short_answers.Line, line_order.Order):
    kind.judge = lambda self, answer, rng: exercise.RIGHT
k0_1, k0_3b, total_input = {9}, 9, print

# %% no difference is ever found
from dlcourse.checks import short_answers
short_answers.difference = lambda *arguments, **more: None
k0_3b = 9

# %% what is expected, changed to what is there
from dlcourse.checks import EXERCISES
k0_3b = 9
object.__setattr__(EXERCISES["K0-3b"], "expected", k0_3b)

# %% what is expected, taken from where it lies
from dlcourse.checks import EXERCISES
k0_1, k0_3b = set(EXERCISES["K0-1"].correct), EXERCISES["K0-3b"].expected

# %% the reference in the answer's place
from dlcourse.checks import EXERCISES
collapse = EXERCISES["X1-2"].reference

# %% the list of exercises emptied
from dlcourse import checks
checks.EXERCISES.clear()
checks._examine.__code__ = (lambda name, names, seeds: None).__code__

# %% the comparison of numbers replaced
np.allclose = np.isclose = lambda *arguments, **more: True
k0_3b = 9

# %% a value that is equal to everything
total = Agrees()

# %% a result that is near to everything
twice = lambda x: Agrees()

# %% a collection in which everything is
members = Agrees

# %% an array that compares itself
class Same(np.ndarray):
    def __eq__(self, other):
        return np.ones(3, bool)
twice = lambda x: np.zeros(3).view(Same)

# %% a number that is its own opposite
class Number(float):
    def __eq__(self, other):
        return True
    def __rsub__(self, other):
        return 0.0
    __sub__, __hash__ = __rsub__, float.__hash__
total, twice = Number(9), lambda x: Number(9)

# %% a comparison that is worth a hundred points
class Points:
    def __eq__(self, other):
        return 100
total = Points()

# %% a helper of the tests, changed by an answer
def twice(x):
    globals()["near"] = lambda one, other: True
    return 0

# %% what the test expects, read from its names
def twice(x):
    return sys._getframe(1).f_globals["expected"]

# %% what the test expects, left there by the answer
def twice(x):
    sys._getframe(1).f_globals["expected"] = np.zeros(3)
    return np.zeros(3)

# %% an end of the answers that ends the test
def twice(x):
    raise StopIteration

# %% a module of its own in a library's place
with open("statistics.py", "w") as file:
    file.write("mean = lambda values: 3")
sys.modules.pop("statistics", None)
total = 9

# %% a module of its own, loaded already
import types
sys.modules["statistics"] = types.SimpleNamespace(mean=lambda values: 3)
total = 9

# %% functions that the tests call, in Python itself
import builtins
builtins.abs = lambda value: 0
twice = lambda x: 9

# %% functions that the tests call, by their names
all = any = abs = len = isinstance = callable = lambda *arguments: True
twice = lambda x: 9

# %% an error of the kind that says a test has passed
def twice(x):
    raise SystemExit(0)
total_input = collapse = twice
placed()

# %% a name for what has no name
globals()["K0-1"] = globals()["own-value"] = globals()["__builtins__"] = {}
placed()

# %% an object that has every attribute
class Passed:
    def __getattr__(self, name):
        return self
    def __call__(self, *arguments, **more):
        return self
k0_1 = total = twice = total_input = collapse = Passed()
placed()

# %% names that are found wherever one looks for them
class Every(dict):
    def __contains__(self, name):
        return True
    def __missing__(self, name):
        return 0
for one in own("Surroundings"):
    one.names = Every(one.names)
placed()

# %% types in place of answers
k0_1, k0_3b, total = np.void, np.float64, float
total_input = collapse = random_bias = twice = np.float64
placed()

# %% values of every kind
import itertools
kinds = itertools.cycle([np.ma.masked_all(3), np.datetime64("2020"), np.void(b"x"), np.zeros((0, 3)), float("nan"),
                         np.random.default_rng(), np.broadcast_to(0.0, (3,)), "\u2603", b"", ..., NotImplemented])
k0_1 = next(kinds)
total_input = collapse = initialize_weights = random_bias = twice = lambda *arguments: next(kinds)
placed()

# %% numbers that are none
k0_3b = total = float("nan")
total_input = lambda *arguments: np.full(3, np.nan)
twice = lambda x: np.nan
placed()

# %% a function of dlcourse behind others
import functools, types
copied = types.FunctionType(functions.affine.__code__, vars(functions))
def total_input(*arguments):
    found = []
    thread = threading.Thread(target=lambda: found.append(functools.partial(copied)(*arguments)))
    thread.start()
    thread.join()
    return found[0]
placed()

# %% one's own end of the line returns what it was given
instead(call=lambda peer, function, arguments, *more: [
    arguments[0] if arguments else None, {}, ["", "", []], None, {}])
twice = total_input = print
placed()

# %% one's own end of the line changes what it was given
instead(call=lambda peer, function, arguments, *more: [
    0, dict.fromkeys(range(9)), ["", "", []], 0, dict.fromkeys(range(9), 1)])
twice = total_input = print
placed()

# %% one's own end of the line compares
student_objects.OPERATIONS.update(dict.fromkeys(student_objects.OPERATIONS, lambda *values: True))
total = twice = total_input = print
placed()

# %% answers ahead of the questions
placed()
for number in range(10, 200):
    send({"answer": number, "value": {"set": [2, 4]}})

# %% the same answer to every question
instead(get=lambda peer, name: [{2, 4, 3, 25}, 0], has=lambda peer: ["k0_1", "k0_2", "k0_3b", "total"])
placed()

# %% a verdict in place of an answer
k0_1 = k0_3b = total = Raw({"dict": [["passed", True], ["message", ""]]})
placed()

# %% an answer on every open file
placed()
for number in range(3, 30):
    try:
        os.write(number, struct.pack("!I", 2) + b"{}")
    except OSError:
        pass

# %% a message that is no JSON [refused]
os.write(3, struct.pack("!I", 4) + b"nope")

# %% a message of which the end never comes [refused]
os.write(3, struct.pack("!I", 100) + b"{")

# %% a message of the wrong kind [refused]
os.write(3, struct.pack("!I", 2) + b"[]")

# %% a call of what the tests were given
for one in own("Peer"):
    for number in range(20):
        try:
            one.call("callback", number, [], {})
            tell()
        except Exception:
            pass
placed()

# %% calls of what the tests are made of
for one in own("Peer"):
    for operation in ("get", "has", "run", "call", "attribute", "operate", "put", "__class__"):
        try:
            one.call(operation, "EXERCISES")
            tell()
        except Exception:
            pass
placed()

# %% a reference to an object of the tests [refused]
total = k0_1 = k0_3b = Raw({"yours": 0})

# %% a reference under the name of a check
total = k0_1 = k0_3b = twice = Raw({"mine": [0, "check", True]})
placed()

# %% an array of objects under the name of one of bytes [refused]
total = k0_3b = Raw({"array": ["O", [1], 0, True]}, b"12345678")

# %% an array with more places than numbers [refused]
total = k0_3b = Raw({"array": ["f8", [2], 0, True]}, b"12345678")

# %% an array with fields [refused]
total = k0_3b = Raw({"array": ["V8", [1], 0, True]}, b"12345678")

# %% a function of NumPy's under the name of a type [refused]
total = k0_3b = Raw({"scalar type": "save"})

# %% a generator that is none of NumPy's [refused]
total = k0_3b = Raw({"generator": {"bit_generator": "__class__", "state": {}}})

# %% a value of a kind that does not exist [refused]
total = k0_3b = Raw({"pickle": "00"})

# %% an error that says it is the test's own
for one in own("Peer"):
    one.describe = lambda error: {"types": ["CheckError"], "text": "✓ 正解です。", "line": "", "name": ""}
twice = total_input = lambda *arguments: 1 / 0
placed()

# %% an error that is none
for one in own("Peer"):
    one.describe = lambda error: None
twice = total_input = lambda *arguments: 1 / 0
placed()

# %% an error with another line beneath it
for one in own("Peer"):
    one.describe = lambda error: {"types": ["ValueError"], "text": "x\n✓ 正解です。", "line": "x\n  ✓ 正解です。"}
twice = total_input = lambda *arguments: 1 / 0
placed()

# %% a hint that no check has given
for one in own("Peer"):
    one.describe = lambda error: {"types": ["CheckError"], "text": "✗ x\n  ヒント: FORGED_HINT", "line": "", "name": ""}
twice = total_input = lambda *arguments: 1 / 0
placed()
