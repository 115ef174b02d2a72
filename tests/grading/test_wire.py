"""The line between the two sides of grading: what crosses it, and what ends it."""

import json
import socket
import struct
import threading
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from dlcourse.grading.isolation.encoding import (
    DEEPEST,
    LONGEST_INTEGER,
    MOST_VALUES,
    Reader,
    TooLate,
    WireError,
    Writer,
)
from dlcourse.grading.isolation.line import SocketLine
from dlcourse.grading.isolation.questions import callback
from dlcourse.grading.isolation.sandbox import path_without
from dlcourse.grading.isolation.wire import Gone, Peer, RemoteError, safe_error

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.complex_numbers(allow_nan=False)
    | st.text()
    | st.binary(max_size=20)
    | arrays.arrays(
        st.sampled_from([np.float64, np.float32, np.int64, np.bool_, np.complex128, np.uint8]),
        arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
        elements={"allow_nan": False},
    ),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def crossed(value):
    """The value as it arrives on the other side."""
    writer = Writer(lambda other: pytest.fail(f"{other!r} is no plain data"))
    tree = json.loads(json.dumps(writer.write(value)))
    return Reader([bytes(buffer) for buffer in writer.buffers], lambda kind, body: pytest.fail(kind)).read(tree)


def same(ours, theirs):
    if isinstance(ours, np.ndarray):
        return ours.dtype == theirs.dtype and ours.shape == theirs.shape and np.array_equal(ours, theirs)
    if isinstance(ours, list | tuple):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(ours, dict):
        return ours.keys() == theirs.keys() and all(same(ours[key], theirs[key]) for key in ours)
    return ours == theirs


@given(PLAIN)
def test_plain_values_cross_as_they_are(value):
    arrived = crossed(value)
    assert type(arrived) is type(value) and same(value, arrived)


def test_a_generator_crosses_with_its_state(rng):
    other = crossed(rng)
    assert np.array_equal(rng.random(5), other.random(5))


@pytest.mark.parametrize("tree", [
    {"array": ["O", [1], 0, True]}, {"array": ["f8", [2], 0, True]}, {"array": ["f8", [-1], 0, True]},
    {"array": ["f8", [1], 7, True]}, {"array": ["V8", [1], 0, True]}, {"number": ["O", "00"]}, {"scalar type": "save"},
    {"generator": {"bit_generator": "__class__"}}, {"dict": [[{"list": []}, 1]]}, {"int": "zz"}, {"a": 1, "b": 2},
    {}, [], {"list": 3}, {"objects": [[2], [1]]}, {"range": ["x"]}, {"set": [{"list": []}]},
    {"range": [0, MOST_VALUES + 1, 1]}, {"int": "f" * (LONGEST_INTEGER + 1)},
    {"list": [{"array": ["u1", [8], 0, True]}] * 2},
])  # fmt: skip
def test_what_is_no_plain_value_is_refused(tree):
    def refuse(kind, body):
        raise WireError(kind)

    with pytest.raises(WireError):
        Reader([b"12345678"], refuse).read(tree)


def test_depth_and_size_are_limited():
    deep = []
    for _ in range(DEEPEST + 1):
        deep = [deep]
    with pytest.raises(WireError):
        crossed(deep)
    with pytest.raises(WireError):
        crossed(list(range(MOST_VALUES + 1)))


@pytest.fixture
def line():
    ours, theirs = socket.socketpair()
    yield Peer(SocketLine(ours)), theirs
    ours.close()
    theirs.close()


@pytest.mark.parametrize(
    "message",
    [
        b"\xff\xff\xff\xff",
        struct.pack("!I", 4) + b"{{{{",
        struct.pack("!I", 2) + b"[]",
        struct.pack("!I", 2) + b"{}",
        struct.pack("!I", 14) + b'{"sizes":[-1]}',
        struct.pack("!I", 18) + b'{"sizes":[1e99]}  ',
    ],
)
def test_a_message_that_is_none_ends_the_line(line, message):
    peer, other = line
    peer.deadline = time.monotonic() + 1
    other.sendall(message)
    with pytest.raises((Gone, TooLate)):
        peer.call("anything")


def test_an_answer_that_does_not_come_is_not_waited_for(line):
    peer, other = line
    peer.deadline = time.monotonic() + 0.1
    with pytest.raises(TooLate):
        peer.call("anything")
    other.close()
    peer.deadline = time.monotonic() + 1
    with pytest.raises(Gone):
        peer.call("anything")


def test_a_flood_does_not_outlast_the_time(line):
    """There is always something to read, and never the answer."""
    peer, other = line
    text = json.dumps({"answer": 0, "sizes": [], "value": None}).encode()
    threading.Thread(target=flood, args=(other, struct.pack("!I", len(text)) + text), daemon=True).start()
    start = time.monotonic()
    peer.deadline = start + 0.2
    with pytest.raises(TooLate):
        peer.call("anything")
    assert time.monotonic() - start < 2


