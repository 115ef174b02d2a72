"""Archives of learning platforms, unpacked."""

import zipfile

from dlcourse.grading.collect import Extractor
from dlcourse.grading.desk.submissions import DEEPEST


def test_a_member_that_cannot_be_unpacked_costs_no_other(tmp_path):
    """Names that meet after they are put right, a file in place of a folder, folders in folders, names too long."""
    members = {"s1/ch1.ipynb": "first", "s1\\ch1.ipynb": "second", "s2": "a file", "s2/ch1.ipynb": "below it",
               "a/" * DEEPEST + "x.ipynb": "deep", "n" * 300 + "/x.ipynb": "long", "s3/ch1.ipynb": "last"}  # fmt: skip
    archive = tmp_path / "archive"
    archive.mkdir()
    with zipfile.ZipFile(archive / "class.zip", "w") as made:
        for name, text in members.items():
            made.writestr(name, text)
    Extractor().extract(str(archive), str(tmp_path / "extracted"))
    root = tmp_path / "extracted" / "class"
    found = {str(path.relative_to(root)): path.read_text() for path in root.rglob("*") if path.is_file()}
    assert found == {"s1/ch1.ipynb": "first", "s2": "a file", "s3/ch1.ipynb": "last"}
