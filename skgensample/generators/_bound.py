"""Negative evidence lower bound of encoded rows, and its gradient by all weights: one kernel.

Plain autograd gives the same numbers (tests/generators/test_bound.py). Layers of a hundred units on
some hundred rows are so little work that torch's operations spend half of their time between each
other; here nothing lies between the products, and two threads do not wait for the interpreter. A
code is a row of a table on the way in, and a softmax over its span on the way out: nothing is
expanded to one-hot columns.

Weights lie in one array, `Places` say where; ``np.dot`` is the BLAS that SciPy comes with.
"""

import math
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numba import from_dtype, types

from ..compiling import part
from ._exponential import exp

#: Entries of `Places.layers`: where weight, bias and table begin; outputs, inputs, rows of the
#: table; and where a row's input and output begin in the workspace, in numbers a row.
WEIGHT, BIAS, TABLE, N_OUT, N_IN, N_TABLE, INPUT, OUTPUT = range(8)

#: Rows that go through the networks at a time. A sum over so few is one block of every BLAS: its
#: last digits do not depend on the threads that BLAS may have.
AT_ONCE = 272


@dataclass(frozen=True)
class Places:
    """Where layers find their weights, and their rows in the workspace.

    Parameters
    ----------
    layers : ndarray of shape (n_layers, 8)
        Those of the recognition network, then the decoder's.
    plan : tuple of int
        Layers of the recognition network; where the latent variables' noise begins in the
        workspace, and where a place for gradients does, in numbers a row.
    width : int
        Where a row's part of the workspace ends.
    largest : int
        Numbers of the largest weight, for which there is a place after the rows.
    """

    layers: np.ndarray
    plan: tuple
    width: int
    largest: int

    @classmethod
    def of(cls, read, written):
        """Places of two networks.

        Parameters
        ----------
        read, written : sequence of tuple
            ``(weight, bias, table, n_out, n_in, n_table)`` of each layer.
        """
        layers, at = [], 0
        latent = read[-1][N_OUT] // 2
        for number, layer in enumerate(chain(read, written)):
            if number == len(read):
                before, at = at, at + latent
            layers.append((*layer, before if number else 0, at))
            before, at = at, at + layer[N_OUT]
        scratch = at + latent
        width = scratch + max(layer[N_IN] for layer in layers)
        largest = max(layer[N_OUT] * layer[N_IN] for layer in layers)
        return cls(np.array(layers, dtype=np.int64), (len(read), at, scratch), width, largest)

    def size(self, n):
        """Numbers in the workspace for `n` rows."""
        return min(n, AT_ONCE) * self.width + self.largest


def bound_types(dtype):
    """Signature of `bound` for numbers of this type."""
    real = from_dtype(dtype)
    flat, rows, table = real[::1], real[:, ::1], types.int64[:, ::1]
    return types.void(
        types.UniTuple(flat, 2),
        types.UniTuple(types.Tuple((flat, rows)), 2),
        flat,
        types.Tuple((rows, table, table, rows)),
        types.Tuple((table, types.UniTuple(types.int64, 3))),
        table,
        types.UniTuple(types.float64, 2),
        flat,
        types.float64[::1],
    )


