"""The outputs of a student's cell, rebuilt from what the student's process says they are."""

import re
from collections.abc import Callable
from typing import Any

from dlcourse.grading.display.characters import legible, legible_markup
from dlcourse.grading.display.pictures import KINDS, NO_PICTURE, NotShown, placeholder
from dlcourse.words import say

# A cell's, as characters, without its pictures; shell.py cuts them far shorter, unless the student has taken it over.
LONGEST_OUTPUTS = 1_000_000
MOST_OUTPUTS = 6000
# What a notebook of this course shows beside pictures, and how; anything else a page might run or fetch.
SHOWN = {"text/plain": legible, "text/html": legible_markup, "text/markdown": legible_markup, "text/latex": legible}
NUMBERED_PICTURE = re.compile(r"(data:image/[a-z0-9.+-]{1,20};base64,)%%(\d{1,5})%%", re.IGNORECASE)


def clean_outputs(outputs: object, picture: Callable[[int], str]) -> list[dict[str, Any]]:
    """Outputs in the notebook format, rebuilt from what the student's process says they are.

    picture: the one of this number, in base64; it may raise NotShown.
    """
    if not isinstance(outputs, list) or len(outputs) > MOST_OUTPUTS or size_of(outputs) > LONGEST_OUTPUTS:
        told = say("… 出力が長すぎるため、残していません …")
        return [{"output_type": "stream", "name": "stdout", "text": f"{told}\n"}]
    made: list[dict[str, Any]] = []
    for output in outputs:
        kind = output.get("output_type")
        if kind == "stream":
            made.append({"output_type": kind, "name": "stdout", "text": legible(as_text(output["text"]))})
        elif kind == "error":
            lines = [legible(as_text(line)) for line in output["traceback"]]
            made.append(
                {
                    "output_type": kind,
                    "ename": legible(as_text(output["ename"])),
                    "evalue": legible(as_text(output["evalue"])),
                    "traceback": lines,
                }
            )
        elif kind in ("display_data", "execute_result"):
            data, metadata = clean_data(output["data"], picture), clean_sizes(output["metadata"])
            made.append(
                {"output_type": kind, "data": data, "metadata": metadata}
                | ({"execution_count": None} if kind == "execute_result" else {})
            )
    return made


def as_text(value: object) -> str:
    """A part of an output. Of what is none, the student's process would have to say what it is."""
    return value if isinstance(value, str) else str(value) if isinstance(value, bytes | int | float) else ""


def size_of(value: object) -> int:
    """Characters, without writing them all into one text."""
    if isinstance(value, dict):
        return sum(size_of(key) + size_of(part) for key, part in value.items())
    if isinstance(value, list):
        return sum(map(size_of, value))
    return len(value) if isinstance(value, str | bytes) else 20


def clean_data(data: dict[str, Any], picture: Callable[[int], str]) -> dict[str, str]:
    """What one output shows; where its pictures are not shown and nothing else is, a sentence says why."""
    made, reasons = {}, []

    def instead(found: re.Match[str]) -> str:
        try:
            return found[1] + picture(int(found[2]))
        except NotShown as reason:
            reasons.append(placeholder(reason))
            return "missing:"

    for name, part in data.items():
        if name in SHOWN:
            text = SHOWN[name](as_text(part))
            made[name] = NUMBERED_PICTURE.sub(instead, text) if name in ("text/html", "text/markdown") else text
        elif name in KINDS:
            try:
                made[name] = picture(int(part))
            except NotShown as reason:
                reasons.append(placeholder(reason))
        elif name.startswith("image/") or name == "application/pdf":
            reasons.append(placeholder(NotShown(NO_PICTURE)))
    if reasons and set(made) <= {"text/plain"}:
        made["text/plain"] = reasons[0]
    return made


def clean_sizes(metadata: dict[str, Any]) -> dict[str, dict[str, int]]:
    """The sizes at which pictures are to be shown."""
    return {
        name: {side: min(max(1, int(size)), 5000) for side, size in part.items() if side in ("width", "height")}
        for name, part in metadata.items()
        if name in KINDS
    }
