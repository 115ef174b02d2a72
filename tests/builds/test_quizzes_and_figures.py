"""The parts of a page that a reader works with: quizzes and figures in steps."""

import pytest

PAGE = """\
(sec-here)=
## 節

$$
x = 2
$$ (eq-here)

```{recall}
1. いくつですか。

   2 つです({ref}`節 <sec-here>`)。
```

```{formulas}
eq-here: 名前
```

```{quiz}
1 + 1 はいくつですか。$x = 1$ とします。

- [x] $2x$ です。

  1つと1つで、**2つ**です。
- [ ] 1 です。

  掛けています。
```

```{quiz}
:keep-last:

3 より大きい数はどれですか。

- [ ] 一

  1 です。
- [ ] 二

  2 です。
- [ ] 三

  3 です。
- [x] どれでもない

  3 より大きい数はありません。
```

```{quiz}
3 より小さい数はどれですか。

- [ ] 三

  3 です。
- [x] 一

  1 です。
- [x] 二

  2 です。
```

```{code-cell} ipython3
---
mystnb:
  figure:
    name: fig-descent
    caption: 図の説明。
---
import numpy as np

from dlcourse import plotting

path = 2.0 * 0.5 ** np.arange(7)
ax = plotting.descent(np.square, {"点": path}, frames=3)
plotting.steps(ax, ["はじめ", "1段目", "2段目", "3段目"])
```

```{code-cell} ipython3
---
mystnb:
  figure:
    name: fig-lines
    caption: 図の説明。
---
def line(name, slope):
    ax = plotting.curves({name: lambda x: slope * x})
    ax.set_ylim(-20, 20)
    ax.legend(loc="upper left")
    return ax, f"{name}の傾きは {slope}"

plotting.explorer(
    line, {"名前": ["甲", "乙"], "傾き": [1, 2, 3]}, start=["甲", 2], alt="直線のグラフ")
```
"""


@pytest.fixture(scope="module")
def page_file(tiny_book):
    book = tiny_book(PAGE)
    status, output = book.build()
    assert status == 0, output
    return book.html / "book" / "index.html"


@pytest.fixture
def page(chromium, page_file):
    page = chromium.new_page(locale="ja-JP")
    page.goto(page_file.as_uri())
    yield page
    page.close()


def test_a_choice_opens_with_its_reason_and_the_last_one_closes(page):
    quiz = page.locator(".quiz:not(.recall)").first
    right, wrong = quiz.locator("details", has_text="です。").all()
    if "掛けて" in right.inner_html():
        right, wrong = wrong, right
    right.locator("summary").click()
    assert "○ 正解です。" in right.inner_text() and "1つと1つで" in right.inner_text()
    wrong.locator("summary").press("Enter")
    reasons = wrong.locator("p:visible").all_inner_texts()
    assert [text.strip() for text in reasons] == ["× 正解ではありません。", "掛けています。"]
    assert not right.evaluate("choice => choice.open")
    assert "[x]" not in quiz.inner_text()


def test_the_order_of_the_choices_depends_on_their_words_alone(page):
    """The same three words stand in both quizzes, in another order and with other right ones."""
    one, other = (page.locator(".quiz:not(.recall)").nth(n).locator("summary").all_inner_texts() for n in (1, 2))
    assert one[:3] == other and sorted(other) == sorted("一二三")
    assert one[3] == "どれでもない", "which can only be understood as the last one"


def test_a_question_to_recall_opens_its_answer_and_says_where_to_read_again(page):
    question = page.locator(".recall details")
    assert not question.locator("p").is_visible()
    question.locator("summary").press("Enter")
    assert question.locator("p").inner_text() == "2 つです(節)。"
    assert question.locator("a").get_attribute("href") == "#sec-here"


def test_a_formula_is_looked_up_by_its_name(page):
    entry = page.locator(".formulas")
    assert entry.locator("dt").inner_text() == "(1) 名前"
    assert entry.locator("a").get_attribute("href").endswith("index.html#equation-eq-here")
    assert entry.locator("dd mjx-container").count() == 1 and entry.locator(".eqno").count() == 0


def visible(page):
    parts = page.locator(".frames >> nth=0 >> [data-frames]")
    return [parts.nth(n).is_visible() for n in range(parts.count())]


def test_a_figure_goes_step_by_step_with_the_mouse_and_the_keyboard(page):
    captions = page.locator(".frames-captions >> nth=0 >> li:visible")
    assert captions.all_inner_texts() == ["はじめ"] and visible(page) == [False] * 3
    assert page.get_by_label("前の段").is_disabled()
    page.get_by_label("次の段").click()
    assert captions.all_inner_texts() == ["1段目"] and visible(page) == [True, False, False]
    page.get_by_label("段を選ぶ").press("End")
    assert captions.all_inner_texts() == ["3段目"] and visible(page) == [True] * 3
    assert page.get_by_label("次の段").is_disabled()
    page.get_by_label("段を選ぶ").press("ArrowLeft")
    assert captions.all_inner_texts() == ["2段目"] and visible(page) == [True, True, False]
    assert "w = 2" in page.locator(".frames svg >> nth=0").get_attribute("aria-label")


def test_an_explorer_is_moved_by_keyboard_and_says_what_it_shows(page):
    figure = page.locator(".frames").nth(1)
    caption = figure.locator("[aria-live] > li:visible")
    slider, choice = figure.get_by_role("slider", name="傾き"), figure.get_by_role("combobox", name="名前")

    def shown():
        return {part.get_attribute("data-frames") for part in figure.locator("[data-frames]:visible").all()}

    assert caption.all_inner_texts() == ["甲の傾きは 2"] and shown() == {"1 4", "0 1 2"}
    slider.press("ArrowRight")
    assert caption.all_inner_texts() == ["甲の傾きは 3"] and shown() == {"2 5", "0 1 2"}
    assert figure.locator("output").inner_text() == slider.get_attribute("aria-valuetext") == "3"
    choice.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert caption.all_inner_texts() == ["乙の傾きは 3"] and shown() == {"2 5", "3 4 5"}
    slider.press("Home")
    assert caption.all_inner_texts() == ["乙の傾きは 1"]
    page.emulate_media(media="print")
    assert not slider.is_visible() and caption.is_visible()


def test_without_a_script_the_whole_figure_and_all_captions_show(chromium, page_file):
    page = chromium.new_page(java_script_enabled=False)
    page.goto(page_file.as_uri())
    assert page.locator(".frames-captions >> nth=0 >> li:visible").count() == 4
    assert visible(page) == [True] * 3
    explorer = page.locator(".frames").nth(1)
    assert explorer.locator("li:visible").all_inner_texts() == ["甲の傾きは 2"]
    assert explorer.locator("[data-frames='1 4']:visible").count() == 1
    assert explorer.locator("[data-frames='0 3']:visible").count() == 0
    assert page.locator(".frames-controls:visible").count() == 0
    page.close()


def test_a_quiz_without_a_right_choice_or_a_reason_fails_the_build(tiny_book):
    for quiz in ("問い\n\n- [ ] ア\n\n  理由\n- [ ] イ\n\n  理由", "問い\n\n- [x] ア\n- [ ] イ\n\n  理由", "問いだけ"):
        status, output = tiny_book(f"```{{quiz}}\n{quiz}\n```").build()
        assert status != 0
        assert "book/index.md" in output
