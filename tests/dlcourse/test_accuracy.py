"""How many units in the last place the functions are from the correctly rounded value, over the whole range."""

import numpy as np
import pytest

from dlcourse import functions
from tests.helpers.oracles import GOLDEN, ulps

BARS = {"float64": 4, "float32": 6}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", ["sigmoid", "d_sigmoid", "tanh", "d_tanh", "softplus"])
def test_the_whole_range_is_accurate(name, dtype):
    x, exact = GOLDEN[f"x_{dtype}"], GOLDEN[f"{name}_{dtype}"]
    with np.errstate(all="raise", under="ignore"):
        result = getattr(functions, name)(x)
    assert result.dtype == dtype
    # x is rounded to nothing: it is a number of this dtype, and so the truth is exact for it
    error = ulps(result, exact, dtype)
    worst = error.argmax()
    assert error[worst] <= BARS[dtype], f"{name}({x[worst]!r}) = {result[worst]!r}, exact {exact[worst]!r}"


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", ["silu", "d_silu", "gelu", "d_gelu"])
def test_silu_and_gelu_are_as_accurate_as_their_parts(name, dtype):
    """Far out, exp multiplies the rounding of u²/2; where a derivative is near 0, its two terms cancel."""
    x, exact = GOLDEN[f"x_{dtype}"], GOLDEN[f"{name}_{dtype}"]
    with np.errstate(all="raise", under="ignore"):
        result = getattr(functions, name)(x)
    assert result.dtype == dtype
    u = np.clip(x.astype(np.float64), -800, 800)
    probability = np.divide(GOLDEN[f"{name.removeprefix('d_')}_{dtype}"], u, out=np.full(len(u), 0.5), where=u != 0)
    with np.errstate(over="ignore"):  # the spacing above the largest number is inf
        rounded = (1 + u * u) * np.spacing(np.abs(exact).astype(dtype)).astype(np.float64)
    cancelled = np.finfo(dtype).eps * np.abs(probability) if name.startswith("d_") else 0
    error = np.abs(result.astype(np.float64) - exact) / (rounded + cancelled)
    assert error.max() <= 4, f"{name}({x[error.argmax()]!r})"


def test_log_softmax_is_accurate():
    exact = GOLDEN["log_softmax"]
    result = functions.log_softmax(GOLDEN["logits"])
    # u - max(u) is rounded once, by half a spacing of the largest number of the row: nobody can do better
    unavoidable = np.spacing(np.abs(GOLDEN["logits"]).max(axis=-1, keepdims=True))
    assert (np.abs(result - exact) <= 2 * unavoidable + 2 * np.spacing(np.abs(exact))).all()


def test_log_softmax_keeps_the_digits_of_a_dominant_class():
    """log(softmax(u)) gives 0 here, and the usual u - logsumexp(u) loses all digits of the small value."""
    np.testing.assert_allclose(functions.log_softmax([100.0, 0.0])[0], -np.exp(-100.0), rtol=1e-15)
    np.testing.assert_allclose(functions.softmax_with_loss(0, [100.0, 0.0]), np.exp(-100.0), rtol=1e-15)
    np.testing.assert_allclose(functions.sigmoid_with_loss([1.0], [100.0]), np.exp(-100.0), rtol=1e-15)


@pytest.mark.parametrize("margin", [-800.0, -40.0, -20.0, 0.0, 10.0, 40.0, 100.0])
def test_two_class_losses_agree_with_softplus_at_every_margin(margin):
    exact = functions.softplus(-margin)
    assert functions.softmax_with_loss(0, [margin, 0.0]) == pytest.approx(exact, rel=1e-15)
    assert functions.sigmoid_with_loss([1.0], [margin]) == pytest.approx(exact, rel=1e-15)
    assert functions.sigmoid_with_loss([0.0], [-margin]) == pytest.approx(exact, rel=1e-15)
