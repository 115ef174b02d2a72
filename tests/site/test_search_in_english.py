"""What readers of the English edition type into its search box, and the page that they should be led to."""

import pytest

from tests.helpers.searching import SEARCH, answers_of, not_first, not_found, open_search

QUERIES = {
    # titles, headings and terms
    "From the input layer to the hidden layer": 1, "total input": 1, "weight": 1, "bias": 1, "hidden layer": 1,
    "forward propagation": 1, "3-5-4": 1, "activation function": 2, "sigmoid function": 2, "step function": 2,
    "nonlinear": 2, "saturation": 2, "dead relu": 2, "loss function": 3, "squared error": 3, "cross-entropy": 3,
    "likelihood": 3, "maximum likelihood": 3, "binary classification": 3, "softmax": 3, "temperature": 3, "one-hot": 3,
    "gradient descent": 4, "learning rate": 4, "numerical differentiation": 4, "contour lines": 4, "mini-batch": 4,
    "partial derivative": 3, "momentum": 4.5, "Adam": 4.5, "optimizer": 4.5, "weight decay": 4.5,
    "backpropagation": 5, "chain rule": 5, "computational graph": 5, "gradient check": 5, "delta": 5,
    "handwritten digits": 5, "confusion matrix": 6, "overfitting": 6, "test data": 6, "early stopping": 6,
    # other names, other forms, shortened, in capitals
    "MSE": 3, "SGD": 4, "XOR": 2, "backprop": 5, "RELU": 2, "tanh": 2, "minibatch": 4, "mini batch": 4,
    "learning rates": 4, "vanishing gradients": 2, "vanishing gradient problem": 2, "local minima": 4,
    "activation functions": 2, "optimizers": 4.5, "initial weights": 2, "He initialization": 2, "overfit": 6,
    "partial derivatives": 3, "differentiating numerically": 4, "cost function": 3, "logistic function": 2,
    "stochastic gradient descent": 4, "neuron": 1, "perceptron": 2,
    # mistyped
    "softmx": 3, "sigmiod": 2, "backpropogation": 5, "gradeint": 4,
    # letters of formulas, numbers
    "ε": 4, "δ": 5, "Chapter 3": 3, "2.5": 2, "Figure 3.1": 3, "fig. 3.1": 3, "Equation (2.3)": 2, "Section 4.2": 4,
    "K1-2": 1,
    # several words, phrases and questions
    "derivative of softmax": 3, "derivative of ReLU": 2, "choosing the learning rate": 4, "role of the bias": 1,
    "mini-batch size": 4, "What is the learning rate?": 4, "what does backpropagation compute": 5,
    "How do I choose the loss function?": 3, "log 0": 3, "softmax overflow": 3, "all weights are the same": 5,
    # functions of dlcourse, and the other pages
    "numerical_gradient": "book/api.html", "dlcourse.layers.Affine": "book/api.html",
    "glossary": "book/glossary.html", "errata": "book/errata.html", "references": "book/references.html",
    "Kingma": "book/references.html", "teacher": "book/teachers.html", "mock exam": "book/exam.html",
    "formulas": "book/formulas.html", "flashcards": "book/review.html", "FSRS": "book/review.html",
    "syllabus": "book/teachers.html", "screen reader": "book/accessibility.html", "citation": "book/licence.html",
    "install": "book/introduction.html", "roster": "book/collecting.html", "save my progress": "book/progress.html",
}  # fmt: skip


@pytest.fixture(scope="module")
def page(chromium, address):
    page = open_search(chromium, f"{address}/en/search.html?q=layer", "en-US")
    yield page
    page.close()


@pytest.fixture(scope="module")
def answers(page):
    return answers_of(page, QUERIES)


def test_every_query_finds_its_page(answers):
    assert not not_found(answers, QUERIES)


def test_the_first_hit_is_the_right_one(answers):
    assert len(not_first(answers, QUERIES)) <= 0.05 * len(QUERIES)


def test_links_lead_to_places_that_exist(answers, built_site):
    links = {link for answer in answers.values() for link in answer["links"]}
    for link in sorted(links):
        name, _, anchor = link.partition("#")
        text = (built_site / "en" / name).read_text("utf-8")
        assert not anchor or f'id="{anchor}"' in text, link


@pytest.mark.parametrize("query", ["xylophone", "???", "<img src=x onerror=alert(1)>zzz"])
def test_nothing_found_is_said_in_english(page, query):
    answer = page.evaluate(SEARCH, query)
    assert not answer["links"] and "Nothing was found" in answer["said"]


def test_what_was_looked_for_in_place_of_a_mistyped_word_is_said(page):
    assert 'Showing results for "softmax"' in page.evaluate(SEARCH, "softmx")["said"]


def test_words_of_the_text_lead_into_its_section(chromium, address):
    """In another form than the one that is typed, too."""
    page = chromium.new_page(viewport={"width": 1280, "height": 900}, locale="en-US")
    page.goto(f"{address}/en/search.html?q=collapsing")
    first = page.locator("#search-results li").first
    first.locator(".highlighted").first.wait_for()
    assert "collapse" in first.inner_text() and "#" in first.locator("a").get_attribute("href")
    page.close()
