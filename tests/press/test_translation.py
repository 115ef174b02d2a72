"""Texts in other languages: in step with the Japanese, and every way of falling out of step is named at its line."""

import pytest

from press import languages, translation
from press.languages import JAPANESE, sources
from tests.helpers import ROOT

JA = """\
---
kernelspec:
  name: python3
---

(sec-loss)=
# 誤差

誤差 $E$ は 0.25 です({ref}`第1章 <sec-first>`)。`functions.relu` も使います。

- 1つめ
- 2つめ

$$
E = \\text{平均}(x)
$$ (eq-loss)

```{code-cell} ipython3
:tags: [hide-input]

x = 3  # 入力
print(f"{x}個の値", "mean")
```

:::{note}
1つめの段落です。

2つめの段落です。
:::

```{exercise} K1-1
```
"""
EN = """\
---
kernelspec:
  name: python3
---

(sec-loss)=
# The loss

The loss $E$ is 0.25 ({ref}`Chapter 1 <sec-first>`). It also uses `functions.relu`.

- One
- Two

$$
E = \\text{mean}(x)
$$ (eq-loss)

```{code-cell} ipython3
:tags: [hide-input]

x = 3  # the input
print(f"values: {x}", "mean")
```

:::{note}
The first paragraph.

The second paragraph.
:::

```{exercise} K1-1
```
"""
# What is changed in the English text, and what is said of it.
SLIPS = {
    "number": ("0.25", "0.26", ["lacks the reference 0.25", "adds the reference 0.26"]),
    "reference": ("<sec-first>", "<sec-second>", ["lacks the reference {ref} sec-first"]),
    "formula": ("$E$ is", "it is", ["lacks $E$"]),
    "code": ("`functions.relu`", "`functions.sigmoid`", ["lacks `functions.relu`"]),
    "item": ("- Two\n", "", ["has other items: 1, not 2"]),
    "equation": ("{mean}(x)", "{mean}(y)", ["lacks $$ E = (x) $$"]),
    "label": ("(sec-loss)=", "(sec-lost)=", ["differs from what holds no language"]),
    "level": ("# The loss", "## The loss", ["is a heading of another level"]),
    "cell": ("x = 3", "x = 4", ["the cell's code differs"]),
    "string": ('"mean"', '"average"', ["the cell's code differs"]),
    "shown": ("{x}", "{x + 1}", ["the cell's code differs"]),
    "header": ("[hide-input]", "[hide-output]", ["the cell has another header"]),
    "paragraph": ("\n\nThe second", " The second", ["1 paragraphs where line 25 has 2"]),
    "directive": (":::{note}", ":::{tip}", ["'colon_fence tip' where line 25 has 'colon_fence note'"]),
    "id": ("K1-1", "K1-2", ["differs from what holds no language"]),
    "Japanese": ("The first", "最初の", ["holds Japanese"]),
    "missing": ("\n- One\n- Two\n", "", ["'math_block_label' where line 11 has 'bullet_list_open'"]),
}


@pytest.fixture
def pair(tmp_path):
    def write(ja=JA, en=EN):
        (tmp_path / "page.md").write_text(ja, "utf-8")
        page = tmp_path / "page.en.md"
        page.write_text(en, "utf-8")
        return page

    return write


@pytest.fixture
def followed(pair):
    page = pair()
    translation.follow(page)
    return page


def said(page):
    return [problem.text for problem in translation.compare(page)]


def test_a_text_that_follows_has_no_problem(followed):
    assert said(followed) == []
    marks = [line for line in followed.read_text("utf-8").splitlines() if line.startswith("% ja ")]
    assert len(marks) == 6 and sorted(len(mark.split()) for mark in marks) == [3, 3, 3, 3, 3, 4]
    assert translation.follow(followed) == 0


@pytest.mark.parametrize("name", SLIPS)
def test_a_slip_is_named(pair, followed, name):
    old, new, expected = SLIPS[name]
    text = followed.read_text("utf-8")
    assert old in text
    page = pair(en=text.replace(old, new, 1))
    found = said(page)
    assert all(any(problem.startswith(words) for problem in found) for words in expected), found


def test_the_line_in_a_cell_is_the_one_in_the_file(pair, followed):
    page = pair(en=followed.read_text("utf-8").replace('"mean"', '"average"'))
    [problem] = translation.compare(page)
    assert page.read_text("utf-8").splitlines()[problem.line - 1].startswith("print(f")


def test_another_order_of_words_and_more_of_them_are_no_slip(pair, followed):
    text = followed.read_text("utf-8")
    text = text.replace(
        "The loss $E$ is 0.25 ({ref}`Chapter 1 <sec-first>`).", "As {ref}`seen <sec-first>`, $E$ is 0.25."
    )
    assert said(pair(en=text)) == []


@pytest.mark.parametrize(("old", "new", "line"), [("誤差 $E$ は", "損失 $E$ は", 11), ("2つめの段落", "次の段落", 34)])
def test_a_changed_sentence_makes_its_paragraph_stale_until_it_is_followed(pair, followed, old, new, line):
    page = pair(ja=JA.replace(old, new), en=followed.read_text("utf-8"))
    [problem] = translation.compare(page)
    assert problem.text.startswith("stale") and problem.line == line
    assert translation.follow(page, 1) == 0, "another block"
    assert translation.follow(page, line) == 1
    assert said(page) == []


def test_a_new_block_is_missed_and_what_follows_nothing_is_named(pair):
    page = pair(ja=JA + "\n追加の段落です。\n")
    assert said(page)[-1].startswith("fewer blocks (9) than 10")
    assert sum("follows no state" in text for text in said(page)) == 6
    with pytest.raises(ValueError, match="other blocks"):
        translation.follow(page)


def test_the_command_names_file_and_line(pair, capsys):
    assert translation.main([str(pair())]) == 1
    shown = capsys.readouterr().out
    assert "page.en.md:7: follows no state of line 7" in shown and "1 pages, 6 problems" in shown


def test_every_text_of_the_book_is_followed():
    """In each further language: all pages and exercises are there, block for block, and none is stale."""
    for code in languages.languages():
        for pattern in ("book/*.md", "solutions/*/*.md"):
            assert [languages.original(page) for page in sources(pattern, code)] == sources(pattern)
        for page in sources("book/*.md", code) + sources("solutions/*/*.md", code):
            assert [str(problem) for problem in translation.compare(page)] == []


def test_the_terms_of_both_glossaries_are_pairs():
    """The headword in English is one of the English names in the Japanese entry."""
    entries = [
        [text for _, text in translation.paragraphs(block)]
        for name in ("glossary.md", "glossary.en.md")
        for block in translation.blocks((ROOT / "book" / name).read_text("utf-8"))
        if translation.name_of(block).endswith("glossary")
    ]
    assert len(entries) == 2 and len(entries[0]) == len(entries[1]) > 100
    for here, there in zip(*entries, strict=True):
        term, names = (part.strip().casefold() for part in (there.removeprefix("```{glossary}").split("\n  ")[0], here))
        term = term.rpartition("\n")[2].strip()
        assert not JAPANESE.search(term) and term in names, (here, there)
