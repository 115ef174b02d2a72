"""Using up: a little more than a limit, and loops that end by themselves after a few seconds.

The numbers are those of the course's own limits and a little more (see hostile_class.py); a cell that gets what it
asks for says so. `Raw` makes a value cross in a form of the student's own making.
"""

import contextlib
import gc
import json
import mmap
import os
import signal
import struct
import sys
import threading
import time

from dlcourse.grading.isolation import encoding, student, wire

with contextlib.suppress(ImportError):  # not every engine's Python has it
    import resource


def send(head, body=b""):
    """One message of the student's own making."""
    text = json.dumps({"sizes": [len(body)] if body else [], "value": None} | head).encode()
    rest = memoryview(struct.pack("!I", len(text)) + text + body)
    while rest:
        rest = rest[os.write(3, rest[: 1 << 16]) :]


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


def instead(**operations):
    """From now on this end of the line answers so."""
    found = [one for one in gc.get_objects() if type(one).__name__ == "Peer"]
    assert found
    for one in found:
        one.allowed.update(operations)


def spend():
    """A loop that ends by itself."""
    end = time.process_time() + work
    while time.process_time() < end:
        pass


# %% memory, piece by piece
kept = []
while sum(map(len, kept)) < memory:
    kept.append(bytearray(b"1") * (10 << 20))
time.sleep(0.3)
tell()

