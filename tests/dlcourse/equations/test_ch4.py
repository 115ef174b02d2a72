"""The labelled equations of chapter 4, verified numerically."""

import numpy as np
import pytest

from dlcourse import functions, optimizers
from dlcourse.gradient import numerical_diff, numerical_gradient
from dlcourse.network import Network
from dlcourse.training import train
from tests.helpers.oracles import complex_gradient, complex_step


def bowl(w):
    """A smooth function of two variables with a minimum, whose curvature depends on place and direction."""
    return w[0] ** 2 / 20 + w[1] ** 2 + 0.3 * np.sin(w[0] + w[1])


def slope(w):
    return complex_gradient(bowl, np.asarray(w, dtype=np.float64))


def path_of(optimizer, start, steps):
    parameters = {"w": np.array(start, dtype=np.float64)}
    path = [parameters["w"].copy()]
    for _ in range(steps):
        optimizer.update(parameters, {"w": slope(parameters["w"])})
        path.append(parameters["w"].copy())
    return np.array(path)


def linear_data(rng, N=12, D=3):
    return rng.standard_normal((N, D)), rng.standard_normal(N), rng.standard_normal(D)


def sample_loss(w, x_n, d_n):
    return (np.sum(x_n * w) - d_n) ** 2 / 2


def full_loss(w, x, d):
    return np.mean((x @ w - d) ** 2) / 2


