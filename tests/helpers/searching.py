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
