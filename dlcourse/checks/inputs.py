"""Random arguments that the checks of several chapters draw."""

from collections.abc import Callable
from typing import Any

import numpy as np

from dlcourse.functions import Array

Generator = np.random.Generator
Arguments = tuple[Any, ...]
Draw = Callable[[Generator], Arguments]


def normal(rng: Generator, *shape: int) -> Array:
    return rng.standard_normal(shape)


def whole_numbers(rng: Generator, *shape: int) -> Array:
    """Whole numbers up to 1000 on both sides of 0: to cut them off shows, and their sums are exact in any order."""
    return rng.integers(-1000, 1001, shape).astype(np.float64)


def layer_arguments(rng: Generator, *x_shape: int, units: int | None = 3) -> Arguments:
    """Arguments x, W, b of one layer; `units=None` is a single unit with W (D,) and a scalar b."""
    inputs = x_shape[-1]
    if units is None:
        return normal(rng, *x_shape), normal(rng, inputs), float(normal(rng))
    return normal(rng, *x_shape), normal(rng, inputs, units), normal(rng, units)


def random_network(rng: Generator, *sizes: int, draw: Callable[..., Array] = normal) -> dict[str, Array]:
    """Every parameter random, the biases too: a forgotten bias must not go unnoticed."""
    network: dict[str, Array] = {}
    for number, (inputs, units) in enumerate(zip(sizes, sizes[1:], strict=False), start=1):
        network[f"W{number}"] = draw(rng, inputs, units)
        network[f"b{number}"] = draw(rng, units)
    return network
