"""Downloads of learning platforms, made up: what is in them, whose each file is, and what the collector says."""

import copy
import io
import json
import tempfile
import zipfile
from pathlib import Path

from dlcourse.grading.platforms.archives import Downloads
from dlcourse.grading.platforms.owners import owners
from dlcourse.grading.platforms.people import People, Person
from dlcourse.grading.platforms.which import chosen, handed_in, released_cells
from rehearsal.course import ASSIGNMENT, ROOT

NB = f"{ASSIGNMENT}.ipynb"
RELEASED = ROOT / "exercises" / ASSIGNMENT / NB
SOLVED = json.loads((ROOT / "solutions" / ASSIGNMENT / NB).read_text("utf-8"))
# id, family name, first name, mail, number on Canvas; then what else is known
CLASS = [
    Person("24A001", "山田", "太郎", "yamada.taro@stu.example.ac.jp", "4001",
           {"github": {"yamada-taro"}, "account": {"a2401yt"}, "reading": {"ヤマダ タロウ"}}),
    Person("24A002", "山田", "花子", "yamada.hanako@stu.example.ac.jp", "4002", {"group": {"1班"}}),
    Person("24A003", "高橋", "翔", "takahashi.sho@stu.example.ac.jp", "4003", {"group": {"1班"}}),
    Person("24A004", "山崎", "健", "yamazaki.ken@stu.example.ac.jp", "4004"),
    Person("24A005", "渡辺", "結衣", "watanabe.yui@stu.example.ac.jp", "4005"),
    Person("24A006", "斎藤", "大", "saito.dai@stu.example.ac.jp", "4006"),
    Person("24A007", "田中", "凛", "tanaka.rin@stu.example.ac.jp", "4007"),
    Person("24A008", "田中", "凛", "tanaka.rin2@stu.example.ac.jp", "4008"),
    Person("24A009", "大野", "ヨーコ", "us123456@stu.example.ac.jp", "4009"),
    Person("24A010", "NGUYEN", "VAN AN", "nguyen.an@stu.example.ac.jp", "4010"),
    Person("0012345", "鈴木", "蓮", "suzuki.ren@stu.example.ac.jp", "4011"),
    Person("24A012", "ガルシア", "マリア・ホセ", "garcia@stu.example.ac.jp", "4012"),
    Person("24-B-013", "佐々木", "𠮷男", "sasaki@stu.example.ac.jp", ""),
]  # fmt: skip


def notebook(mark):
    """An answered notebook unlike all others; "blank": as it was handed out. Bytes and lists stay what they are."""
    if isinstance(mark, bytes):
        return mark
    if mark == "blank":
        return RELEASED.read_bytes()
    made = copy.deepcopy(SOLVED)
    made["metadata"]["mark"] = mark
    return json.dumps(made).encode()


def zipped(members):
    """members: path → mark of a notebook, or bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, mark in members.items():
            path, time = path if isinstance(path, tuple) else (path, (2026, 11, 19, 12, 0, 0))
            archive.writestr(zipfile.ZipInfo(path, time), notebook(mark))
    return file.getvalue()


class Looked:
    """What the collector sees in these files of a folder: got: student → mark; told; times; late."""

    def __init__(self, files, people=None, participants=None):
        self.got, self.told, self.times, self.late = {}, [], {}, set()
        people = People(people or CLASS, participants)
        released = released_cells(RELEASED.parent)
        with tempfile.TemporaryDirectory() as folder:
            for name, content in files.items():
                place = Path(folder, name)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(notebook(content))
            with Downloads(Path(folder), self.tell) as downloads:
                self.look(owners(list(downloads.entries()), people, self.tell), released)

    def tell(self, place, words):
        self.told.append(f"{place}: {words}")

    def look(self, owned, released):
        groups = {}
        for one in owned:
            found = handed_in(one, set(released))
            if found is None:
                self.tell(one.entry.shown, "no notebook")
            elif one.is_clear:
                groups.setdefault((one.students, found.stem), []).append(found)
            else:
                self.tell(one.entry.shown, f"{sorted(one.students)} {one.reason}")
        for (students, _), files in groups.items():
            first, aside = chosen(files, released)
            for one in aside:
                self.tell(one.owned.entry.shown, "set aside")
            if len(first) > 1:
                self.tell("、".join(one.owned.entry.shown for one in first), "which of them")
                continue
            mark = json.loads(first[0].owned.entry.read())["metadata"].get("mark", "blank")
            for student in students:
                assert student not in self.got, "two files of one notebook for one student"
                self.got[student] = mark
                if first[0].time:
                    self.times[student] = first[0].time
                if first[0].is_late:
                    self.late.add(student)
