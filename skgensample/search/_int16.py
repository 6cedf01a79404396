"""A filter in whole numbers: 16-bit coordinates, two to a word, multiplied and summed at once.

Processors with VNNI instructions do twice as many such products as float32 ones in the same time.
Sums are exact, so that the only error is that of rounding the rows, which is known row by row.
"""

from functools import cache

import numba
import numpy as np
from llvmlite import binding, ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

#: Width of the filter: two 16-bit numbers in each.
INT16X2 = np.dtype(np.int32)

#: Largest norm of a row, so that no sum leaves the range of 32 bits.
MAX_NORM = 32_766

#: The norm of rows that are not there: above all sums, and no sum with it overflows.
PADDING_NORM = 3 * 2**29 - 1

#: Up to this many columns the rounding is small against the largest norm.
MAX_COLUMNS = 1_000

_WORD, _LONG = ir.IntType(32), ir.IntType(64)


def lanes():
    """Words that the processor multiplies at a time, 0 where it has no such instruction."""
    features = numba.config.CPU_FEATURES
    if numba.config.CPU_NAME or features is not None:  # not this processor, or not all of it
        flags = {flag[1:] for flag in (features or "").split(",") if flag.startswith("+")}
    else:
        flags = _features()
    return 16 if "avx512vnni" in flags else 8 if "avxvnni" in flags else 0


@cache
def _features():
    """What this processor can do."""
    return {flag for flag, has in binding.get_host_cpu_features().items() if has}


@intrinsic
def vnni_dot(_, panel, norms, a0, a1, a2, a3, pairs, rows, acc):
    """Add to the norms the products of four queries with the rows of a panel.

    All are addresses of words but `pairs`, the number of words in a row, and `rows`, of rows in a
    panel. Panel: word by word; acc: query by query.
    """

    def code(context, builder, signature, arguments):
        *addresses, pairs, rows, acc = arguments
        panel, norms, *queries = (builder.inttoptr(p, _WORD.as_pointer()) for p in addresses)
        acc = builder.inttoptr(acc, _WORD.as_pointer())
        width = lanes()
        vector = ir.VectorType(_WORD, width)
        n_vectors = 4 if width == 16 else 2  # with four queries no more than there are registers
        product = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(vector, [vector] * 3),
            f"llvm.x86.avx512.vpdpwssd.{32 * width}",
        )

        def vector_pointers(base, first):
            for v in range(n_vectors):
                place = builder.gep(base, [builder.add(first, ir.Constant(_LONG, v * width))])
                yield builder.bitcast(place, vector.as_pointer())

        def broadcast(word):
            one = builder.insert_element(
                ir.Constant(vector, ir.Undefined), word, ir.Constant(_WORD, 0)
            )
            zeros = ir.Constant(ir.VectorType(_WORD, width), [0] * width)
            return builder.shuffle_vector(one, ir.Constant(vector, ir.Undefined), zeros)

        step = n_vectors * width
        with cgutils.for_range_slice(
            builder, ir.Constant(_LONG, 0), rows, ir.Constant(_LONG, step)
        ) as (first, _):
            start = [builder.load(place, align=4) for place in vector_pointers(norms, first)]
            before, loop = builder.block, builder.append_basic_block("words")
            after = builder.append_basic_block("done")
            builder.branch(loop)
            builder.position_at_end(loop)
            t = builder.phi(_LONG)
            sums = [[builder.phi(vector) for _ in range(n_vectors)] for _ in queries]
            offset = builder.add(builder.mul(t, rows), first)
            candidates = [builder.load(place, align=4) for place in vector_pointers(panel, offset)]
            added = []
            for query, query_sums in zip(queries, sums):
                word = broadcast(builder.load(builder.gep(query, [t])))
                added.append(
                    [builder.call(product, [s, word, x]) for s, x in zip(query_sums, candidates)]
                )
            next_t = builder.add(t, ir.Constant(_LONG, 1))
            t.add_incoming(ir.Constant(_LONG, 0), before)
            t.add_incoming(next_t, loop)
            for query_sums, new in zip(sums, added):
                for phi, initial, value in zip(query_sums, start, new):
                    phi.add_incoming(initial, before)
                    phi.add_incoming(value, loop)
            builder.cbranch(builder.icmp_signed("<", next_t, pairs), loop, after)
            builder.position_at_end(after)
            for i, new in enumerate(added):
                place = builder.add(builder.mul(rows, ir.Constant(_LONG, i)), first)
                for value, target in zip(new, vector_pointers(acc, place)):
                    builder.store(value, target, align=4)
        return context.get_dummy_value()

    return types.void(*[types.intp] * 9), code


def max_squared_norms(start, stop, grain, X, center, top):
    """Largest squared distance from the center, of each block of `grain` rows: top, (b,)."""
    largest = 0.0
    for i in range(start, stop):
        s = 0.0
        for t in range(len(center)):
            v = X[i, t] - center[t]
            s += v * v
        largest = max(largest, s)
    top[start // grain] = largest


def pack_int16(start, stop, X, first, n_panels, center, scale, panels, norm2, error_bound):
    """Fill panels as `_kernels.pack` does, with rows rounded to whole numbers.

    panels : (P, pairs, PANEL), of two columns each; norm2 : (P, PANEL), half the squared norm of
    the rounded row, rounded down, `ABSENT` where X has no row; reach : (P,), the largest distance
    of a row from what it was rounded to.
    """
    n, d = X.shape
    rows = panels.shape[2]
    tile = np.zeros((rows, 2 * panels.shape[1]), np.int16)
    words = tile.view(np.int32)
    for p in range(start, stop):
        top = 0.0
        for c in range(rows):
            j = first + p + c * n_panels
            if j >= n:
                norm2[p, c] = PADDING_NORM
                tile[c] = 0
                continue
            s, e = 0, 0.0
            for t in range(d):
                v = (X[j, t] - center[t]) * scale
                w = np.rint(v)
                tile[c, t] = np.int16(w)
                e += (v - w) * (v - w)
                s += np.int64(w) * np.int64(w)
            norm2[p, c] = s >> 1
            top = max(top, e)
        error_bound[p] = np.sqrt(top) * (1 + 1e-12) + 1e-11 * (d + 4)
        for t in range(panels.shape[1]):
            for c in range(rows):
                panels[p, t, c] = words[c, t]


def quantise(Q, center, scale):
    """Queries as the filter takes them.

    Parameters
    ----------
    Q : ndarray of shape (n_queries, d)
        Queries.
    center : ndarray of shape (d,)
        Taken off first.
    scale : float
        Factor.

    Returns
    -------
    A : ndarray of shape (n_queries, pairs)
        Minus the rounded queries, two columns to a word.
    norm2, reach : ndarray of shape (n_queries,)
        Squared norms of the rounded queries, and their distances from what was rounded.
    """
    n, d = Q.shape
    exact = (Q - center) * scale
    quantised = np.rint(exact)
    error = exact - quantised
    error_bound = np.sqrt(np.einsum("ij,ij->i", error, error)) * (1 + 1e-12) + 1e-11 * (d + 4)
    A = np.zeros((n, d + d % 2), np.int16)
    A[:, :d] = -quantised
    return A.view(INT16X2), np.einsum("ij,ij->i", quantised, quantised), error_bound
