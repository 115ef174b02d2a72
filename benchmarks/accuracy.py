"""Distance from the exact values, beside NumPy one-liners, SciPy and PyTorch: `make benchmark`.

The exact values are tests/data/golden.npz (60 digits, rounded once). Sigmoid and its kin: the largest error in
units in the last place over 1 826 inputs from the smallest to the largest number. Cross entropy: the largest
relative error over 280 rows, in three groups, because what goes wrong there is the cancellation of digits.
"""

import numpy as np

from benchmarks.peers import peer
from dlcourse import functions
from tests.helpers.oracles import GOLDEN, ulps

special, torch = peer("scipy.special"), peer("torch")

ONE_LINERS = {
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "d_sigmoid": lambda x: (1 - 1 / (1 + np.exp(-x))) * (1 / (1 + np.exp(-x))),
    "tanh": lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)),
    "d_tanh": lambda x: 1 - np.tanh(x) ** 2,
    "softplus": lambda x: np.log(1 + np.exp(x)),
}


def with_torch(function):
    return lambda x: function(torch.from_numpy(x)).numpy()


def slope_by_torch(function):
    def slope(x):
        x = torch.from_numpy(x).requires_grad_()
        function(x).sum().backward()
        return x.grad.numpy()

    return slope


def elementwise():
    columns = {"dlcourse": {name: getattr(functions, name) for name in ONE_LINERS}, "定義どおり": ONE_LINERS}
    if special:
        columns["SciPy"] = {"sigmoid": special.expit, "softplus": lambda x: -special.log_expit(-x)}
    if torch:
        softplus = torch.nn.functional.softplus
        columns["PyTorch"] = {
            "sigmoid": with_torch(torch.sigmoid),
            "d_sigmoid": slope_by_torch(torch.sigmoid),
            "tanh": with_torch(torch.tanh),
            "d_tanh": slope_by_torch(torch.tanh),
            "softplus": with_torch(softplus),
        }
    return columns


def relative(result, exact):
    return np.abs((result - exact) / exact).max()


def log_softmaxes():
    def by_definition(u):
        return np.log(np.exp(u) / np.exp(u).sum(axis=-1, keepdims=True))

    rows = {"dlcourse": functions.log_softmax, "定義どおり": by_definition}
    if special:
        rows["SciPy"] = lambda u: special.log_softmax(u, axis=-1)
    if torch:
        rows["PyTorch"] = with_torch(lambda u: torch.log_softmax(u, dim=-1))
    return rows


def main():
    print("\n最大の誤差(ULP。0.5 が理想)/ largest error in units in the last place")
    for dtype in ("float64", "float32"):
        for name in ONE_LINERS:
            cells = []
            for column, by_name in elementwise().items():
                if name in by_name:
                    with np.errstate(all="ignore"):
                        error = ulps(by_name[name](GOLDEN[f"x_{dtype}"]), GOLDEN[f"{name}_{dtype}"], dtype)
                    bad = ~np.isfinite(error)
                    shown = f"{bad.sum()} 個が nan・inf" if bad.any() else f"{error.max():.3g}"
                    cells.append(f"{column} {shown}")
            print(f"  {name} {dtype}: {'  |  '.join(cells)}")

    print("\n交差エントロピー -log softmax(u) の、最大の相対誤差 / largest relative error of the cross entropy")
    logits, exact = GOLDEN["logits"], GOLDEN["log_softmax"]
    rows = np.arange(len(logits))
    groups = {
        "ふつうの値": (slice(0, 120), None),
        "正解が飛び抜けて大きい": (slice(120, 200), 3),
        "同じで、全体に 10000 を足す": (slice(200, 280), 3),
    }
    for title, (part, label) in groups.items():
        labels = rows % 10 if label is None else np.full(len(rows), label)
        truth = exact[rows, labels][part]
        cells = []
        for column, function in log_softmaxes().items():
            with np.errstate(all="ignore"):
                error = relative(function(logits)[rows, labels][part], truth)
            cells.append(f"{column} {error:.1e}" if np.isfinite(error) else f"{column} nan・inf")
        print(f"  {title}: {'  |  '.join(cells)}")


if __name__ == "__main__":
    main()