# %% memory at once
kept = np.ones(memory // 8)
time.sleep(0.3)
tell()

# %% memory that the system keeps for all [needs the Linux engine]
kept = mmap.mmap(-1, 1 << 20)
kept.write(b"1" * (1 << 20))
tell()

# %% memory by a file that has no name
kept = os.memfd_create("attack-marker")
os.write(kept, b"1" * (1 << 20))
tell()

# %% a file that is too large [needs the Linux engine]
with open("large", "wb") as file:
    file.write(b"0" * file_size)
tell()

# %% a file that is too large, with nothing in it [needs the Linux engine]
with open("large", "wb") as file:
    file.truncate(file_size)
tell()

# %% files that are too large together [needs namespaces]
for number in range(disk // (file_size - 1) + 1):
    with open(f"part{number}", "wb") as file:
        file.write(b"0" * (file_size - 1))
tell()

# %% too many files [needs namespaces]
for number in range(files):
    os.mkdir(str(number))
tell()

# %% too many open files [needs the Linux engine]
kept = [open(os.devnull) for _ in range(open_files)]
tell()

# %% too many threads
stop = threading.Event()
for _ in range(threads):
    threading.Thread(target=stop.wait, daemon=True).start()
stop.wait(0.5)
tell()

# %% a long output
print("x" * output)
tell()

# %% many outputs
from IPython.display import display
for _ in range(displays):
    display({}, raw=True)
tell()

# %% a long picture of HTML
from IPython.display import HTML, display
display(HTML("x" * output + "SUCCESS" + "_REACHED"))

# %% too many pictures
import io
from IPython.display import Image, display
from PIL import Image as Drawing
file = io.BytesIO()
Drawing.new("1", (1, 1)).save(file, "PNG")
for _ in range(pictures):
    display(Image(file.getvalue()))

# %% a long line on the other stream
print("x" * output, file=sys.stderr)
tell()

# %% a long text of an error
raise ValueError("x" * outputs + "SUCCESS" + "_REACHED")

# %% a loop
spend()
tell()

# %% a loop that does not let itself be interrupted
end = time.process_time() + work
while time.process_time() < end:
    try:
        spend()
    except KeyboardInterrupt:
        pass
tell()

# %% a loop to which interrupts are not told
signal.signal(signal.SIGINT, signal.SIG_IGN)
spend()
tell()

# %% a sleep
time.sleep(wait)
tell()

# %% a wait for another thread
waiting = threading.Thread(target=time.sleep, args=(wait,), daemon=True)
waiting.start()
waiting.join()
tell()

# %% a wait for somebody to type [ends]
input()

# %% an answer that takes long [refused]
def collapse(*arguments):
    spend()

# %% an answer that never gets to the end of its list [refused]
class Endless:
    def __iter__(self):
        end = time.monotonic() + wait
        while time.monotonic() < end:
            time.sleep(0.1)
            yield 1
members = Endless

# %% arrays that the tests would keep [refused]
class Endless:
    def __iter__(self):
        for _ in range(25):
            yield np.ones(message // 8 - 100)
members = Endless

# %% messages that nobody has asked for [refused]
end = time.monotonic() + wait
while time.monotonic() < end:
    send({"answer": 0})

# %% calls that nobody answers for [refused]
def collapse(*arguments):
    end = time.monotonic() + wait
    while time.monotonic() < end:
        send({"call": 1, "operation": "callback", "value": {"list": [99, {"array": ["u1", [1 << 20], 0, True]}]}},
             bytes(1 << 20))

# %% the line, closed [refused]
os.close(3)

# %% a value that is too deep [refused]
k0_1 = 1
for _ in range(depth):
    k0_1 = [k0_1]

# %% a value that is too deep, in a form of its own [refused]
tree = None
for _ in range(depth):
    tree = {"list": [tree]}
k0_1 = Raw(tree)

# %% a value that holds itself [refused]
k0_1 = []
k0_1.append(k0_1)

# %% too many values [refused]
k0_1 = list(range(values))

# %% too many values, in a form of their own [refused]
k0_1 = Raw({"list": [None] * values})

# %% a set of too many members [refused]
k0_1 = set(range(members))

# %% a set of too many members, in a form of its own [refused]
k0_1 = Raw({"set": list(range(members))})

# %% a dictionary of too many names, in a form of its own [refused]
k0_1 = Raw({"dict": [[number, 0] for number in range(members)]})

# %% a range of too many numbers [refused]
k0_1 = k0_3b = range(values)

# %% an array that is too large [refused]
k0_3b = np.zeros(message, np.uint8)

# %% an array that is too large, in a form of its own [refused]
encoding.LARGEST_MESSAGE = wire.LARGEST_MESSAGE = 2 * message
k0_3b = np.zeros(message, np.uint8)

# %% a text that is too long for one message [refused]
k0_1 = "x" * head

# %% a text that is too long for one message, all the same [refused]
wire.LONGEST_HEAD = 2 * head
k0_1 = "x" * head

# %% an array with too many axes [refused]
k0_3b = Raw({"array": ["f8", [1] * axes, 0, True]}, bytes(8))

# %% an array of too many nothings [refused]
k0_3b = Raw({"array": ["f8", [0, message], 0, True]}, b"")

# %% too many arrays [refused]
k0_1 = [np.zeros(1)] * buffers

# %% one array under many names [refused]
k0_1 = k0_3b = Raw({"list": [{"array": ["u1", [1 << 20], 0, True]}] * 1000}, bytes(1 << 20))

# %% an integer that is too long [refused]
total = Raw({"int": hex(16 ** digits)})

# %% a fraction that is too long [refused]
total = Raw({"Fraction": "1" * number_digits + "/3"})

# %% a decimal that is too long [refused]
total = Raw({"Decimal": "1" * number_digits})

# %% a text array with long places [refused]
k0_3b = np.array("x" * 1025)

# %% a line of a program that is too long [refused]
k1_3 = "z1 = " + "x" * line

# %% an error with a long name and a long text
def total_input(*arguments):
    raise type("E" * 10_000, (Exception,), {})("x" * output + "SUCCESS" + "_REACHED")
placed()

# %% an output of one's own end of the line
placed()
instead(run=lambda peer, source: ([
    {"output_type": "stream", "name": "stdout", "text": "x" * outputs + "SUCCESS" + "_REACHED"}], []))

# %% an output in a form that is none
placed()
instead(run=lambda peer, source: ([{"output_type": "stream"}, 5, None, {"output_type": "error", "traceback": 5}], [5]))
