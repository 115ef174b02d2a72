"""What is judged is the same in every language, and said in the one that is in use."""

import numpy as np
import pytest

from dlcourse import edition, functions, gradient_check, network, words
from dlcourse.checks import EXERCISES, check, errors
from dlcourse.checks.chapter2.accept import LINEAR
from press import ROOT
from press.edition import SECTION
from press.languages import JAPANESE, languages, original, sources
from tests.helpers.judging import judge

FURTHER = words.languages()[1:]


@pytest.fixture(params=FURTHER)
def language(request):
    with words.using(request.param):
        yield request.param


@pytest.mark.parametrize("exercise_id", EXERCISES)
def test_listed_answers_are_judged_as_in_japanese_and_told_of_in_the_language_in_use(exercise_id, language):
    """What is listed is how the Japanese judges (test_checks.py)."""
    exercise = EXERCISES[exercise_id]
    for answer in exercise.variants:
        assert judge(exercise_id, answer).passed, answer
    for answer, hint in exercise.pitfalls.items():
        verdict = judge(exercise_id, answer)
        assert not verdict.passed and verdict.hint == words.say(hint), answer
        # The names in an answer are the student's own.
        assert JAPANESE.search(answer) or not JAPANESE.search(verdict.message), verdict.message


def test_every_label_of_an_input_is_said(language):
    labels = {label for exercise in EXERCISES.values() for label in getattr(exercise, "inputs", ())}
    assert not [label for label in labels if JAPANESE.search(words.say(label))]


@pytest.mark.parametrize("exercise_id", ["K2-1"])
def test_names_that_a_cell_has_in_its_own_language_count_in_any(exercise_id, language):
    exercise = EXERCISES[exercise_id]

    def translated(answer):
        for name in LINEAR:
            answer = answer.replace(repr(name), repr(words.say(name))).replace(f'"{name}"', f'"{words.say(name)}"')
        return answer

    with words.using("ja"):
        hints = {answer: judge(exercise_id, answer).hint for answer in exercise.pitfalls}
    for code in ("ja", language):
        for answer in exercise.variants:
            answer = translated(answer)
            with words.using(code):
                assert not JAPANESE.search(answer) and judge(exercise_id, answer).passed, answer
        for answer, hint in hints.items():
            answer = translated(answer)
            with words.using(code):
                assert judge(exercise_id, answer).hint == words.say(hint), answer


@pytest.mark.parametrize("language", languages(), indirect=True)  # a catalogue may be there before the pages
def test_the_section_to_read_again_has_the_title_of_its_page_in_that_language(language):
    titles = {}
    for page in sources("book/*.md", language):
        there = dict(SECTION.findall(original(page).read_text("utf-8")))
        # A mark of translation.py may stand between a label and its heading.
        text = "\n".join(line for line in page.read_text("utf-8").split("\n") if not line.startswith("% ja"))
        titles |= {there[label].strip(): title.strip() for label, title in SECTION.findall(text) if label in there}
    for exercise in EXERCISES.values():
        assert words.say(exercise.section) == titles[exercise.section], exercise.id


def test_the_link_to_a_section_leads_to_the_page_in_the_language_in_use(monkeypatch, language):
    monkeypatch.setattr(edition, "SITE", "https://example.org/")
    monkeypatch.setattr(edition, "_pages", lambda: {"まとめて計算する": "book/ch1_input_to_hidden.html#sec-batch"})
    wrong = judge("K1-2", "np.dot(x, W)").message
    title = words.say("まとめて計算する")
    address = f"https://example.org/{language}/book/ch1_input_to_hidden.html#sec-batch"
    assert wrong.endswith(f'{title}" {address}') or wrong.endswith(f"{title}{address}")
    with words.using("ja"):
        assert judge("K1-2", "np.dot(x, W)").message.endswith(
            "「まとめて計算する」https://example.org/book/ch1_input_to_hidden.html#sec-batch"
        )


def test_a_right_answer_is_told_in_the_language_in_use(capsys, language):
    check("K1-2", namespace={"total_input": lambda x, W, b: x @ W + b})
    said = capsys.readouterr().out
    assert said.startswith("✓ K1-2 ") and not JAPANESE.search(said)


def test_errors_of_the_library_are_told_in_the_language_in_use(language):
    for call in (
        lambda: functions.affine(np.ones(2), np.ones((3, 2)), 0.0),
        lambda: functions.one_hot_like([5], np.zeros((1, 3))),
        lambda: network.init_network([3]),
    ):
        with pytest.raises(ValueError) as error:
            call()
        assert not JAPANESE.search(str(error.value))
    x = np.array([1.0, 2.0])
    assert not JAPANESE.search(str(gradient_check.check_gradient(lambda x: np.sum(x**2), x, -2 * x)))


def test_an_error_of_the_library_has_its_advice_in_any_language(language):
    """The advice is chosen by the error's words, and an answer may have run elsewhere."""
    for code in ("ja", language):
        with words.using(code), pytest.raises(ValueError) as error:
            functions.affine(np.ones(2), np.ones((3, 2)), 0.0)
        assert ".shape" in errors.advice(error.value, "f(x)")


def test_the_words_of_the_page_around_are_no_part_of_the_package():
    """dlcourse says what it says without press: the catalogue lies within it."""
    assert words.FOLDER.is_relative_to(ROOT / "dlcourse") and FURTHER
