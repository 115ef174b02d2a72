"""Classes of people whose names, numbers and files imitate each other, as platforms would hand them out."""

import unicodedata

from dlcourse.grading.platforms.archives import Entry
from dlcourse.grading.platforms.owners import owners
from dlcourse.grading.platforms.people import People, Person

FEW = 40  # classes, in the tests
LAST = """高橋 髙橋 山崎 山﨑 渡辺 渡邊 渡邉 斎藤 齋藤 斉藤 山 山田 田中 大野 オオノ おおの Ono Tanaka 佐々木 佐佐木
    吉田 𠮷田""".split()
FIRST = "翔 太郎 田太郎 花子 凛 凜 大 太 ヨーコ ﾖｰｺ よーこ Yoko 一 ー 健 Ken".split()
SPOILED = str.maketrans("高髙崎﨑辺邊斎齋吉𠮷", "髙高﨑崎邊辺齋斎𠮷吉")


def people(rng):
    """Students of the roster, and others on the platform who are called alike."""
    found = []
    for number in range(rng.randint(2, 9)):
        name = rng.choice([f"24A{number:03}", f"{24000 + number}", f"00{number}1234", f"s{number}"])
        mail = f"{rng.choice(['a', 'yamada', name])}@{rng.choice('xy')}.example"
        found.append(Person(name, rng.choice(LAST), rng.choice(FIRST), mail, str(4000 + number)))
    unique = list({one.id: one for one in found}.values())
    strangers = unique[rng.randint(2, len(unique)) :] if len(unique) > 2 else []
    return [one for one in unique if one not in strangers], strangers


def rendered(person, rng):
    """The name as a platform may show it: order, width, spaces and shapes of characters are not the roster's."""
    last, first = person.last_name, person.first_name
    words = [last, first] if rng.random() < 0.7 else [first, last]
    text = rng.choice(["", " ", "\u3000", ", "]).join(words)
    if rng.random() < 0.3:
        text = text.translate(SPOILED)
    return unicodedata.normalize("NFKC", text) if rng.random() < 0.3 else text


def file_name(rng, everybody):
    """A student's own name for a file, which imitates what a platform writes of another."""
    other = rng.choice(everybody)
    name = f"{other.last_name} {other.first_name}"
    return rng.choice([
        "ch1.ipynb", f"{name}_1_assignsubmission_file_ch1.ipynb", f"{other.id}_ch1.ipynb", f"{name} - ch1.ipynb",
        f"a_{other.lms_user_id}_99_ch1.ipynb", f"{other.id}@{other.id}@ch1.ipynb", f"{name}/ch1.ipynb",
        f"x_{other.id}_attempt_2026-01-01-00-00-00_ch1.ipynb", f"{name}({other.id})_ch1.ipynb",
        f"{name}/課題/バージョン 99/ch1.ipynb", f"{other.id}@x/ch1.ipynb", f"{other.email}.ipynb",
    ])  # fmt: skip


def downloads(everybody, rng):
    """A download of one platform: path → whose it is."""
    kind = rng.randrange(7)
    found = {}
    for place, one in enumerate(everybody):
        name, file = rendered(one, rng), file_name(rng, everybody)
        flat = file.replace("/", "_")
        path = [
            f"{name}_{9000 + place}_assignsubmission_file/{file}",
            f"{name}_{9000 + place}_assignsubmission_file_{flat}",
            f"{name.replace(' ', '')}_{one.lms_user_id}_{70 + place}_{flat}",
            f"課題/{name}({one.id})/添付/{file}",
            f"第1回_{one.id}_attempt_2026-11-19-21-05-{place:02}_{flat}",
            f"提出済みのファイル/{name}/課題/バージョン {place + 1}/{file}",
            f"r/{one.id}@u{place}/{file}",
        ][kind]
        # the platform keeps two folders of one name apart no more than a disk does
        if not any(path.split("/課題/")[0] == other.split("/課題/")[0] for other in found):
            found[path] = one
    return found


def outcome(rng):
    """(path, whose it was, who got it, or nobody) for each file of a class."""
    students, strangers = people(rng)
    truth = downloads([*students, *strangers], rng)
    entries = [Entry("m", path, 0, None, lambda: None) for path in truth]
    found = owners(entries, People(students), lambda place, words: None)
    return [(one.entry.path, truth[one.entry.path].id, sorted(one.students) if one.is_clear else []) for one in found]


def wrong(rng):
    """Those that went to somebody else."""
    return [one for one in outcome(rng) if one[2] not in ([], [one[1]])]
