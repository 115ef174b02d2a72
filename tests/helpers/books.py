"""Copies of the project, to build books in."""

import shutil
import subprocess
import sys

from tests.helpers import ROOT
from tests.helpers.loaded import Loaded

NOT_COPIED = shutil.ignore_patterns(
    ".*", "_build", "node_modules", "__pycache__", "*.egg-info", "submitted", "autograded", "feedback"
)


def copy_project(target):
    """Copy what belongs to the project, as it stands in the work tree: nothing that was built or is ignored."""
    git = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(git, cwd=ROOT, capture_output=True, text=True)
    if listed.returncode != 0:
        shutil.copytree(ROOT, target, ignore=NOT_COPIED, dirs_exist_ok=True)
        return
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


def leave_out_lite(folder):
    """Let no lite/ be made with the book of this folder: it takes more time than all the rest of a small one."""
    settings = folder / "_config.yml"
    text = settings.read_text("utf-8")
    assert "\n  config:\n" in text
    settings.write_text(text.replace("\n  config:\n", "\n  config:\n    lite_notebooks: false\n", 1), "utf-8")


class Book:
    """A project folder and how `make book` builds it."""

    loaded = None  # the process in which Jupyter Book is loaded

    def __init__(self, folder):
        self.folder = folder
        self.html = folder / "_build" / "html"

    def build(self):
        """Its status, and what was said."""
        if Book.loaded is None:
            Book.loaded = Loaded(ROOT)
        return Book.loaded.build(self.folder)

    def build_by_command(self):
        """The same, by the command itself."""
        command = [sys.executable, "-m", "press.commands.build"]
        done = subprocess.run(
            command, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=900
        )
        return done.returncode, done.stdout
