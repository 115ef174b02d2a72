import pytest

from tests.helpers import ROOT
from tests.helpers.books import Book, copy_project, leave_out_lite


@pytest.fixture(scope="session")
def tiny_book(tmp_path_factory):
    """Copies of the project with one short page in place of all the others: `tiny_book(text)` makes one."""
    header = (ROOT / "book" / "ch1_input_to_hidden.md").read_text("utf-8").split("---\n")[1]

    def make(text, lite=False):
        folder = tmp_path_factory.mktemp("tiny")
        copy_project(folder)
        (folder / "_toc.yml").write_text("format: jb-book\nroot: book/index\n", "utf-8")
        if not lite:
            leave_out_lite(folder)
        # a page with this header has a kernel, even if nothing runs in it
        above = f"---\n{header}---\n\n" if "code-cell" in text else ""
        (folder / "book" / "index.md").write_text(f"{above}# 小さな本\n\n{text}\n", "utf-8")
        return Book(folder)

    return make
