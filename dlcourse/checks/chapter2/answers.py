"""第2章 活性化関数: いくつもの誤答や別解に共通する部分。"""

from collections.abc import Sequence

from dlcourse.checks.chapter2.accept import LINEAR

HIDDEN = 'z1 = functions.relu(np.dot(x, network["W1"]) + network["b1"])\n'
OUTPUT = 'u2 = np.dot(z1, network["W2"]) + network["b2"]\n'
LAYERS = "z = x\nslope = 1.0\nfor weight in w:\n"
ONE_BY_ONE = "y = np.zeros(u.shape)\nfor place in np.ndindex(u.shape):\n"


def answer_wrong_about(*, wrong: Sequence[str]) -> str:
    """A student's dictionary, as source text, in which the named verdicts are wrong."""
    return repr(LINEAR | {name: not LINEAR[name] for name in wrong})