def test_eq_warm_up():
    """It goes straight from 0 to the highest rate, from there along half a wave of the cosine to 0, without a jump."""
    highest, first, total = 0.3, 20, 120

    def rate(t):
        return t / first * highest if t <= first else highest / 2 * (1 + np.cos((t - first) / (total - first) * np.pi))

    rates = np.array([rate(t) for t in range(total + 1)])
    assert rates[0] == 0 and rates[first] == rates.max() == highest and rates[-1] == pytest.approx(0, abs=1e-15)
    np.testing.assert_allclose(np.diff(rates[: first + 1]), highest / first, rtol=1e-12)
    assert (np.diff(rates[first:]) < 0).all() and rates[(first + total) // 2] == pytest.approx(highest / 2)
    assert rate(first + 1e-6) == pytest.approx(highest) and np.abs(np.diff(rates)).max() <= highest / first + 1e-12
    # it is steepest in the middle, as the derivative of the cosine says
    middle = (first + total) // 2
    slope = np.pi * highest / (2 * (total - first))
    assert rates[middle - 1] - rates[middle + 1] == pytest.approx(2 * slope, rel=1e-3)


def test_eq_standardization(rng):
    x = rng.standard_normal((50, 3)) * [1, 20, 0.01] + [0, -7, 5]
    means = [sum(column) / 50 for column in x.T]
    deviations = [(sum((value - means[i]) ** 2 for value in x[:, i]) / 50) ** 0.5 for i in range(3)]
    standardized = (x - x.mean(axis=0)) / x.std(axis=0)
    np.testing.assert_allclose(standardized, (x - means) / deviations, rtol=1e-9)
    np.testing.assert_allclose(standardized.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(standardized.std(axis=0), 1, rtol=1e-12)
    # back in the old units, as the text says
    np.testing.assert_allclose(standardized * deviations + means, x, rtol=1e-9)


def test_eq_slope_limit():
    exact = complex_step(np.sin, 1.0)
    quotients = [(np.sin(1 + h) - np.sin(1)) / h for h in (1e-1, 1e-2, 1e-3, 1e-4, 1e-5)]
    distances = np.abs(np.array(quotients) - exact)
    assert (np.diff(distances) < 0).all() and distances[-1] < 1e-5


def test_eq_forward_difference():
    """Its error is proportional to h, as the text says: h f''/2."""
    exact = complex_step(np.exp, 0.5)
    errors = [(np.exp(0.5 + h) - np.exp(0.5)) / h - exact for h in (1e-2, 1e-3)]
    assert errors[0] / errors[1] == pytest.approx(10, rel=0.01)
    assert errors[1] == pytest.approx(1e-3 * np.exp(0.5) / 2, rel=0.01)


def test_eq_central_difference():
    """Its error is proportional to h², as the text says: h² f'''/6."""
    exact = complex_step(np.exp, 0.5)
    errors = [numerical_diff(np.exp, 0.5, h=h) - exact for h in (1e-2, 1e-3)]
    assert errors[0] / errors[1] == pytest.approx(100, rel=0.01)
    assert errors[1] == pytest.approx(1e-6 * np.exp(0.5) / 6, rel=0.01)


def test_eq_partial_derivative(rng):
    w = rng.standard_normal(2)
    for i in range(2):
        moved = w.copy()
        moved[i] += 1e-6
        assert (bowl(moved) - bowl(w)) / 1e-6 == pytest.approx(slope(w)[i], abs=1e-5)


def test_eq_gradient_vector(rng):
    w = rng.standard_normal(2)
    partials = [w[0] / 10 + 0.3 * np.cos(w[0] + w[1]), 2 * w[1] + 0.3 * np.cos(w[0] + w[1])]
    np.testing.assert_allclose(numerical_gradient(bowl, w), partials, rtol=1e-7, atol=1e-9)


def test_eq_gradient_matrix(rng):
    """Row i and column j hold the slope by the weight from input i to unit j, moved on its own."""
    W, x, d = rng.standard_normal((2, 3)), rng.standard_normal(2), np.array([0.0, 1.0, 0.0])

    def loss(w11, w12, w13, w21, w22, w23):
        u = [x[0] * w11 + x[1] * w21, x[0] * w12 + x[1] * w22, x[0] * w13 + x[1] * w23]
        return np.log(sum(np.exp(v) for v in u)) - u[1]

    weights = W.ravel()
    slopes = [complex_step(lambda v, k=k: loss(*weights[:k], v, *weights[k + 1 :]), weights[k]) for k in range(6)]
    gradient = numerical_gradient(lambda W: functions.softmax_with_loss(d, x @ W), W)
    np.testing.assert_allclose(gradient, [slopes[:3], slopes[3:]], rtol=1e-6, atol=1e-9)


def test_eq_directional(rng):
    """The first-order change, and that no direction falls faster than against the gradient."""
    w, t = rng.standard_normal(2), 1e-6
    angles = np.linspace(0, 2 * np.pi, 721)
    directions = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    changes = np.array([bowl(w + t * v) - bowl(w) for v in directions])
    np.testing.assert_allclose(changes, t * directions @ slope(w), atol=1e-11)
    steepest = -slope(w) / np.linalg.norm(slope(w))
    assert np.dot(directions[changes.argmin()], steepest) == pytest.approx(1, abs=1e-4)
    assert np.dot(directions[changes.argmax()], steepest) == pytest.approx(-1, abs=1e-4)


def test_eq_gradient_descent():
    expected = [np.array([-7.0, 2.0])]
    for _ in range(5):
        w0, w1 = expected[-1]
        common = 0.3 * np.cos(w0 + w1)
        expected.append(np.array([w0 - 0.1 * (w0 / 10 + common), w1 - 0.1 * (2 * w1 + common)]))
    np.testing.assert_allclose(path_of(optimizers.SGD(0.1), [-7, 2], 5), expected, rtol=1e-12)
    assert bowl(expected[-1]) < bowl(expected[0])


@pytest.mark.parametrize(
    ("rate", "fate"),
    [
        (0.05, "approaches"),
        (0.25, "arrives"),
        (0.4, "crosses"),
        (0.5, "stays"),
        (0.55, "leaves"),
    ],
)
def test_eq_parabola_step(rate, fate):
    """Each row of the table below the equation, for a curvature of 4."""
    L, w = 4.0, [1.5]
    for _ in range(10):
        w.append(w[-1] - rate * complex_step(lambda v: L / 2 * v**2, w[-1]))
        assert w[-1] == pytest.approx((1 - rate * L) * w[-2], rel=1e-12, abs=1e-15)
    w = np.array(w)
    crossing, distance = (np.sign(w[1:]) == -np.sign(w[:-1])).all(), abs(w[-1]) - abs(w[0])
    found = {
        "approaches": not crossing and 0 < w[-1] < w[0],
        "arrives": abs(w[1]) < 1e-15,
        "crosses": crossing and distance < -0.1,
        "stays": crossing and abs(distance) < 1e-12,
        "leaves": crossing and distance > 0.1,
    }
    assert [name for name, is_so in found.items() if is_so] == [fate]


def test_eq_batch_gradient(rng):
    x, d, w = linear_data(rng)
    assert full_loss(w, x, d) == pytest.approx(sum(sample_loss(w, *pair) for pair in zip(x, d, strict=True)) / len(x))
    each = [complex_gradient(lambda w, n=n: sample_loss(w, x[n], d[n]), w) for n in range(len(x))]
    np.testing.assert_allclose(complex_gradient(lambda w: full_loss(w, x, d), w), np.mean(each, axis=0), rtol=1e-12)
    # the gradient of one datum that the text writes down
    np.testing.assert_allclose(each, [(x[n] @ w - d[n]) * x[n] for n in range(len(x))], rtol=1e-12)


def test_eq_sgd(rng):
    """Over a random datum, the update is on average that of the full gradient."""
    x, d, w = linear_data(rng)
    moved = [w - 0.1 * complex_gradient(lambda w, n=n: sample_loss(w, x[n], d[n]), w) for n in range(len(x))]
    full = w - 0.1 * complex_gradient(lambda w: full_loss(w, x, d), w)
    np.testing.assert_allclose(np.mean(moved, axis=0), full, rtol=1e-12)
    assert np.ptp(moved, axis=0).min() > 0.01


def test_eq_minibatch(rng):
    x, d, w = linear_data(rng)
    batch = rng.permutation(len(x))[:4]
    loss = sum(sample_loss(w, x[n], d[n]) for n in batch) / 4
    assert full_loss(w, x[batch], d[batch]) == pytest.approx(loss, rel=1e-12)
    gradient = sum((x[n] @ w - d[n]) * x[n] for n in batch) / 4
    np.testing.assert_allclose(numerical_gradient(lambda w: full_loss(w, x[batch], d[batch]), w), gradient, atol=1e-8)
    # the update, batch after batch, with the bias as the weight of an input that is always 1
    network = Network([3, 1], output="identity", rng=rng)
    w = np.append(network.parameters["W1"][:, 0], network.parameters["b1"])
    with_one = np.column_stack([x, np.ones(len(x))])
    for part in np.arange(12).reshape(3, 4):
        w = w - 0.1 * sum((with_one[n] @ w - d[n]) * with_one[n] for n in part) / 4
    train(network, x, d[:, np.newaxis], optimizers.SGD(0.1), epochs=1, batch_size=4, shuffle=False, progress=False)
    np.testing.assert_allclose(np.append(network.parameters["W1"], network.parameters["b1"]), w, rtol=1e-10)


def test_eq_batch_means(rng):
    x, d, w = linear_data(rng)
    order = rng.permutation(len(x))
    means = [full_loss(w, x[part], d[part]) for part in order.reshape(3, 4)]
    assert np.mean(means) == pytest.approx(full_loss(w, x, d), rel=1e-12)
    # with a smaller last batch only the weighted mean agrees
    parts = [order[:5], order[5:10], order[10:]]
    means = [full_loss(w, x[part], d[part]) for part in parts]
    assert np.average(means, weights=[5, 5, 2]) == pytest.approx(full_loss(w, x, d), rel=1e-12)
    assert abs(np.mean(means) - full_loss(w, x, d)) > 1e-3


def test_eq_momentum():
    """v is the last move; under a constant gradient it grows to 1/(1 - mu) times the plain step."""
    path = path_of(optimizers.Momentum(0.1, 0.9), [-7, 2], 20)
    moves = np.diff(path, axis=0)
    for t in range(1, 20):
        np.testing.assert_allclose(moves[t], 0.9 * moves[t - 1] - 0.1 * slope(path[t]), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(moves[0], -0.1 * slope(path[0]), rtol=1e-12)
    w, momentum = {"w": np.zeros(1)}, optimizers.Momentum(0.1, 0.9)
    for _ in range(300):
        momentum.update(w, {"w": np.ones(1)})
    assert momentum.state["w"]["velocity"][0] == pytest.approx(-0.1 * 10, rel=1e-9)


def factors(curvatures, optimizer, steps=400):
    """How much closer to the bottom of a parabolic valley an update brings, on average, late in the descent."""
    w, distances = np.ones(len(curvatures)), []
    for _ in range(steps):
        optimizer.update({"w": w}, {"w": curvatures * w})
        distances.append(np.linalg.norm(w))
    return (distances[-1] / distances[steps // 2 - 1]) ** (2 / steps)


def test_eq_condition_number():
    """A valley turned by any angle, and made steeper, is as narrow as before."""
    for angle in (0.3, 1.0):
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        hessian = 7 * turn @ np.diag([0.1, 2.0]) @ turn.T
        assert np.linalg.cond(hessian) == pytest.approx(2 / 0.1, rel=1e-10)


@pytest.mark.parametrize("curvatures", [np.array([0.1, 2.0]), np.array([1.0, 4.0, 9.0])])
def test_eq_best_rate(curvatures):
    low, high = curvatures.min(), curvatures.max()
    rate, number = 2 / (high + low), high / low
    best = (number - 1) / (number + 1)
    assert 1 - rate * low == pytest.approx(best) and rate * high - 1 == pytest.approx(best)
    assert factors(curvatures, optimizers.SGD(rate)) == pytest.approx(best, rel=1e-6)
    for other in (0.95, 1.02):
        assert factors(curvatures, optimizers.SGD(other * rate)) > best * 1.001


@pytest.mark.parametrize("curvatures", [np.array([0.1, 2.0]), np.array([1.0, 4.0, 9.0])])
def test_eq_best_momentum(curvatures):
    roots = np.sqrt([curvatures.min(), curvatures.max()])
    rate, number = 4 / roots.sum() ** 2, curvatures.max() / curvatures.min()
    best = (np.sqrt(number) - 1) / (np.sqrt(number) + 1)
    found = factors(curvatures, optimizers.Momentum(rate, best**2), steps=200)
    assert found == pytest.approx(best, rel=0.02), "but for a factor that grows as slowly as the number of updates"
    for times, mu in ((0.9, best**2), (1.1, best**2), (1, best**2 - 0.1), (1, best**2 + 0.1)):
        assert factors(curvatures, optimizers.Momentum(times * rate, mu), steps=200) > found * 1.01


def test_eq_nesterov():
    """The package moves the place that the text's form looks ahead to, w + mu v."""
    w, v, ahead = np.array([-7.0, 2.0]), np.zeros(2), []
    for _ in range(21):
        ahead.append(w + 0.9 * v)
        v = 0.9 * v - 0.1 * slope(w + 0.9 * v)
        w = w + v
    np.testing.assert_allclose(path_of(optimizers.Nesterov(0.1, 0.9), [-7, 2], 20), ahead, rtol=1e-9)


def follow(rule, steps=20):
    """Places of a rule(gradients so far, moves so far) that gives the next move, one coordinate at a time."""
    path, gradients, moves = [np.array([-7.0, 2.0])], [], []
    for _ in range(steps):
        gradients.append(slope(path[-1]))
        moves.append(np.array([rule([g[i] for g in gradients], [move[i] for move in moves]) for i in range(2)]))
        path.append(path[-1] + moves[-1])
    return path


def average(values, decay):
    """An exponential moving average that starts at 0, as the weighted sum that it is."""
    return sum((1 - decay) * decay ** (len(values) - 1 - k) * values[k] for k in range(len(values)))


def test_eq_adagrad():
    path = follow(lambda g, moves: -1.5 * g[-1] / (sum(v**2 for v in g) ** 0.5 + 1e-10))
    np.testing.assert_allclose(path_of(optimizers.AdaGrad(1.5), [-7, 2], 20), path, rtol=1e-9)


def test_eq_rmsprop():
    path = follow(lambda g, moves: -0.3 * g[-1] / (average([v**2 for v in g], 0.9) ** 0.5 + 1e-8))
    np.testing.assert_allclose(path_of(optimizers.RMSProp(0.3, decay_rate=0.9), [-7, 2], 20), path, rtol=1e-9)


def test_eq_adadelta():
    def rule(g, moves):
        h, s = average([v**2 for v in g], 0.9), average([v**2 for v in moves], 0.9)
        return -((s + 1e-6) ** 0.5) / (h + 1e-6) ** 0.5 * g[-1]

    np.testing.assert_allclose(path_of(optimizers.AdaDelta(), [-7, 2], 20), follow(rule), rtol=1e-9)


def test_eq_adam_moments(rng):
    gradients = rng.standard_normal((8, 3))
    adam, parameters = optimizers.Adam(0.01), {"w": np.zeros(3)}
    for g in gradients:
        adam.update(parameters, {"w": g})
    np.testing.assert_allclose(adam.state["w"]["mean"], average(gradients, 0.9), rtol=1e-12)
    np.testing.assert_allclose(adam.state["w"]["squares"], average(gradients**2, 0.999), rtol=1e-12)


def test_eq_adam():
    def rule(g, moves):
        t = len(g)
        mean = average(g, 0.9) / sum(0.1 * 0.9**k for k in range(t))
        square = average([v**2 for v in g], 0.999) / sum(0.001 * 0.999**k for k in range(t))
        return -0.3 * mean / (square**0.5 + 1e-8)

    np.testing.assert_allclose(path_of(optimizers.Adam(0.3), [-7, 2], 20), follow(rule), rtol=1e-9)


def test_eq_adamw():
    """Adam's move, and λw, which no gradient divides."""

    def moved(w, g):
        t = len(g)
        mean = average(g, 0.9) / sum(0.1 * 0.9**k for k in range(t))
        square = average([v**2 for v in g], 0.999) / sum(0.001 * 0.999**k for k in range(t))
        return w - 0.3 * (mean / (square**0.5 + 1e-8) + 0.2 * w)

    path, gradients = [np.array([-7.0, 2.0])], []
    for _ in range(20):
        gradients.append(slope(path[-1]))
        path.append(np.array([moved(path[-1][i], [g[i] for g in gradients]) for i in range(2)]))
    np.testing.assert_allclose(path_of(optimizers.AdamW(0.3, weight_decay=0.2), [-7, 2], 20), path, rtol=1e-9)
