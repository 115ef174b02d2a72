"""How each learning platform names what it lets a teacher download: one line or two for each, and that is all of it.

A pattern is for the path in the archive, without the archive's own name. What its groups are called says what they are:

    person       what the platform calls the student, in words of its own: name, number, mail address
    account      a login, number or mail address (account2: a second one)
    ending       text that ends in a login; what stands before it is not the student's
    user         the number that the roster has as lms_user_id
    participant  a number of this student in this one assignment
    box          a folder or file of which a list in the archive says whose it is
    nobody       the platform does not say whose it is
    version, time, late    which of several files it is, and when it was handed in
    own          a file of the platform's own, in which is nothing to grade
    file         what is left is the student's: its name is no evidence

The outermost match counts: whatever a student calls folders and files stands further in.
"""

import re
from dataclasses import dataclass

WHO = ("person", "account", "ending", "user", "participant", "box", "nobody")


@dataclass(frozen=True)
class System:
    """name: as teachers know it. sign: what each of its paths has in it, to pass by the others without a look.

    pattern: see above; it is matched with the whole path, below any outer folders.
    """

    name: str
    sign: str
    pattern: str

    @property
    def compiled(self) -> re.Pattern[str]:
        return re.compile(rf"(?:[^/]+/)*?{self.pattern}")


# Sources: Moodle public/mod/assign/classes/downloader.php; Canvas lib/content_zipper.rb; Sakai
# AssignmentServiceImpl.java; GitHub gh-classroom; nbgrader exchange; CoCalc course/assignments/actions.ts. Of the
# others: what the vendors or universities describe, and scripts that read the downloads.
SYSTEMS = (
    # 山田 太郎_901001_assignsubmission_file/x.ipynb, with a last _ before 4.1, without folders _file_x.ipynb;
    # the user name before the name in a Japanese edition; a group has no number when it is the default one
    System("Moodle", "_assignsubmission_",
           r"(?P<person>[^/]+?)(?:_(?P<participant>\d+))?_assignsubmission_[a-z]+(?:_/|/|_)(?P<file>.+)"),
    System("Canvas, anonymous", "anon_",
           r"(?P<late>LATE_)?(?P<nobody>anon_[0-9A-Za-z]{5})_(?P<version>\d+)_(?P<file>[^/]+)"),
    # yamadataro_LATE_4001_9001_x.ipynb; the name may have a _ in it
    System("Canvas", "_",
           r"(?P<person>[^/]+?)(?P<late>_LATE)?_(?P<user>\d+)_(?P<version>\d+)_(?P<file>[^/]+)"),
    # 第1回課題_24a001_attempt_2026-11-19-21-05-33_x.ipynb, and a .txt of its own
    System("Blackboard", "_attempt_",
           r"(?P<ending>[^/]+?)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:_(?P<file>[^/]+)|(?P<own>\.txt))"),
    # 提出済みのファイル/山田 太郎/第1回課題/バージョン 2/x.ipynb
    System("Teams", "/", r"(?P<person>[^/]+)/[^/]+/(?:バージョン|Version) ?(?P<version>\d+)/(?P<file>.+)"),
    # 24A001@a2401yt/x.ipynb or the two the other way round; the file behind another @ in one folder for all
    System("manaba", "@", r"(?P<person>(?P<account>[^/@]+)@(?P<account2>[^/@]+))[/@](?P<file>.+)"),
    # 山田, 太郎(24a001)/提出物の添付ファイル/x.ipynb, besides files of Sakai's own and the teacher's for the student;
    # without folders 山田, 太郎(24a001)_x.ipynb
    System("Sakai", "(",
           r"(?P<person>[^/()]*)\((?P<account>[^/()]+)\)(?:/(?:(?P<own>timestamp\.txt|comments\.txt|"
           r"feedbackText\.html|[^/]*_submissionText\.[a-z]+|[^/]*(?:[Ff]eedback|フィードバック|返却)[^/]*/.*)"
           r"|[^/]+/(?P<file>.+))|_(?P<file2>[^/]+))"),
    System("Gradescope", "submission_", r"(?P<box>submission_\d+)/(?P<file>.+)"),
    System("CoCalc", "-",
           r"(?P<box>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/"
           r"(?:(?P<own>STUDENT - [^/]*\.txt)|(?P<file>.+))"),
    System("GitHub Classroom", "-submissions/",
           r"(?P<task>[^/]+)-submissions/(?P=task)-(?P<account>[^/]+)/(?P<file>.+)"),
    # yamada+ch1+2026-11-19 09:00:00.123456 UTC+abc/x.ipynb
    System("nbgrader", "+",
           r"(?P<account>[^/+]+)\+[^/+]+\+(?P<time>\d{4}-\d\d-\d\d[ _][^/+]+?)(?:\+[^/+]+)?/"
           r"(?:(?P<own>timestamp\.txt)|(?P<file>.+))"),
)  # fmt: skip
PATTERNS = [(system.name, system.sign, system.compiled) for system in SYSTEMS]


@dataclass(frozen=True)
class Claim:
    """What a platform says of a file.

    depth: how many folders stand before what says whose it is.
    said: the pattern's groups.
    shown: the part of the path that says it.
    begins: where in the path the student's own name begins.
    """

    system: str
    depth: int
    said: dict[str, str]
    shown: str
    begins: int = 0

    @property
    def file(self) -> str:
        """The name that the student's file has, without folders."""
        return (self.said.get("file") or self.said.get("file2") or "").rpartition("/")[2]

    @property
    def is_own(self) -> bool:
        return bool(self.said.get("own"))

    @property
    def number(self) -> str:
        """What a platform knows a student by in all of its courses."""
        return next((self.said[one] for one in ("user", "account", "ending") if self.said.get(one)), "")

    @property
    def identity(self) -> str:
        """By which two students of one name differ on the platform."""
        kinds = ("participant", "user", "account", "box", "person")
        return next((self.said[one] for one in kinds if self.said.get(one)), self.shown)


def claims(path: str) -> list[tuple[int, Claim]]:
    """What each platform, if the archive is of its making, says of this path: (its place in the list, what)."""
    found = []
    for order, (name, sign, pattern) in enumerate(PATTERNS):
        if sign in path and (match := pattern.fullmatch(path)):
            said = {key: text for key, text in match.groupdict().items() if text}
            start = min(match.start(one) for one in WHO if said.get(one))
            folder = path[:start].count("/")
            begins = max(match.start(one) for one in ("file", "file2", "own") if one in said)
            found.append((order, Claim(name, folder, said, path.split("/")[folder], begins)))
    return found


def other_readings(claim: Claim) -> list[Claim]:
    """The same name of Canvas's divided elsewhere: its own part has as many _ as the student's name has."""
    if "user" not in claim.said:
        return []
    whole = claim.shown
    found = []
    for match in re.finditer(r"(?P<late>_LATE)?_(?P<user>\d+)_(?P<version>\d+)_(?P<file>.+)", whole):
        said = {key: text for key, text in match.groupdict().items() if text} | {"person": whole[: match.start()]}
        found.append(Claim(claim.system, claim.depth, said, whole))
    return found[1:]