def bound(weights, scales, own, batch, places, ends, constants, work, losses):
    """Write the bound's two parts, and its gradients, for the rows of a part of a batch.

    weights : all weights, and what their gradients are written to; scales : the same of the
    deviations, ``(common, own of each condition)``; own : which conditions have their own;
    batch : scalars, codes, conditions, noise; places : `layers` and `plan` of `Places`;
    ends : first column of each span, and the one after its last, of shape (2, spans);
    constants : share of a row, least logarithm of a deviation; losses : (reconstruction,
    divergence).
    """
    n = len(batch[0])
    losses[0] = losses[1] = 0.0
    times = max(1, -(-n // AT_ONCE))
    for k in range(times):
        start, stop = k * n // times, (k + 1) * n // times
        rows = (
            batch[0][start:stop], batch[1][start:stop], batch[2][start:stop], batch[3][start:stop]
        )  # fmt: skip
        _block(weights, scales, own, rows, places, ends, constants, k > 0, work, losses)


@part()
def _block(weights, scales, own, batch, places, ends, constants, more, work, losses):
    """As `bound`, for few rows, and adding to what is there if these are `more`."""
    scalars, codes, condition, _ = batch
    layers, plan = places
    share, least = work.dtype.type(constants[0]), work.dtype.type(constants[1])
    active = _active(codes, condition, ends, scalars.shape[1])
    losses[1] += _forward(weights[0], batch, active, layers, plan, share, work)
    out = _rows(work, layers[-1, OUTPUT], len(scalars), layers[-1, N_OUT])
    loss = _fit_scalars(out, scalars, condition, scales, own, share, least, more)
    if codes.shape[1]:
        loss += _fit_codes(out, codes, ends, share)
    losses[0] += share * loss
    _backward(weights, batch, active, layers, plan, share, more, work)


@part()
def _rows(work, place, n, width):
    """Part of the workspace: a matrix of as many rows as the batch has."""
    return work[place * n : (place + width) * n].reshape(n, width)


@part()
def _matrix(flat, place, n, width):
    """A matrix among weights that lie side by side."""
    return flat[place : place + n * width].reshape(n, width)


@part()
def _clear(numbers):
    for i in range(len(numbers)):
        numbers[i] = 0


@part()
def _active(codes, condition, ends, n_scalars):
    """Rows of the first table that a row of codes and conditions adds up."""
    n, n_codes = codes.shape
    found = np.empty((n, n_codes + condition.shape[1]), np.int64)
    beyond = (ends[1, -1] if n_codes else n_scalars) - n_scalars
    for i in range(n):
        for s in range(n_codes):
            found[i, s] = ends[0, s] - n_scalars + codes[i, s]
        for s in range(condition.shape[1]):
            found[i, n_codes + s] = beyond + condition[i, s]
    return found


@part(relaxed=True)
def _forward(w, batch, active, layers, plan, share, work):
    """Outputs of all layers; returns the divergence."""
    scalars, _, condition, noise = batch
    n_read, spread, _ = plan
    n, latent = noise.shape
    none, divergence = np.empty((n, 0), np.int64), 0.0
    for number in range(len(layers)):
        layer = layers[number]
        n_out, n_in = layer[N_OUT], layer[N_IN]
        x = scalars if number == 0 else _rows(work, layer[INPUT], n, n_in)
        if number == n_read:
            read = _rows(work, layers[number - 1, OUTPUT], n, 2 * latent)
            divergence = _latent(read, noise, share, _rows(work, spread, n, latent), x)
        out = _rows(work, layer[OUTPUT], n, n_out)
        if n_in:
            np.dot(x, _matrix(w, layer[WEIGHT], n_out, n_in).T, out)
        looked_up = active if number == 0 else (none if number < n_read else condition)
        bias = w[layer[BIAS] : layer[BIAS] + n_out]
        table = _matrix(w, layer[TABLE], layer[N_TABLE], n_out)
        rectified = number != n_read - 1 and number != len(layers) - 1
        _add(out, n_in > 0, bias, table, looked_up, rectified)
    return divergence


@part(relaxed=True)
def _add(out, started, bias, table, looked_up, rectified):
    """Add a bias and rows of a table to what is there, if that was `started`; then rectify."""
    zero = out.dtype.type(0)
    for i in range(out.shape[0]):
        o = out[i]
        for j in range(len(o)):
            o[j] = (o[j] if started else zero) + bias[j]
        for s in range(looked_up.shape[1]):
            t = table[looked_up[i, s]]
            for j in range(len(o)):
                o[j] += t[j]
        if rectified:
            for j in range(len(o)):
                o[j] = zero if o[j] <= zero else o[j]  # NaN stays


@part(relaxed=True)
def _latent(read, noise, share, spread, x):
    """Draw latent variables `x`; `spread` is their noise. Returns the divergence.

    The log variances in `read` give way to the divergence's gradient by half of them.
    """
    n, latent = noise.shape
    half, total = read.dtype.type(0.5), 0.0
    for i in range(n):
        r, s = read[i], spread[i]
        for j in range(latent):
            s[j] = exp(half * r[latent + j])
        row = read.dtype.type(0)
        for j in range(latent):
            mean, variance = r[j], s[j] * s[j]
            row += mean * mean + (variance - r[latent + j] - 1)
            r[latent + j] = share * (variance - 1)
            s[j] *= noise[i, j]
            x[i, j] = mean + s[j]
        total += row
    return 0.5 * share * total


@part(relaxed=True)
def _fit_scalars(out, scalars, condition, scales, own, share, least, more):
    """Negative log-likelihood of the scalars; their outputs give way to its gradient."""
    (common, each), (for_common, for_each) = scales
    if not more:
        _clear(for_common)
        _clear(for_each.reshape(for_each.size))
    n, n_scalars = scalars.shape
    total = 0.5 * math.log(2 * math.pi) * n * n_scalars
    for i in range(n):
        o = out[i]
        for j in range(n_scalars):
            raw = common[j]
            for s in range(condition.shape[1]):
                c = condition[i, s]
                raw += own[c] * each[c, j]
            scale = least if raw < least else raw
            inverse = exp(-scale)
            off = (o[j] - scalars[i, j]) * inverse
            total += 0.5 * off * off + scale
            o[j] = share * off * inverse
            if raw >= least:
                change = share * (1 - off * off)
                for_common[j] += change
                for s in range(condition.shape[1]):
                    c = condition[i, s]
                    for_each[c, j] += own[c] * change
    return total


@part(relaxed=True)
def _fit_codes(out, codes, ends, share):
    """Negative log-likelihood of the codes; their logits give way to its gradient."""
    total = 0.0
    for i in range(len(codes)):
        o = out[i]
        for s in range(codes.shape[1]):
            start, stop = ends[0, s], ends[1, s]
            top = o[start]
            for j in range(start + 1, stop):
                top = max(top, o[j])
            for j in range(start, stop):
                o[j] -= top
            total -= o[start + codes[i, s]]
        for j in range(ends[0, 0], ends[1, -1]):
            o[j] = exp(o[j])
        for s in range(codes.shape[1]):
            start, stop = ends[0, s], ends[1, s]
            whole = o.dtype.type(0)
            for j in range(start, stop):
                whole += o[j]
            total += math.log(whole)
            for j in range(start, stop):
                o[j] *= share / whole
            o[start + codes[i, s]] -= share
    return total


@part(relaxed=True)
def _backward(weights, batch, active, layers, plan, share, more, work):
    """Gradients of all weights, from that of the last output, which stands in its place."""
    scalars, _, condition, noise = batch
    n_read, spread, scratch = plan
    (w, g), (n, latent) = weights, noise.shape
    none = np.empty((n, 0), np.int64)
    grad = _rows(work, layers[-1, OUTPUT], n, layers[-1, N_OUT])
    for number in range(len(layers) - 1, -1, -1):
        layer = layers[number]
        n_out, n_in = layer[N_OUT], layer[N_IN]
        x = scalars if number == 0 else _rows(work, layer[INPUT], n, n_in)
        if n_in:
            _add_product(grad, x, more, work, _matrix(g, layer[WEIGHT], n_out, n_in))
        looked_up = active if number == 0 else (none if number < n_read else condition)
        for_bias = g[layer[BIAS] : layer[BIAS] + n_out]
        for_table = _matrix(g, layer[TABLE], layer[N_TABLE], n_out)
        _sum(grad, looked_up, more, for_bias, for_table)
        if number == 0:
            break
        for_x = _rows(work, scratch, n, n_in)
        np.dot(grad, _matrix(w, layer[WEIGHT], n_out, n_in), for_x)
        if number == n_read:
            grad = _rows(work, layers[number - 1, OUTPUT], n, 2 * latent)
            _into_latent(for_x, _rows(work, spread, n, latent), share, grad)
        else:
            _into_rectified(for_x, x)
            grad = x


@part(relaxed=True)
def _add_product(grad, x, more, work, out):
    """Gradient of a weight, added to what is there if this is `more`."""
    if not more:
        np.dot(grad.T, x, out)
        return
    product = _matrix(work, len(work) - out.size, *out.shape)
    np.dot(grad.T, x, product)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] += product[i, j]


@part(relaxed=True)
def _sum(grad, looked_up, more, for_bias, for_table):
    """Gradients of a bias and of a table, added to what is there if these are `more`."""
    if not more:
        _clear(for_bias)
        _clear(for_table.reshape(for_table.size))
    for i in range(grad.shape[0]):
        a = grad[i]
        for j in range(len(a)):
            for_bias[j] += a[j]
        for s in range(looked_up.shape[1]):
            t = for_table[looked_up[i, s]]
            for j in range(len(a)):
                t[j] += a[j]


@part(relaxed=True)
def _into_latent(for_x, spread, share, read):
    """Gradient by means and log variances, in the place of what `_latent` left there."""
    n, latent = for_x.shape
    half = read.dtype.type(0.5)
    for i in range(n):
        r, a, s = read[i], for_x[i], spread[i]
        for j in range(latent):
            r[j] = a[j] + share * r[j]
            r[latent + j] = half * (a[j] * s[j] + r[latent + j])


@part(relaxed=True)
def _into_rectified(for_x, x):
    """Gradient by what was rectified to `x`, in its place."""
    zero = x.dtype.type(0)
    for i in range(x.shape[0]):
        a, o = for_x[i], x[i]
        for j in range(len(a)):
            o[j] = zero if o[j] <= zero else a[j]
