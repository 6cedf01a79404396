"""Adam's move of weights that lie side by side, and the sum of two gradients: kernels.

The numbers are torch's, bit for bit where the processor has fused multiply-add: operations are
fused where its fused Adam has them so. For small networks most of the time was that between torch's
operations.
"""

import math

import numpy as np
from numba import from_dtype, types

from ..compiling import compiled, part


def moving(weight, grad, mean, square, count):
    """Call that moves weights along their gradients; these are 0 after it.

    Parameters
    ----------
    weight, grad, mean, square : tensor of shape (n,)
        Weights, gradients, and the running means of these and of their squares; on the CPU, and in
        the same memory at every call.
    count : tensor of shape ()
        Steps so far.

    Returns
    -------
    callable
        ``move(lr, weight_decay, beta1, beta2, eps)``.
    """
    *arrays, steps = (tensor.numpy() for tensor in (weight, grad, mean, square, count))
    code = compiled(move, move_types(arrays[0].dtype))

    def moved(lr, weight_decay, beta1, beta2, eps):
        steps[...] += 1
        count = int(steps)
        root, length = math.sqrt(1 - beta2**count), lr / (1 - beta1**count)
        code(*arrays, (weight_decay, 1 - beta1, beta2, 1 - beta2, root, eps, length))

    return moved


def move_types(dtype):
    """Signature of `move` for numbers of this type."""
    return types.void(*[from_dtype(dtype)[::1]] * 4, types.UniTuple(types.float64, 7))


def sum_types(dtype):
    """Signature of `add_up` for numbers of this type."""
    return types.float64(*[from_dtype(dtype)[::1]] * 2)


def move(weight, grad, mean, square, rates):
    """Move weights; the rates are those of `moving`, in the order in which `_move` has them."""
    real = weight.dtype.type
    decay, taken, kept, added, root, least, length = rates
    numbers = (real(decay), real(taken), real(taken) - real(1), real(kept), real(added))
    _move(weight, grad, mean, square, numbers, (real(root), real(least), real(-length)))


@part(fused=True)
def _move(weight, grad, mean, square, decays, lengths):
    decay, taken, left, kept, added = decays
    root, least, length = lengths
    close = taken < 0.5  # which end a mean is counted from
    for i in range(len(weight)):
        g = grad[i] + weight[i] * decay
        if close:
            m = mean[i] + taken * (g - mean[i])
        else:
            m = g + left * (g - mean[i])
        s = _product(square[i], kept) + _product(added, g) * g
        weight[i] += _product(length, m) / (np.sqrt(s) / root + least)
        mean[i], square[i], grad[i] = m, s, 0


@part()
def _product(a, b):
    """Rounded before anything is added."""
    return a * b


def add_up(grad, other):
    """Add another gradient to the first; returns the sum of its squares."""
    return _add_up(grad, other)


@part(relaxed=True)
def _add_up(grad, other):
    total = grad.dtype.type(0)
    for i in range(len(grad)):
        grad[i] += other[i]
        total += grad[i] * grad[i]
    return total
