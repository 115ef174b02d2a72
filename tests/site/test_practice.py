"""Quizzes of all pages: where the right choice stands, and how long it is, give nothing away."""

from math import sqrt

import pytest


@pytest.fixture(scope="module")
def quizzes(documents):
    """The choices of every question with one right answer, in the order in which the page offers them."""
    found = []
    for document in documents.values():
        for quiz in document.select(".quiz"):
            choices = [
                (choice.find("summary").get_text(" ", strip=True), "○" in choice.find("p").text)
                for choice in quiz.select("details")
            ]
            if sum(right for _, right in choices) == 1:
                found.append(choices)
    assert len(found) > 20
    return found


def test_no_place_is_that_of_the_right_choice_more_often_than_by_chance(quizzes):
    for place in range(max(map(len, quizzes))):
        shares = [1 / len(choices) for choices in quizzes if place < len(choices)]
        deviation = sqrt(sum(share * (1 - share) for share in shares))
        found = sum(choices[place][1] for choices in quizzes if place < len(choices))
        print(f"place {place + 1}: {found} right, expected {sum(shares):.1f} ± {deviation:.1f}")
        assert abs(found - sum(shares)) <= 3 * deviation, f"place {place + 1}"


def test_the_right_choice_is_not_the_longest_more_often_than_its_share(quizzes):
    longest = [choices for choices in quizzes if max(choices, key=lambda one: (len(one[0]), not one[1]))[1]]
    share = sum(1 / len(choices) for choices in quizzes)
    print(f"{len(longest)} of {len(quizzes)}, share {share:.1f}")
    assert len(longest) <= share, "\n".join(next(text for text, right in one if right) for one in longest)
