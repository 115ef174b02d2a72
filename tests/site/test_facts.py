"""What every page says about itself, and the book about its state."""

import re

from press.languages import JAPANESE
from tests.helpers.editions import edition_of

WORDS = {"ja": r"[ぁ-んァ-ヶ一-龠]{4}", "en": r"([A-Za-z,'’-]+ ){4}"}
LENGTHS = {"ja": 120, "en": 160}
LOCALES = {"ja": "ja_JP", "en": "en_US"}
CORRECTIONS = {"ja": "訂正を送る", "en": "Send a correction"}


def meta(page):
    return {part.get("name") or part.get("property"): part["content"] for part in page.select("meta[content]")}


def test_every_page_describes_itself(documents):
    described = {name: meta(page) for name, page in documents.items()}
    for name, facts in described.items():
        edition = edition_of(name)
        assert re.search(WORDS[edition], facts["description"]), name
        assert len(facts["description"]) <= LENGTHS[edition], name
        assert (edition == "ja") == bool(JAPANESE.search(facts["description"] + facts["og:title"])), name
        assert facts["og:description"] == facts["description"]
        assert facts["og:title"] and facts["og:type"] and facts["og:locale"] == LOCALES[edition]
        assert "<" not in facts["og:title"]
    assert len({facts["description"] for facts in described.values()}) == len(described), "each page its own"


def test_every_page_names_its_licence(documents, built_site):
    for name, page in documents.items():
        foot = page.select_one("footer .colophon")
        assert "CC BY 4.0" in foot.text and "MIT" in foot.text, name
    assert "cff-version" in (built_site / "book" / "licence.html").read_text("utf-8")


def test_without_an_address_there_are_no_dead_buttons(documents, built_site):
    for name, page in documents.items():
        assert not page.select("link[rel=canonical], meta[property='og:url']")
        assert CORRECTIONS[edition_of(name)] not in page.select_one("footer .colophon").text
    assert not (built_site / "sitemap.xml").exists() and not (built_site / "robots.txt").exists()


def test_the_state_of_the_book_is_told_in_full(documents, built_site):
    page = documents["book/status.html"]
    text = page.select_one("article").text
    assert re.search(r"コミット (\w{7,}|\(git の外\))", text) and re.search(r"numpy \d+\.\d+", text)
    contents, equations, exercises = page.select("article table")
    chapters = [row for row in contents.select("tbody tr") if re.search("/ch[1-6]_", row.a["href"] if row.a else "")]
    assert len(chapters) == 7 and all(re.search(r"\d+\.\d$", row.text.strip()) for row in chapters), "each has a time"
    labels = {part["id"] for other in documents.values() for part in other.select("div.math[id^='equation-eq-']")}
    assert len(equations.select("tbody tr")) == len(labels) > 0
    assert all(int(row.select("td")[-1].text) >= 1 for row in equations.select("tbody tr")), "each is tested"
    boxes = {box["id"] for other in documents.values() for box in other.select("div.exercise[id]")}
    assert len(exercises.select("tbody tr")) == len(boxes) > 0
    assert all(int(row.select("td")[-1].text) >= 1 for row in exercises.select("tbody tr")), "mistakes are tried"
