"""HTML and characters of others' texts: judged before they are parsed, shown before they act."""

import html
import time
import unicodedata

import nbformat.v4 as v4
import pytest

from dlcourse.grading.desk import markup
from dlcourse.grading.desk.inert import Inert
from dlcourse.grading.display.characters import legible, legible_markup
from dlcourse.grading.feedback import Feedback, self_contained


@pytest.mark.parametrize(
    "text",
    [
        "<div>" * 150,
        "<ul><li>" * 80,
        "<a " + " ".join(f"a{n}=1" for n in range(300)) + ">",
        "<b>x</b>" * 1500,
        "x" * 600_000,
        "<table><tr><td>" * 40,
        "&amp;" * 30_000,
    ],
)
def test_markup_that_would_take_time_is_not_parsed(text):
    assert not markup.is_modest(text)


@pytest.mark.parametrize(
    "text",
    [
        "<table>" + "<tr><td>1</td><td>2</td></tr>" * 150 + "</table>",
        "<ul>" + "<li>a" * 300 + "</ul>",
        "a < b <br>" * 500,
        "<p>one" * 300,
        "<a title='" + "many words " * 50 + "'>x</a>",
        "x" * 200_000,
        "</b>" * 200,
        "",
    ],
)
def test_markup_as_pages_have_it_is(text):
    assert markup.is_modest(text)


def test_markup_that_takes_too_long_all_the_same_is_shown_as_text(monkeypatch):
    run = markup.WORKERS.run
    monkeypatch.setattr(markup.WORKERS, "run", lambda seconds, function, *arguments: run(0.5, time.sleep, 60))
    step = Inert(enabled=True)
    cells = [v4.new_markdown_cell(text) for text in ("<b>one</b>", "plain", "<b>two</b>")]
    start = time.monotonic()
    made = step.preprocess(v4.new_notebook(cells=cells), {})[0]
    assert [cell.source for cell in made.cells] == ["&lt;b&gt;one&lt;/b&gt;", "plain", "&lt;b&gt;two&lt;/b&gt;"]
    assert time.monotonic() - start < 5


def test_every_character_that_acts_is_shown():
    """But those that join others into one sign, and the signs of Arabic that stand before numbers."""
    kept = set("\n\t\u200c\u200d\u06dd\u08e2\u0890\u0891\U000110bd\U000110cd") | set(map(chr, range(0x600, 0x606)))
    acting = [chr(n) for n in range(0x110000) if unicodedata.category(chr(n)) in ("Cc", "Cf", "Zl", "Zp")]
    left = [character for character in acting if character in legible(f"a{character}b")]
    assert set(left) <= kept, [f"{ord(one):x}" for one in set(left) - kept]


def test_ordinary_text_is_as_it_was():
    text = "  def f():\n\treturn '日本語 全角スペース é 👩‍👩‍👧 مرحبا'\n"
    assert legible(text) == legible_markup(text) == text
    assert legible_markup("a &lt; b &amp; c &copy; d & e") == "a &lt; b &amp; c &copy; d & e"


@pytest.mark.parametrize(("text", "shown"), [
    ("\x1b[31mred\x1b[0m", "red"), ("a\x1b]0;title\x07", "a␛]0;title␇"), ("50%\r100%\r\n", "50%␍\n100%\n"),
    ("wrong\b\b\b\b\bright", "wrong␈␈␈␈␈right"), ("\u202eabc\u2066", "⟨U+202E⟩abc⟨U+2066⟩"), ("\x9b2J", "⟨U+009B⟩2J"),
])  # fmt: skip
def test_characters_that_act_are_shown(text, shown):
    assert legible(text) == shown


@pytest.mark.parametrize("named", ["&#x202e;", "&#8238;", "&rlm;", "&#x0000202E", "&#8;", f"&#{'0' * 5000}8238;"])
def test_characters_by_their_names_do_not_act_either(named):
    made = html.unescape(legible_markup(f"<b>a {named} b</b>"))
    assert legible(made) == made and made.startswith("<b>a ")


def test_formulas_take_a_part_of_the_time_only():
    texts = [" ".join(f"$x_{{{number}}}$" for number in range(start, start + 700)) for start in (0, 1000)]
    page, _ = Feedback().from_notebook_node(v4.new_notebook(cells=list(map(v4.new_markdown_cell, texts))))
    assert 700 < page.count("<math") < 1000 and "<code>x_{1699}</code>" in page
    output = "<html><head></head><body><div class='output_latex'>$$x$$</div></body></html>"
    assert "<i>x, block</i>" in self_contained(output, (), lambda text, display: f"<i>{text}, {display}</i>")
