"""Write golden.npz, the correctly rounded values behind tests/test_accuracy.py: `python tests/data/make_golden.py`.

Needs mpmath, which the tests do not. Every value is computed with 60 digits and rounded once.
"""

from pathlib import Path

import mpmath
import numpy as np

mpmath.mp.dps = 60
SEED = 20261121


def sigmoid(x):
    return 1 / (1 + mpmath.exp(-x))


def d_sigmoid(x):
    return mpmath.exp(-abs(x)) / (1 + mpmath.exp(-abs(x))) ** 2


def d_tanh(x):
    return 1 / mpmath.cosh(x) ** 2


def softplus(x):
    return max(x, 0) + mpmath.log1p(mpmath.exp(-abs(x)))


def silu(x):
    return x * sigmoid(x)


def d_silu(x):
    return sigmoid(x) * (1 + x * sigmoid(-x))


def gelu(x):
    return x * normal_probability(x)


def d_gelu(x):
    return normal_probability(x) + x * mpmath.npdf(x)


def normal_probability(x):
    """Beyond 1000 it rounds to 0 or 1 in every dtype, and mpmath's own stops at very large numbers."""
    return mpmath.ncdf(x) if abs(x) < 1000 else mpmath.mpf(x > 0)


FUNCTIONS = {
    "sigmoid": sigmoid,
    "d_sigmoid": d_sigmoid,
    "tanh": mpmath.tanh,
    "d_tanh": d_tanh,
    "softplus": softplus,
    "silu": silu,
    "d_silu": d_silu,
    "gelu": gelu,
    "d_gelu": d_gelu,
}


def inputs(dtype, rng):
    """Every size of number, the range where the functions bend, and the places where formulas break."""
    info = np.finfo(dtype)
    sizes = 2.0 ** rng.uniform(np.log2(float(info.smallest_subnormal)), 17, 500)
    bend = rng.uniform(-45, 45, 500)
    tails = rng.uniform(-760, 760, 300) if dtype == np.float64 else rng.uniform(-110, 110, 300)
    edges = [0.0, 1.0, 36.7, 37.0, 354.0, 355.0, 709.7, 709.8, 745.1, 1e30]
    edges += [float(info.tiny), float(info.eps), float(info.max)]
    x = np.concatenate([sizes, -sizes, bend, tails, edges, np.negative(edges)]).astype(dtype)
    return x[np.isfinite(x)]


def log_softmax(row):
    top = max(row)
    return [mpmath.mpf(v) - top - mpmath.log(mpmath.fsum(mpmath.exp(mpmath.mpf(w) - top) for w in row)) for v in row]


def main():
    rng = np.random.default_rng(SEED)
    golden = {}
    for dtype in (np.float64, np.float32):
        x = inputs(dtype, rng)
        golden[f"x_{dtype.__name__}"] = x
        for name, function in FUNCTIONS.items():
            golden[f"{name}_{dtype.__name__}"] = np.array([float(function(mpmath.mpf(float(v)))) for v in x])
    spread = [rng.normal(0, scale, (40, 10)) for scale in (1, 10, 100)]
    dominant = rng.normal(0, 1, (80, 10))
    dominant[:, 3] += rng.uniform(0, 100, 80)
    rows = np.concatenate([*spread, dominant, dominant + 1e4])
    golden["logits"] = rows
    golden["log_softmax"] = np.array([[float(v) for v in log_softmax(row)] for row in rows])
    np.savez_compressed(Path(__file__).parent / "golden.npz", **golden)


if __name__ == "__main__":
    main()
