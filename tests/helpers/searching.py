"""Asking the search of the site, in Chromium."""

CHAPTER = {
    1: "book/ch1_input_to_hidden.html",
    2: "book/ch2_activation_functions.html",
    3: "book/ch3_output_and_loss.html",
    4: "book/ch4_gradient_descent.html",
    4.5: "book/ch4_optimizers.html",
    5: "book/ch5_backpropagation.html",
    6: "book/ch6_final_experiment.html",
}
SEARCH = """query => {
  document.getElementById("search-results").replaceChildren();
  const start = performance.now();
  Search.performSearch(query);
  const time = performance.now() - start;
  return {
    time,
    said: Search.status.innerText,
    links: [...Search.output.querySelectorAll("a")].map(link => link.getAttribute("href")),
  };
}"""


def hits(answer):
    return [link.partition("#")[0] for link in answer["links"]]


def open_search(chromium, url, locale):
    """A page of the search that looks for nothing but what it is asked."""
    page = chromium.new_page(viewport={"width": 1280, "height": 900}, locale=locale)
    page.goto(url, wait_until="load")
    # the words around each hit come later, out of whole pages: a test that looks at them opens a page of its own
    page.evaluate("() => { window.fetch = () => new Promise(() => {}) }")
    return page


def answers_of(page, queries):
    return {query: page.evaluate(SEARCH, query) for query in queries}


def not_found(answers, queries):
    """The queries whose page is not among the hits. queries: query → chapter, or the page."""
    return [query for query, place in queries.items() if CHAPTER.get(place, place) not in hits(answers[query])]


def not_first(answers, queries):
    """… whose first hit is another page, with the first ones."""
    places = {query: CHAPTER.get(place, place) for query, place in queries.items()}
    found = {query: hits(answers[query])[:3] for query in queries}
    wrong = {query: pages for query, pages in found.items() if pages[:1] != [places[query]]}
    print(f"first hit right: {len(queries) - len(wrong)} of {len(queries)}; not: {wrong}")
    return wrong