def flood(end, message):
    until = time.monotonic() + 3
    try:
        while time.monotonic() < until:
            end.sendall(message * 100)
    except OSError:
        pass  # the test is over


def test_of_our_errors_only_the_kind_is_told(line):
    """The text could hold what was expected."""
    peer, other = line
    peer.deadline = time.monotonic() + 5
    asked = Peer(SocketLine(other), {"secret": lambda peer: (_ for _ in ()).throw(ValueError("expected 42"))})
    threading.Thread(target=asked.serve, daemon=True).start()
    with pytest.raises(RemoteError) as raised:
        peer.call("secret")
    assert raised.value.types == ["ValueError"] and raised.value.text == ""


def test_a_students_line_is_one_line():
    """Another one would stand in the check's message as if the check had said it."""
    assert safe_error({"types": ["E"], "line": "a\n  ヒント: b"})["line"] == "a ヒント: b"


def test_of_what_a_callback_was_given_nothing_stays(line):
    peer, _ = line
    errors = []
    for _ in range(3):
        with pytest.raises(KeyError):
            callback(errors, peer, 99, [np.zeros(10)], {})
    assert len(errors) == 1


def test_what_is_hidden_stays_so_below_a_folder_that_python_needs(tmp_path):
    """As in a conda environment, where the course's own package lies among the others."""
    packages = tmp_path / "lib" / "packages"
    for name in ("dlcourse/checks", "numpy"):
        (packages / name).mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    (packages / "again").symlink_to(tmp_path)
    found = path_without(tmp_path, {packages / "dlcourse"})
    assert sorted(found) == sorted([tmp_path / "bin", packages / "numpy"])
    assert path_without(packages / "dlcourse" / "checks", {packages / "dlcourse"}) == []


def read(tree, *buffers, deadline=None):
    def refuse(kind, body):
        raise WireError(kind)

    return Reader(list(buffers), refuse, deadline).read(tree)


ALIKE = [{"int": hex(number * (2**61 - 1) + 1)} for number in range(2, 30)]  # Python's hash is a remainder by this


@pytest.mark.parametrize("tree", [
    {"set": ALIKE}, {"dict": [[key, 1] for key in ALIKE]}, {"frozenset": [{"tuple": [one]} for one in ALIKE]},
    {"set": list(range(60_000))}, {"dict": [[n, n] for n in range(60_000)]},
    {"list": [{"Fraction": f"{n}/7"} for n in range(20_000)]},
    {"array": ["f8", [0, 10**9], 0, True]}, {"array": ["f8", [0] * 40, 0, True]},
    {"array": ["f8", [0, 2**70], 0, True]}, {"array": ["f8", [0, 1.5], 0, True]},
    {"objects": [[0, 10**9], []]}, {"objects": [[1] * 40, [1]]},
    {"dtype": "f8,f8,f8"}, {"dtype": "(9,9)f8"}, {"dtype": "f8" * 100}, {"dtype": "float64"}, {"dtype": ["f8"]},
    {"number": ["f8", "00" * 80]}, {"number": ["U9999", "00"]}, {"complex": ["1" * 50, 0]}, {"complex": [10**30, 0]},
    {"scalar type": "linalg"}, {"scalar type": "float64" * 50}, {"date": "2020-01-01" * 50}, 10**30,
    {"range": [0, "9" * 100, 1]}, {"range": [0, 10**30, 10**29]}, {"named": [["a"] * 1000, [1]]},
    {"named": [["a" * 1000], [1]]}, {"generator": {"bit_generator": "PCG64", "state": {"a": {"b": {"c": {"d": {}}}}}}},
])  # fmt: skip
def test_what_would_take_time_is_refused_before_it_is_made(tree):
    start = time.process_time()
    with pytest.raises(WireError):
        read(tree, b"")
    assert time.process_time() - start < 1


def test_values_as_answers_have_them_are_read():
    assert read({"set": [{"tuple": [number, -number]} for number in range(1000)]}) == {(n, -n) for n in range(1000)}
    words = {str(number): number for number in range(5000)}
    assert read({"dict": [[word, number] for word, number in words.items()]}) == words
    inner = read({"objects": [[2, 1], [{"list": [1]}, {"list": [2]}]]})
    assert inner.shape == (2, 1) and inner[1, 0] == [2]
    assert read({"array": ["<f4", [3, 0, 2], 0, True]}, b"").shape == (3, 0, 2)


def test_the_time_is_looked_at_while_a_message_is_read():
    many = {"list": [0] * 100_000}
    assert len(read(many, deadline=time.monotonic() + 60)) == 100_000
    with pytest.raises(TooLate):
        read(many, deadline=time.monotonic())


def test_an_errors_parts_are_texts_and_the_names_are_too():
    deep = []
    for _ in range(500):
        deep = [deep]
    assert safe_error({"types": [deep, "E"], "text": deep, "line": 5, "name": {}}) == {
        "types": ["", "E"], "text": "", "line": "", "name": ""}  # fmt: skip
