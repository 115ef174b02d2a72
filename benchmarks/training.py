"""Time the course's own jobs against peers: `make benchmark`.

Every repetition runs all variants in random order, each on a fresh network, and compares CPU times within the
repetition; the table shows the median of those ratios. One BLAS thread. Peers that are not installed are left
out, with a line that says so. "BLAS" is the time of the job's matrix products alone: the floor for any code
that calls the same library. A second table shows where the time of one update goes.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("MKL_NUM_THREADS", "1")

import argparse
import importlib
import math
import random
import statistics
import time
import timeit
import warnings

import numpy as np

from benchmarks.peers import peer
from dlcourse import datasets, functions
from dlcourse.gradient import numerical_gradient
from dlcourse.network import Network, forward
from dlcourse.optimizers import SGD, Adam
from dlcourse.training import train

OURS = "dlcourse"


torch, sklearn, scipy = peer("torch"), peer("sklearn.neural_network"), peer("scipy.optimize")
if torch:
    torch.set_num_threads(1)


def ours(sizes, x, d, optimizer, epochs, batch_size, output="softmax", dtype=np.float64):
    def job():
        network = Network(sizes, output=output, rng=0, dtype=dtype)
        train(network, x, d, optimizer(), epochs=epochs, batch_size=batch_size, rng=0, progress=False)

    return job


def in_torch(sizes, x, d, optimizer, epochs, batch_size, output="softmax", dtype=np.float64):
    nn = torch.nn
    x, d = torch.from_numpy(x), torch.from_numpy(d)

    def job():
        torch.manual_seed(0)
        layers = []
        for inputs, units in zip(sizes, sizes[1:], strict=False):
            layers += [nn.Linear(inputs, units, dtype=torch.from_numpy(np.zeros(1, dtype)).dtype), nn.ReLU()]
        model = nn.Sequential(*layers[:-1])
        loss_of = nn.CrossEntropyLoss() if output == "softmax" else nn.MSELoss()
        step = optimizer(model.parameters())
        for _ in range(epochs):
            order = torch.randperm(len(x))
            for start in range(0, len(x), batch_size):
                batch = order[start : start + batch_size]
                loss = loss_of(model(x[batch]), d[batch])
                step.zero_grad()
                loss.backward()
                step.step()
                loss.item()

    return job


def in_sklearn(sizes, x, d, solver, learning_rate, epochs, batch_size, output="softmax"):
    kind = sklearn.MLPClassifier if output == "softmax" else sklearn.MLPRegressor
    target = d if output == "softmax" else d.ravel()

    def job():
        model = kind(
            hidden_layer_sizes=sizes[1:-1],
            solver=solver,
            learning_rate_init=learning_rate,
            momentum=0,
            alpha=0,
            max_iter=epochs,
            batch_size=batch_size,
            tol=0,
            n_iter_no_change=10**9,
            random_state=0,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(x, target)

    return job


def as_in_the_notes(x, d):
    """The loop of note 003 with the right derivative: dictionaries, one-dimensional arrays, no checks."""

    def job():
        rng = np.random.default_rng(0)
        network = {
            "W1": rng.standard_normal((2, 10)),
            "W2": rng.standard_normal(10),
            "b1": rng.standard_normal(10),
            "b2": rng.standard_normal(),
        }
        losses = []
        for n in rng.permutation(len(x)):
            xn, dn = x[n], d[n, 0]
            u1 = np.dot(xn, network["W1"]) + network["b1"]
            z1 = np.maximum(0, u1)
            y = np.dot(z1, network["W2"]) + network["b2"]
            delta2 = y - dn
            gradient = {"b2": np.sum(delta2, axis=0), "W2": np.dot(z1.T, delta2)}
            delta1 = np.dot(delta2, network["W2"].T) * np.where(z1 > 0, 1, 0)
            delta1 = delta1[np.newaxis, :]
            gradient["b1"] = np.sum(delta1, axis=0)
            gradient["W1"] = np.dot(xn[np.newaxis, :].T, delta1)
            for key in ("W1", "W2", "b1", "b2"):
                network[key] = network[key] - 0.07 * gradient[key]
            losses.append(np.mean(np.square(dn - y)) / 2)

    return job


def online():
    x, d = datasets.plane(1000, rng=0)
    variants = {OURS: ours([2, 10, 1], x, d, lambda: SGD(0.07), 1, 1, "identity"), "notes": as_in_the_notes(x, d)}
    if torch:
        variants["torch"] = in_torch([2, 10, 1], x, d, lambda p: torch.optim.SGD(p, lr=0.07), 1, 1, "identity")
    if sklearn:
        variants["sklearn"] = in_sklearn([2, 10, 1], x, d, "sgd", 0.07, 1, 1, "identity")
    return variants


def products_only(sizes, x, epochs, batch_size):
    """The matrix products of the job and nothing else: forward, weight gradients, all but the first input gradient."""
    rng = np.random.default_rng(0)
    layers = list(zip(sizes, sizes[1:], strict=False))
    inputs = [rng.standard_normal((batch_size, before)).astype(x.dtype) for before, _ in layers]
    weights = [rng.standard_normal(layer).astype(x.dtype) for layer in layers]
    deltas = [rng.standard_normal((batch_size, after)).astype(x.dtype) for _, after in layers]

    def job():
        for _ in range(epochs * math.ceil(len(x) / batch_size)):
            for z, W, delta in zip(inputs, weights, deltas, strict=True):
                z.dot(W)
                z.T.dot(delta)
                if z is not inputs[0]:
                    delta.dot(W.T)

    return job


def classify(sizes, x, d, adam, epochs, dtype=np.float64):
    x = x.astype(dtype)
    optimizer = (lambda: Adam(0.001)) if adam else (lambda: SGD(0.1))
    variants = {
        OURS: ours(sizes, x, d, optimizer, epochs, 100, dtype=dtype),
        "BLAS": products_only(sizes, x, epochs, 100),
    }
    if torch:
        make = (lambda p: torch.optim.Adam(p, lr=0.001)) if adam else (lambda p: torch.optim.SGD(p, lr=0.1))
        variants["torch"] = in_torch(sizes, x, d, make, epochs, 100, dtype=dtype)
    if sklearn:
        solver, rate = ("adam", 0.001) if adam else ("sgd", 0.1)
        variants["sklearn"] = in_sklearn(sizes, x, d, solver, rate, epochs, 100)
    return variants


def numerical():
    rng = np.random.default_rng(0)
    shapes = {"W1": (24, 30), "b1": (30,), "W2": (30, 10), "b2": (10,)}
    x, d = rng.standard_normal((10, 24)), rng.integers(10, size=10)
    theta = rng.standard_normal(sum(int(np.prod(shape)) for shape in shapes.values()))

    def loss(theta):
        network, start = {}, 0
        for name, shape in shapes.items():
            size = int(np.prod(shape))
            network[name] = theta[start : start + size].reshape(shape)
            start += size
        return functions.softmax_with_loss(d, forward(network, x, hidden=functions.sigmoid)["y"])

    variants = {OURS: lambda: numerical_gradient(loss, theta.copy())}
    if scipy:
        numdiff = importlib.import_module("scipy.optimize._numdiff")
        variants["scipy"] = lambda: numdiff.approx_derivative(loss, theta.copy(), method="3-point")
    return variants


def jobs():
    x, d = datasets.digits()
    rng = np.random.default_rng(0)
    large, labels = rng.standard_normal((60000, 784)), rng.integers(10, size=60000)
    yield "オンライン学習 2-10-1(ノート003)", online()
    yield "数字 64-50-10 SGD", classify([64, 50, 10], x, d, False, 20)
    yield "数字 64-50-10 Adam", classify([64, 50, 10], x, d, True, 20)
    for dtype in (np.float32, np.float64):
        for adam in (False, True):
            title = f"784-100-10 {dtype.__name__} {'Adam' if adam else 'SGD'}"
            yield title, classify([784, 100, 10], large, labels, adam, 1, dtype)
    yield "数値微分 1060 パラメータ", numerical()


def measure(variants, repetitions):
    """Seconds of CPU time: variant → one number per repetition."""
    seconds = {name: [] for name in variants}
    for job in variants.values():
        job()  # the first call pays for imports and caches
    for _ in range(repetitions):
        for name in random.sample(list(variants), len(variants)):
            start = time.process_time()
            variants[name]()
            seconds[name].append(time.process_time() - start)
    return seconds


def where_time_goes(sizes, x, d, optimizer, batch_size):
    """Microseconds of each part of one update, called alone: part → median."""
    network = Network(sizes, rng=0, dtype=x.dtype)
    order = np.random.default_rng(0).permutation(len(x))[:batch_size]
    batch, labels = x.take(order, axis=0), d.take(order)
    gradients = network.gradient(batch, labels)
    optimizer.update(network.parameters, gradients)
    u = network.forward(batch)
    copies = [parameter.copy() for parameter in network.parameters.values()]

    def keep():
        for copy, parameter in zip(copies, network.parameters.values(), strict=True):
            copy[...] = parameter

    parts = {
        "データを取り出す": lambda: x.take(order, axis=0),
        "順伝播": lambda: network.forward(batch),
        "出力と誤差": lambda: network.output.forward(u, labels),
        "1回分の誤差と勾配(逆伝播まで)": lambda: network.loss_and_gradient(batch, labels),
        "パラメータの写し": keep,
        "更新": lambda: optimizer.update(network.parameters, gradients),
        "BLAS だけ": products_only(sizes, batch, 1, batch_size),
    }
    return {
        name: statistics.median(timeit.repeat(part, number=20, repeat=15)) / 20 * 1e6 for name, part in parts.items()
    }


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--repetitions", type=int, default=7)
    repetitions = options.parse_args().repetitions
    random.seed(0)
    print("\ndlcourse の時間 ÷ 相手の時間(中央値。1 より小さいほど速い) / time of dlcourse over that of the peer")
    for title, variants in jobs():
        seconds = measure(variants, repetitions)
        ours_ms = 1000 * statistics.median(seconds[OURS])
        ratios = {
            name: statistics.median(a / b for a, b in zip(seconds[OURS], times, strict=True))
            for name, times in seconds.items()
            if name != OURS
        }
        shown = "  ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items())
        print(f"  {title}: {ours_ms:.1f} ms  |  {shown}", flush=True)

    print("\n1回の更新のどこに時間がかかるか(マイクロ秒)/ microseconds of each part of one update")
    rng = np.random.default_rng(0)
    x, d = datasets.digits()
    large, labels = rng.standard_normal((2000, 784)), rng.integers(10, size=2000)
    for title, sizes, data, targets, optimizer in (
        ("数字 64-50-10 SGD", [64, 50, 10], x, d, SGD(0.1)),
        ("数字 64-50-10 Adam", [64, 50, 10], x, d, Adam()),
        ("784-100-10 float32 SGD", [784, 100, 10], large.astype(np.float32), labels, SGD(0.1)),
        ("784-100-10 float64 Adam", [784, 100, 10], large, labels, Adam()),
    ):
        parts = where_time_goes(sizes, data, targets, optimizer, 100)
        print(f"  {title}: {'  |  '.join(f'{name} {value:.0f}' for name, value in parts.items())}")


if __name__ == "__main__":
    main()
