"""How platforms name downloads: each file to its student, and to nobody else; what is not certain is told."""

import random
import re
import unicodedata
from datetime import datetime
from pathlib import Path

import pytest

from tests.helpers import imitations
from tests.helpers.downloads import NB, Looked, zipped

METADATA = """---
submission_101:
  :submitters:
  - :name: 山田 太郎
    :sid: 24A001
    :email: yamada.taro@stu.example.ac.jp
  :created_at: 2026-11-19 12:30:00.000000000 Z
  :score: 35.0
submission_102: !ruby/hash:ActiveSupport::HashWithIndifferentAccess
  :submitters:
  - :name: 山田 花子
    :sid: '24A002'
  - :name: 高橋 翔
    :sid: '24A003'
"""
WORKSHEET = """ID,氏名,メールアドレス,ステータス,評点,最大評点
参加者901,田中 凛,tanaka.rin2@stu.example.ac.jp,,,100
参加者902,田中 凛,tanaka.rin@stu.example.ac.jp,,,100
"""
REPORTLIST = "ユーザID,学籍番号,氏名,提出日時\nq77,24A003,高橋 翔,2026-11-19 21:00\n"
FILES = {
    "submission_metadata.yml": METADATA.encode(),
    "worksheet.csv": WORKSHEET.encode("utf-8-sig"),
    "reportlist.csv": REPORTLIST.encode("cp932"),
}


def content(text):
    """What stands behind the = of layouts.items."""
    if text.startswith("zip("):
        return zipped(members([text[4:-1]]))
    kind, colon, rest = text.partition(":")
    return {"file": FILES.get(rest), "text": rest.encode()}[kind] if colon else text


def members(lines):
    found = {}
    for line in lines:
        path, _, mark = line.partition(" = ")
        path, _, day = re.sub(r"NAME", NB[:-6], re.sub(r"NB", NB, path)).partition(" @ ")
        key = (path, datetime.fromisoformat(day).timetuple()[:6]) if day else path
        found[key] = content(mark)
    return found


def layouts():
    for block in Path(__file__).with_name("layouts.items").read_text("utf-8").split("\n== ")[1:]:
        name, *lines = block.strip("\n").split("\n")
        owners = dict(line[3:].split(" = ") for line in lines if line.startswith("-> "))
        told = [line[3:].replace("NB", NB).replace("NAME", NB[:-6]) for line in lines if line.startswith("?? ")]
        yield name, members([line for line in lines if line[:3] not in ("-> ", "?? ")]), owners, told


LAYOUTS = list(layouts())


@pytest.mark.parametrize(("files", "owners", "told"), [one[1:] for one in LAYOUTS], ids=[one[0] for one in LAYOUTS])
def test_each_file_comes_to_its_student(files, owners, told):
    looked = Looked({"download.zip": zipped(files)})
    assert looked.got == owners, looked.told
    assert [word for word in told if not any(word in line for line in looked.told)] == [], looked.told
    assert told or not looked.told


def test_the_order_in_the_archive_decides_nothing():
    for name, files, owners, _ in LAYOUTS:
        turned = Looked({"download.zip": zipped(dict(reversed(files.items())))})
        assert turned.got == owners, name


def test_names_as_a_mac_packs_them():
    """In NFD, which is another text for each ガ."""
    for name, files, owners, _ in LAYOUTS[:12]:
        if all(isinstance(path, str) for path in files):
            apart = {unicodedata.normalize("NFD", path): mark for path, mark in files.items()}
            assert Looked({"download.zip": zipped(apart)}).got == owners, name


def test_a_number_of_an_earlier_collection_tells_two_of_one_name_apart():
    files = {f"田中 凛_{number}_assignsubmission_file/{NB}": str(number) for number in (901, 902)}
    looked = Looked({"m.zip": zipped(files)}, participants={"901": "24A008", "902": "24A007"})
    assert looked.got == {"24A008": "901", "24A007": "902"}
    # and does not give a file to another than the name says
    looked = Looked({"m.zip": zipped({f"高橋 翔_901_assignsubmission_file/{NB}": "x"})}, participants={"901": "24A008"})
    assert looked.got == {} and "高橋 翔_901" in looked.told[0]


def test_archives_called_as_students_and_a_list_beside_them():
    looked = Looked({"24A001.zip": zipped({f"課題/{NB}": "a"}), f"24A002/{NB}": "b", f"24A003_{NB}": "c"})
    assert looked.got == {"24A001": "a", "24A002": "b", "24A003": "c"}
    archive = zipped({f"参加者_901_assignsubmission_file/{NB}": "a"})
    assert Looked({"m.zip": archive, "worksheet.csv": FILES["worksheet.csv"]}).got == {"24A008": "a"}


@pytest.mark.parametrize("seed", range(imitations.FEW))
def test_no_file_goes_to_another_whatever_names_imitate(seed):
    """A few of what `python -m benchmarks.owners` tries ten thousand times."""
    assert imitations.wrong(random.Random(seed)) == []
