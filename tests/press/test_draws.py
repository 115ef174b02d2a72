"""What a page shows of random numbers: which cells the rule finds, and that cells tagged `any-draw` deserve it."""

import contextlib
import io

import jupytext
import matplotlib.pyplot as plt
import numpy as np
import pytest

from press.languages import sources
from press.rules.draws import TAG, shows_one_draw

RNG = "rng = np.random.default_rng(0)\n"
RUN = "def run(seed):\n    return np.random.default_rng(seed)"
COLLECT = "found = {}\nfor seed in range(9):\n    found[seed] = np.random.default_rng(seed)"
# the cells of a page, and which of them show one draw
PAGES = {
    "printed": ([f"{RNG}print(rng.random())"], [True]),
    "nothing shown": ([f"{RNG}x = rng.random(3)"], [False]),
    "shown later": ([f"{RNG}x = rng.random(3)", "print(x)", "print(1)"], [False, True, False]),
    "a value at the end": (["network = Network([2, 3], rng=0)\nnetwork.loss(x, d)"], [True]),
    "a figure": (["x, d = datasets.plane(5, rng=0)\nplotting.curves({'x': x});"], [True]),
    "through a function": ([RUN, "print(run(3))"], [False, True]),
    "over seeds": ([RUN, "print([run(seed) for seed in range(9)])"], [False, False]),
    "collected over seeds": ([COLLECT, "print(found)"], [False, False]),
    "in a loop over other things": ([f"{RNG}for name in 'ab':\n    value = rng.random()\n    print(value)"], [True]),
    "in a block": (["with np.errstate(all='ignore'):\n    print(Network([2, 3], rng=0))"], [True]),
    "trained": (["history = train(network, x, d, SGD(1.0), rng=0)", "print(network)"], [False, True]),
    "a name used anew": ([f"{RNG}x = rng.random(3)", "x = 3\nprint(x)"], [False, False]),
    "the same name in a comprehension": ([f"{RNG}x = rng.random(3)", "print([x for x in range(3)])"], [False, False]),
    "the same name in a function": ([f"{RNG}x = 1 * rng", "def f(x):\n    return x\nprint(f(1))"], [False, False]),
}


@pytest.mark.parametrize(("cells", "expected"), PAGES.values(), ids=PAGES)
def test_cells_that_show_one_draw_are_found(cells, expected):
    assert list(shows_one_draw(cells)) == expected


def printed(cells, shift, monkeypatch):
    """What each of the cells prints when every seed of the page is another one."""
    default_rng = np.random.default_rng

    def other_rng(seed=None):
        return default_rng(seed + shift if isinstance(seed, int) else seed)

    class OtherState(np.random.RandomState):
        def __init__(self, seed):
            super().__init__(seed + shift)

    with monkeypatch.context() as patched:
        patched.setattr(np.random, "default_rng", other_rng)
        patched.setattr(np.random, "RandomState", OtherState)
        names, texts = {"__name__": "__main__"}, []
        for cell in cells:
            with contextlib.redirect_stdout(io.StringIO()) as text:
                exec(compile(cell.source, "cell", "exec"), names)
            plt.close("all")
            texts.append(text.getvalue())
    return texts


def tagged():
    """Each page with such cells: its cells up to the last of them."""
    for page in sources("book/*.md"):
        cells = [cell for cell in jupytext.read(page).cells if cell.cell_type == "code"]
        places = [place for place, cell in enumerate(cells) if TAG in cell.metadata.get("tags", [])]
        if places:
            yield pytest.param(cells[: places[-1] + 1], places, id=page.name)


@pytest.mark.parametrize(("cells", "places"), list(tagged()))
def test_what_is_said_of_any_draw_holds_for_others(cells, places, monkeypatch):
    one = list(shows_one_draw([cell.source for cell in cells]))
    texts = [printed(cells, shift, monkeypatch) for shift in (0, 1000)]
    for place in places:
        assert one[place], f"needs no tag:\n{cells[place].source}"
        assert texts[0][place], f"prints nothing:\n{cells[place].source}"
        assert texts[0][place] == texts[1][place]
