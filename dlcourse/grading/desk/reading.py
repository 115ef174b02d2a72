"""Reading the file of a notebook, whatever a student's program has made of it."""

import hashlib
import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.validator import normalize

from dlcourse.grading.desk.notes import Note
from dlcourse.grading.desk.tidying import TooLarge, tidy

LARGEST_FILE = 50 << 20  # bytes of a notebook …
MOST_VALUES = 2_000_000  # … and of its brackets and commas: an empty list takes thirty times as much when it is read


class UnreadableSubmission(Exception):
    """The file is not a notebook; the note says why, to the teacher."""

    def __init__(self, note: Note) -> None:
        self.note = note
        super().__init__(str(note))


def read_notebook(path: Path) -> tuple[NotebookNode, list[Note]]:
    """The notebook in this file, in today's format, and what had to be put right for it."""
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise UnreadableSubmission(
                Note("ファイルが大きすぎます({size} MB)。出力を消してください。", "too large", {"size": size >> 20})
            )
        raw = path.read_bytes()
    except OSError as error:
        about = {"reason": error.strerror}
        raise UnreadableSubmission(Note("ファイルを開けません({reason})。", "cannot be opened", about)) from None
    if sum(map(raw.count, (b"[", b"{", b","))) > MOST_VALUES:
        raise UnreadableSubmission(Note("ノートブックが大きすぎます(値の数)。", "too large"))
    if not raw.strip():
        raise UnreadableSubmission(Note("ファイルが空です。", "the file is empty"))
    detected = json.detect_encoding(raw)
    for encoding, errors in encodings(raw, detected):
        try:
            text = raw.decode(encoding, errors)
            break
        except UnicodeDecodeError:
            continue
    repairs: list[Note] = []
    if (encoding, errors) != ("utf-8", "strict"):
        repairs.append(Note("文字コード({encoding})を直して採点しました。", "encoding", {"encoding": encoding}))
    try:
        notebook = nbformat.from_dict(in_known_format(json.loads(text)))
        if notebook.nbformat < 4:
            version = {"version": notebook.nbformat}
            repairs.append(Note("古い形式(nbformat {version})を直して採点しました。", "old format", version))
        with warnings.catch_warnings(action="ignore"):  # of what is put right here
            notebook = nbformat.convert(notebook, to_version=4)
            notebook = nbformat.v4.upgrade(notebook, from_version=4, from_minor=notebook.nbformat_minor)
            return tidy(normalize(notebook)[1]), repairs
    except TooLarge as error:
        reason = Note("ノートブックが大きすぎます({what})。", "too large", {"what": error.what})
    except json.JSONDecodeError as error:
        line = {"line": error.lineno}
        reason = Note("ノートブックとして読めません({line}行目でJSONが壊れています)。", "invalid JSON", line)
    except Exception as error:
        # Any JSON may come here, and nbformat fails in many ways on what is not a notebook.
        kind = {"kind": type(error).__name__}
        reason = Note("JSONですがノートブックではありません({kind})。", "not a notebook", kind)
    raise UnreadableSubmission(reason)


def cells_in(path: Path) -> list[NotebookNode]:
    """The cells of one of the course's own notebooks; none where there is none."""
    try:
        cells: list[NotebookNode] = nbformat.read(path, as_version=4).cells
    except (OSError, ValueError):
        return []
    return cells


def encodings(raw: bytes, detected: str) -> Iterator[tuple[str, str]]:
    """How these bytes may be read, the likeliest first; detected: what the marks of Unicode say."""
    yield ("iso2022_jp" if b"\x1b$" in raw else detected), "strict"

    def half_width(encoding: str) -> int:
        return sum("\uff61" <= character <= "\uff9f" for character in raw.decode(encoding, "ignore"))

    # what old tools write, on Windows and on Unix; each reads as letters of half width when taken for the other
    for encoding in sorted(("cp932", "euc_jp"), key=half_width):
        yield encoding, "strict"
    yield detected, "replace"


def in_known_format(found: Any) -> Any:
    """The same with a number of a format where there is none, or one to come, and without cells that are none."""
    if isinstance(found, dict) and "cells" in found:
        if found.get("nbformat") not in (3, 4):
            found |= {"nbformat": 4, "nbformat_minor": 5}
        if isinstance(found["cells"], list):
            found["cells"] = [cell for cell in found["cells"] if isinstance(cell, dict)]
    return found


def file_digest(path: Path) -> str:
    """By which a file that was handed in again is known for another one."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return "cannot be opened"
