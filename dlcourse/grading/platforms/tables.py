"""Lists of people as Excel and the platforms write them: in any of their encodings, headed in any of their ways."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from dlcourse.grading.platforms.names import comparable
from dlcourse.grading.refusal import Halt

TABLES = {".csv", ".tsv", ".txt", ".xlsx"}
DEEPEST_HEADING = 30  # rows; manaba's stand in the 7th
MOST_ROWS = 100_000

# What a column holds, and how systems head it (nbgrader, Excel of a Japanese office, Moodle, manaba, Canvas,
# Blackboard, Sakai, Google Classroom, Gradescope, GitHub Classroom).
HEADINGS = {
    "id": """id|学籍番号|学生番号|学生証番号|学籍no|学籍id|学生id|idナンバー|id番号|idnumber|student id|student number
             |student no|student_id|sid|sis user id|roster_identifier|identifier|番号""",
    "last_name": "last_name|last name|surname|family name|lastname|姓|氏|名字|苗字",
    "first_name": "first_name|first name|given name|firstname|名",
    "name": "name|full name|student|student name|氏名|名前|姓名|学生氏名|学生名|フルネーム|ユーザ氏名|漢字氏名",
    "reading": """reading|フリガナ|ふりがな|カナ|氏名カナ|カナ氏名|氏名カタカナ|氏名(カナ)|読み|よみ|ヨミガナ
                  |氏名フリガナ""",
    "last_reading": "セイ|姓カナ|姓フリガナ|姓(カナ)|せい|phonetic last name|lastnamephonetic",
    "first_reading": "メイ|名カナ|名フリガナ|名(カナ)|めい|phonetic first name|firstnamephonetic",
    "email": "email|e-mail|mail|email address|e-mail address|メール|メールアドレス|電子メール|eメール|email(1)",
    "lms_user_id": "lms_user_id|lms user id|canvas id|canvas user id",
    "account": """username|user name|user id|userid|login id|sis login id|loginid|ユーザ名|ユーザー名|ユーザid
                  |ユーザーid|ログインid|ログイン名|ユーザid(メール)""",
    "github": "github|github_username|github username|githubアカウント|githubユーザー名|githubユーザ名|github id",
    "group": "group|groups|グループ|班|組|チーム",
    "participant": "識別子|participant|participant id",
    "time": "提出日時|提出日|提出時刻|submission date|submitted at|最終更新日時 (提出)|last modified (submission)",
}
MEANING = {comparable(heading): kind for kind, headings in HEADINGS.items() for heading in headings.split("|")}
PARTICIPANT = re.compile(r"\s*(?:参加者|participant)\s*(\d+)\s*", re.IGNORECASE)  # as Moodle's worksheet has it
AS_TEXT = re.compile(r'^(?:="(.*)"|\'(.+))$')  # how text that looks like a number is kept from Excel


@dataclass
class Row:
    """One line of a list: what it says of a person, by kind (see HEADINGS)."""

    number: int
    says: dict[str, str] = field(default_factory=dict)

    def get(self, kind: str) -> str:
        return self.says.get(kind, "")


@dataclass
class Table:
    """A list with the cells as they are, and where the headings stand. columns: kind → place."""

    cells: list[list[str]]
    heading: int
    columns: dict[str, int]

    def rows(self) -> Iterator[Row]:
        """The lines that say something, up to a line #end."""
        for number, cells in enumerate(self.cells[self.heading + 1 :], self.heading + 2):
            if any(cell.strip() == "#end" for cell in cells):
                return
            says = {kind: cells[place] for kind, place in self.columns.items() if place < len(cells) and cells[place]}
            if says and not cells[0].lstrip().startswith("Points Possible"):
                yield Row(number, says)


def read_table(name: str, content: bytes) -> Table | None:
    """The list in a file of this name; None where nothing in it heads a list of people.

    Raises
    ------
    Halt
        When it cannot be read at all.
    """
    cells = spreadsheet(name, content) if content.startswith(b"PK") else separated(name, content)
    best: tuple[int, int, dict[str, int]] | None = None
    for place, row in enumerate(cells[:DEEPEST_HEADING]):
        columns = meanings(row)
        if columns and {"id", "name", "email", "account", "participant", "last_name", "github"} & set(columns):
            found = (len(columns), -place, columns)
            best = found if best is None or found[:2] > best[:2] else best
    if best is None:
        return None
    _, place, columns = best
    table = Table(cells, -place, columns)
    told_by_values(table)
    return table


