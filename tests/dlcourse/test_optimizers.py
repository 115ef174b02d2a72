"""dlcourse.optimizers: 50-step traces against each formula written out once more, in scalars or whole histories."""

import copy
import math

import numpy as np
import pytest

from dlcourse.optimizers import SGD, AdaDelta, AdaGrad, Adam, AdamW, Momentum, Nesterov, RMSProp

ALL = [SGD, Momentum, Nesterov, AdaGrad, AdaDelta, RMSProp, Adam, AdamW]
STEPS = 50
CURVATURE = np.array([1.0, 0.3, 10.0, 2.0])
START = np.array([1.0, -2.0, 0.5, 3.0])


def slope(w, curvature):
    return curvature * w + 0.1 * math.cos(w)


def trace(optimizer):
    parameters = {"w": START.copy()}
    path = []
    for _ in range(STEPS):
        gradient = np.array([slope(w, a) for w, a in zip(parameters["w"], CURVATURE, strict=True)])
        optimizer.update(parameters, {"w": gradient})
        path.append(parameters["w"].copy())
    return np.array(path)


def oracle(rule):
    """Each coordinate on its own, in plain numbers; `rule(w, gradients so far, positions so far)` is the next w."""
    paths = []
    for w, a in zip(START, CURVATURE, strict=True):
        w, gradients, path = float(w), [], [float(w)]
        for _ in range(STEPS):
            gradients.append(slope(w, a))
            w = rule(w, gradients, path)
            path.append(w)
        paths.append(path[1:])
    return np.transpose(paths)


def weighted(values, decay):
    """The moving average that starts at 0, as a sum over the whole history."""
    return sum((1 - decay) * decay ** (len(values) - 1 - i) * value for i, value in enumerate(values))


def sgd(w, g, path):
    return w - 0.05 * g[-1]


def momentum(w, g, path):
    # v_t is the last move: w_t - w_(t-1)
    last = path[-1] - path[-2] if len(path) > 1 else 0.0
    return w + 0.9 * last - 0.05 * g[-1]


def nesterov(w, g, path):
    # v_t = -lr Σ mu^(t-i) g_i, and the move is mu v_t - lr g_t
    velocity = -sum(0.05 * 0.9 ** (len(g) - 1 - i) * value for i, value in enumerate(g))
    return w + 0.9 * velocity - 0.05 * g[-1]


def adagrad(w, g, path):
    return w - 0.05 * g[-1] / (math.sqrt(math.fsum(v * v for v in g)) + 1e-10)


def rmsprop(w, g, path):
    return w - 0.05 * g[-1] / (math.sqrt(weighted([v * v for v in g], 0.99)) + 1e-8)


def adam(w, g, path):
    t = len(g)
    mean = weighted(g, 0.9) / (1 - 0.9**t)
    square = weighted([v * v for v in g], 0.999) / (1 - 0.999**t)
    return w - 0.05 * mean / (math.sqrt(square) + 1e-8)


def adamw(w, g, path):
    return adam(w, g, path) - 0.05 * 0.2 * w


def adadelta(w, g, path):
    moves = [path[i + 1] - path[i] for i in range(len(path) - 1)]
    steps = weighted([move * move for move in moves], 0.9) if moves else 0.0
    squares = weighted([v * v for v in g], 0.9)
    return w - math.sqrt(steps + 1e-6) / math.sqrt(squares + 1e-6) * g[-1]


@pytest.mark.parametrize(
    ("optimizer", "rule"),
    [
        (SGD(0.05), sgd),
        (Momentum(0.05), momentum),
        (Nesterov(0.05), nesterov),
        (AdaGrad(0.05), adagrad),
        (RMSProp(0.05), rmsprop),
        (Adam(0.05), adam),
        (AdamW(0.05, weight_decay=0.2), adamw),
        (AdaDelta(), adadelta),
    ],
)
def test_traces_agree_with_the_formula(optimizer, rule):
    np.testing.assert_allclose(trace(optimizer), oracle(rule), rtol=1e-9, atol=1e-12)


def test_the_first_step_of_adam_is_the_learning_rate_even_for_tiny_gradients():
    w = {"w": np.zeros(2)}
    Adam(0.001).update(w, {"w": np.array([1e-3, 100.0])})
    np.testing.assert_allclose(w["w"], [-0.001, -0.001], rtol=1e-4)
    w = {"w": np.zeros(1)}
    Adam(0.001).update(w, {"w": np.array([1e-8])})
    np.testing.assert_allclose(w["w"], [-0.0005], rtol=1e-12)  # epsilon stands outside the root


def test_nesterov_differs_from_the_form_that_uses_the_new_velocity_twice():
    w = {"w": np.array([1.0])}
    Nesterov(0.01).update(w, {"w": np.array([1.0])})
    np.testing.assert_allclose(w["w"], [0.981], rtol=1e-12)


@pytest.mark.parametrize("make", ALL)
def test_arrays_are_updated_in_place_and_keep_their_dtype(make):
    for dtype in (np.float64, np.float32):
        w = np.ones((2, 3), dtype)
        parameters, gradients = {"w": w}, {"w": np.full((2, 3), 0.5, dtype)}
        optimizer = make()
        for _ in range(3):
            optimizer.update(parameters, gradients)
        assert parameters["w"] is w and w.dtype == dtype and (w < 1).all()
        np.testing.assert_array_equal(gradients["w"], 0.5)
        assert all(value.dtype == dtype for value in optimizer.state.get("w", {}).values())


@pytest.mark.parametrize("make", ALL)
def test_a_saved_state_goes_on_where_it_stopped(make):
    gradients = [{"w": np.array([math.sin(t), 1.0])} for t in range(20)]
    whole, first = {"w": np.ones(2)}, {"w": np.ones(2)}
    without_pause, before = make(), make()
    for g in gradients:
        without_pause.update(whole, g)
    for g in gradients[:10]:
        before.update(first, g)
    after = make()
    after.state = copy.deepcopy(before.state)
    for g in gradients[10:]:
        after.update(first, g)
    np.testing.assert_array_equal(first["w"], whole["w"])
    assert after.state["step"] == 20


@pytest.mark.parametrize("make", ALL)
def test_several_parameters_do_not_share_state(make):
    optimizer, alone = make(), make()
    both, one = {"W1": np.ones(3), "b1": np.ones(1)}, {"W1": np.ones(3)}
    for _ in range(5):
        optimizer.update(both, {"W1": np.arange(3.0), "b1": np.array([7.0])})
        alone.update(one, {"W1": np.arange(3.0)})
    np.testing.assert_array_equal(both["W1"], one["W1"])


@pytest.mark.parametrize("make", ALL)
def test_bad_gradients_and_rates_are_refused_before_anything_moves(make):
    parameters = {"W1": np.ones(3), "b1": np.ones(1)}
    optimizer = make()
    with pytest.raises(ValueError, match="b1.*ありません"):
        optimizer.update(parameters, {"W1": np.ones(3)})
    with pytest.raises(ValueError, match=r"W1.*\(3,\).*\(3, 1\)"):
        optimizer.update(parameters, {"W1": np.ones((3, 1)), "b1": np.ones(1)})
    assert (parameters["W1"] == 1).all() and optimizer.state == {"step": 0}
    with pytest.raises(ValueError, match="learning_rate"):
        make(learning_rate=0)


def test_adamw_without_decay_is_adam_and_a_negative_decay_is_refused():
    np.testing.assert_array_equal(trace(AdamW(0.05, weight_decay=0)), trace(Adam(0.05)))
    with pytest.raises(ValueError, match="weight_decay"):
        AdamW(weight_decay=-0.1)
