"""What notebooks ask of other programs, of a screen or of a kernel's frontend, where there is none.

Grading and the notebooks in the browser pass it by: what only asks for these (`!pip install`, `%matplotlib notebook`,
`%autosave`) gets one sentence, and the cell goes on.
"""

from typing import Any

from dlcourse.words import say

PROGRAMS = {"bash", "cmd", "conda", "mamba", "micromamba", "pip", "script", "sh", "system", "sx", "uv"}


class WithoutPrograms:
    """A part of a shell, to stand before IPython's InteractiveShell."""

    place = "ここ"  # how the sentence names it

    def passed_by(self, text: str) -> None:
        print(say("{place}では {text} を実行しません。", place=say(self.place), text=text))

    def enable_gui(self, gui: object = None) -> None:
        pass

    def enable_matplotlib(self, gui: object = None) -> tuple[None, str]:
        return None, "inline"

    def system(self, command: str) -> None:
        self.passed_by(f"!{command}")

    def getoutput(self, command: str, split: bool = True, depth: int = 0) -> list[str] | str:
        self.passed_by(f"!{command}")
        return [] if split else ""

    def run_line_magic(self: Any, magic_name: str, line: str, _stack_depth: int = 1) -> Any:
        if magic_name in PROGRAMS or self.find_line_magic(magic_name) is None:
            return self.passed_by(f"%{magic_name}")
        return super().run_line_magic(magic_name, line, _stack_depth + 1)  # type: ignore[misc]  # IPython's, behind it

    def run_cell_magic(self: Any, magic_name: str, line: str, cell: str) -> Any:
        known = self.find_cell_magic(magic_name) or self.find_line_magic(magic_name)
        if magic_name in PROGRAMS or known is None:
            return self.passed_by(f"%%{magic_name}")
        return super().run_cell_magic(magic_name, line, cell)  # type: ignore[misc]  # IPython's, behind it