def meanings(row: Iterable[str]) -> dict[str, int]:
    """What each column holds, by its heading: kind → place."""
    columns: dict[str, int] = {}
    heads = [comparable(cell.strip().removeprefix("#")) for cell in row]
    canvas = {"sisuserid", "sisloginid"} & set(heads)
    for place, head in enumerate(heads):
        kind = "lms_user_id" if head == "id" and canvas else MEANING.get(head)
        if kind == "id" and kind in columns:  # Sakai has two of them: the number, and the login
            kind = "account"
        if kind and kind not in columns:
            columns[kind] = place
    return columns


def told_by_values(table: Table) -> None:
    """Moodle heads the numbers of its worksheet as others head students' numbers."""
    for kind in ("id", "participant"):
        values = [row.get(kind) for row in table.rows() if row.get(kind)]
        found = [PARTICIPANT.fullmatch(unicodedata.normalize("NFKC", value)) for value in values]
        if values and all(found):
            table.columns["participant"] = table.columns.pop(kind)
            for cells in table.cells[table.heading + 1 :]:
                place = table.columns["participant"]
                if place < len(cells) and (match := PARTICIPANT.fullmatch(unicodedata.normalize("NFKC", cells[place]))):
                    cells[place] = match[1]
            return


def decoded(name: str, content: bytes) -> str:
    """Excel's CSV (UTF-8) has a mark, its CSV is cp932 in Japan, its Unicode text UTF-16.

    Raises
    ------
    Halt
        When it is none of these.
    """
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    for encoding in ("iso2022_jp",) * (b"\x1b$" in content) + ("utf-8", "cp932", "euc_jp"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:  # then the next encoding; Halt, when none is left
            continue
    raise Halt(
        f"{name}: 文字コードが分かりません。Excel の「CSV UTF-8」か .xlsx で保存し直してください。 / unknown encoding"
    )


def separator_of(text: str) -> str:
    """What stands between the cells: Excel writes tabs into Unicode text, and ; where a comma is the decimal point."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(",\t;", key=first.count)


def separated(name: str, content: bytes) -> list[list[str]]:
    text = decoded(name, content)
    separator = separator_of(text)
    rows = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            rows.append([clean(cell) for cell in row] or [""])
            if len(rows) > MOST_ROWS:
                raise Halt(f"{name}: 行が多すぎます({MOST_ROWS} 行まで)。 / too many rows")
    except csv.Error as error:
        raise Halt(f"{name}: 表として読めません({error})。 / not a table") from None
    return rows


def spreadsheet(name: str, content: bytes) -> list[list[str]]:
    """The first sheet in which a list of people is headed, or else the first one."""
    import openpyxl  # a third of a second, which a download without a list need not wait for

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    except Exception as error:  # whatever is packed into a file of this name, openpyxl fails on it in many ways
        raise Halt(f"{name}: .xlsx として開けません({type(error).__name__})。 / not a spreadsheet") from None
    sheets = [[[shown(cell) for cell in row] or [""] for row in sheet.iter_rows()] for sheet in book.worksheets]
    headed = [cells for cells in sheets if any(len(meanings(row)) > 1 for row in cells[:DEEPEST_HEADING])]
    return [*headed, *sheets, []][0]


def shown(cell: object) -> str:
    """A cell as Excel shows it: a number with the leading zeros of its format."""
    value, shape = getattr(cell, "value", None), str(getattr(cell, "number_format", ""))
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and re.fullmatch("0+", shape):
        return str(value).zfill(len(shape))
    return clean("" if value is None else str(value))


def clean(cell: str) -> str:
    cell = cell.replace("\ufeff", "").strip()
    if match := AS_TEXT.match(cell):
        return (match[1] if match[1] is not None else match[2]).strip()
    return cell
