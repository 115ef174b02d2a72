"""What platforms make of a file of marks, rule by rule, from their sources; a `Refused` stops the whole import.

Moodle (moodle/moodle): grade/import/csv/classes/load_data.php @0289d8c7,
mod/assign/feedback/offline/importgradeslib.php @452e36fc, mod/assign/feedback/file/importziplib.php @0203d8f2.
Canvas (instructure/canvas-lms): lib/gradebook_importer.rb @00b222d7.
"""

import csv
import io
import re
import zipfile


class Refused(Exception):
    """The import ends, and nothing of it is kept."""


def moodle_grades(content, mapping, users, grades):
    """The grade import. mapping: heading → "useridnumber", "useremail" or "item"; users: those of the whole site.

    grades: user's id → mark of the item, None for none; what it is afterwards.
    """
    field = {"userid": "id", "useridnumber": "idnumber", "useremail": "email", "username": "username"}
    heading, *lines = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    kinds = [mapping.get(one.strip(), "ignore") for one in heading]
    grades, student = dict(grades), None  # of whom the line before was, where a line does not say
    for line in lines:
        if len(line) <= 1:
            continue
        found = []
        for kind, value in zip(kinds, map(str.strip, line), strict=False):
            if kind in field and value not in ("", "0"):
                who = [one for one in users if str(one[field[kind]]) == value]
                if len(who) != 1:
                    raise Refused(f"usermappingerror {kind} {value!r}")
                student = who[0]["id"]
            elif kind == "item":
                try:
                    found.append(None if value in ("", "-") else float(value))
                except ValueError:
                    raise Refused("badgrade") from None
        if student is None:
            raise Refused("usermappingerrorusernotfound")
        for value in found:
            if value is not None and value > 100:
                raise Refused("gradevaluetoobig")
            grades[student] = value
    return grades


def moodle_worksheet(content, strings, participants):
    """The grading worksheet. strings: "grade", "recordid", "lastmodifiedgrade" and "hiddenuser" of the site's language.

    participants: number in this assignment → user. user → what stands in the column of marks.
    """
    heading, *lines = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    try:
        grade, number, _ = (heading.index(strings[one]) for one in ("grade", "recordid", "lastmodifiedgrade"))
    except ValueError:
        raise Refused("a column is missing") from None
    found = {}
    for line in lines:
        if user := participants.get(line[number][len(strings["hiddenuser"]) :]):
            found[user] = line[grade]
    return found


def moodle_feedback(content, participants):
    """The zip of feedback files: (user, file's name) → content. participants: number → user."""
    found = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            parts = name.split("/")
            if parts[-1].startswith((".", "~")):
                continue
            while parts:
                info = parts.pop(0).split("_", 4)
                plugins = {("assignsubmission", "file"), ("assignfeedback", "file")}
                if len(info) < 4 or not info[1].isdecimal() or info[1] not in participants:
                    continue
                if tuple(info[2:4]) not in plugins:
                    continue
                rest = "/".join([info[4] if len(info) == 5 else "", *parts])
                found[participants[info[1]], rest] = archive.read(name)
                break
    return found


def canvas(content, students, assignments, marks):
    """The gradebook's import. students: Canvas's id → {name, sortable_name, sis_user_id, login_id}.

    assignments: id → (title, points possible); marks: (student, assignment) → mark before. The marks that change
    afterwards, None where one is cleared, and whom or what the teacher would be asked about.
    """
    rows = [row for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")) if any(row)]
    head, asked = rows[0], []
    if not (len(head) > 3 and "Student" in head[0] and "ID" in head[1]):
        raise Refused("Invalid header row")
    count = 3
    sis = login = None
    if re.search(r"SIS\s+Login\s+ID", head[2]):
        login, count = 2, 4
    elif re.search(r"SIS\s+User\s+ID", head[2]) and re.search(r"SIS\s+Login\s+ID", head[3]):
        integration = bool(re.search(r"Integration\s+ID", head[4]))
        sis, login, count = 2, 3, 5 + integration
    if "Section" not in head[count - 1]:
        raise Refused("Invalid header row")
    columns = {}
    for place, heading in enumerate(head[count:], count):
        if re.search("Current|Final|Override", heading):
            continue
        match = re.fullmatch(r"(.*)\s\((\d+)\)", heading)
        known = [int(match[2])] if match and int(match[2]) in assignments else []
        known += [number for number, (title, _) in assignments.items() if title == heading]
        columns[place] = known[0] if known else asked.append(heading)
    changed = {}
    for row in rows[1:]:
        if "Points Possible" in row[0] or all(re.fullmatch(r"\s*(Muted|Manual Posting.*)?\s*", cell) for cell in row):
            continue
        names = {number for number, one in students.items() if row[0] in (one["name"], one["sortable_name"])}
        by_sis = {number for number, one in students.items() if sis and row[sis] and one["sis_user_id"] == row[sis]}
        by_login = {
            number for number, one in students.items() if login and row[login] and one["login_id"] == row[login]
        }
        by_id = {int(row[1])} & students.keys() if row[1].isdecimal() else set()
        who = by_id or by_sis or by_login or names
        if not who:
            asked.append(row[0])
            continue
        for place, assignment in columns.items():
            new, old = row[place].strip(), marks.get((min(who), assignment))
            if old is None and new in ("", "-"):
                continue
            if old is None or new in ("", "-") or round(float(old), 2) != round(float(new), 2):
                changed[min(who), assignment] = float(new) if new not in ("", "-") else None
    return changed, asked
