"""Random arguments that the checks of several chapters draw."""


def normal(rng, *shape):
    return rng.standard_normal(shape)


def layer(rng, *x_shape, units=3):
    """Arguments x, W, b of one layer; `units=None` is a single unit with W (D,) and a scalar b."""
    inputs = x_shape[-1]
    if units is None:
        return normal(rng, *x_shape), normal(rng, inputs), float(normal(rng))
    return normal(rng, *x_shape), normal(rng, inputs, units), normal(rng, units)


def random_network(rng, *sizes):
    """Every parameter random, the biases too: a forgotten bias must not go unnoticed."""
    network = {}
    for number, (inputs, units) in enumerate(zip(sizes, sizes[1:], strict=False), start=1):
        network[f"W{number}"] = normal(rng, inputs, units)
        network[f"b{number}"] = normal(rng, units)
    return network
