"""int16 prefilter: coordinates quantised to 16 bits, two per 32-bit word, dot products with VNNI.

``vpdpwssd`` multiplies two pairs of int16 per 32-bit lane and adds them to an int32 accumulator:
twice the multiply-adds of a float32 FMA of the same width. Integer sums are exact, so the only
error is the quantisation error, which is known row by row. LLVM does not form this instruction
from a plain loop, hence the hand-written IR.
"""

from functools import cache

import numba
import numpy as np
from llvmlite import binding, ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

#: dtype of the packed rows: two int16 values in each 32-bit word.
INT16X2 = np.dtype(np.int32)

#: Largest norm of a quantised row, so that no dot product overflows int32.
MAX_NORM = 32_766

#: Norm of padding rows: larger than any value, and no sum with it overflows.
PADDING_NORM = 3 * 2**29 - 1

#: Up to this many columns the quantisation error is small against the largest norm.
MAX_COLUMNS = 1_000

_WORD, _LONG = ir.IntType(32), ir.IntType(64)


def lanes():
    """Number of int32 lanes of the processor's VNNI instruction; 0 without VNNI."""
    features = numba.config.CPU_FEATURES
    if numba.config.CPU_NAME or features is not None:  # numba was told to target another one
        flags = {flag[1:] for flag in (features or "").split(",") if flag.startswith("+")}
    else:
        flags = _features()
    return 16 if "avx512vnni" in flags else 8 if "avxvnni" in flags else 0


@cache
def _features():
    """Instruction-set extensions of this processor."""
    return {flag for flag, has in binding.get_host_cpu_features().items() if has}


@intrinsic
def vnni_dot(_, panel, norms, a0, a1, a2, a3, pairs, rows, acc):
    """Add to the norms the int16 dot products of four queries with the rows of a panel.

    Register blocking: with AVX-512, 4 queries x 4 vectors of 16 rows are 16 accumulators that stay
    in registers over the loop over columns; each vector of rows is loaded once for four queries.

    All arguments are addresses of int32 words except `pairs`, the words per row, and `rows`, the
    rows per panel. The panel is stored word by word, `acc` query by query.
    """

    def code(context, builder, signature, arguments):
        *addresses, pairs, rows, acc = arguments
        panel, norms, *queries = (builder.inttoptr(p, _WORD.as_pointer()) for p in addresses)
        acc = builder.inttoptr(acc, _WORD.as_pointer())
        width = lanes()
        vector = ir.VectorType(_WORD, width)
        n_vectors = 4 if width == 16 else 2  # 16 accumulators of 32 registers, or 8 of 16
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
            undefined, zeros = ir.Constant(vector, ir.Undefined), ir.Constant(vector, [0] * width)
            one = builder.insert_element(undefined, word, ir.Constant(_WORD, 0))
            return builder.shuffle_vector(one, undefined, zeros)

        step = n_vectors * width
        # Outer loop: blocks of rows. The accumulators start from the norms and live in phi nodes.
        with cgutils.for_range_slice(
            builder, ir.Constant(_LONG, 0), rows, ir.Constant(_LONG, step)
        ) as (first, _):
            start = [builder.load(place, align=4) for place in vector_pointers(norms, first)]
            # Inner loop: words (pairs of columns). A word of a query is broadcast to all lanes.
            before, loop = builder.block, builder.append_basic_block("words")
            after = builder.append_basic_block("done")
            builder.branch(loop)
            builder.position_at_end(loop)
            t = builder.phi(_LONG)
            sums = [[builder.phi(vector) for _ in range(n_vectors)] for _ in queries]
            offset = builder.add(builder.mul(t, rows), first)
            candidates = [builder.load(place, align=4) for place in vector_pointers(panel, offset)]
            added = []
            for query, own in zip(queries, sums):
                word = broadcast(builder.load(builder.gep(query, [t])))
                added.append([builder.call(product, [s, word, x]) for s, x in zip(own, candidates)])
            next_t = builder.add(t, ir.Constant(_LONG, 1))
            t.add_incoming(ir.Constant(_LONG, 0), before)
            t.add_incoming(next_t, loop)
            for own, new in zip(sums, added):
                for phi, initial, value in zip(own, start, new):
                    phi.add_incoming(initial, before)
                    phi.add_incoming(value, loop)
            builder.cbranch(builder.icmp_signed("<", next_t, pairs), loop, after)
            # Store the accumulators, query by query.
            builder.position_at_end(after)
            for i, new in enumerate(added):
                place = builder.add(builder.mul(rows, ir.Constant(_LONG, i)), first)
                for value, target in zip(new, vector_pointers(acc, place)):
                    builder.store(value, target, align=4)
        return context.get_dummy_value()

    return types.void(*[types.intp] * 9), code


def max_squared_norms(start, stop, grain, X, center, top):
    """Largest squared distance from the center in each block of `grain` rows: top, (b,)."""
    largest = 0.0
    for i in range(start, stop):
        s = 0.0
        for t in range(len(center)):
            v = X[i, t] - center[t]
            s += v * v
        largest = max(largest, s)
    top[start // grain] = largest


def pack_int16(start, stop, X, first, n_panels, center, scale, panels, norm2, error_bound):
    """Pack rows like `_kernels.pack`, quantised to int16.

    panels : (P, pairs, PANEL), each word holding two columns; norm2 : (P, PANEL), half the squared
    norm of the quantised row, rounded down, `PADDING_NORM` for padding; error_bound : (P,), the
    largest distance between a row and its quantised version.
    """
    n, d = X.shape
    rows = panels.shape[2]
    # A tile of rows is filled row by row, then transposed: writing columns directly would touch
    # one cache line per row.
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
            # Half the squared norm, since |x|**2 / 2 - q.x is half of |x|**2 - 2 q.x: queries need
            # no factor of 2, which would cost a bit.
            norm2[p, c] = s >> 1
            top = max(top, e)
        error_bound[p] = np.sqrt(top) * (1 + 1e-12) + 1e-11 * (d + 4)
        for t in range(panels.shape[1]):
            for c in range(rows):
                panels[p, t, c] = words[c, t]


def quantise(Q, center, scale):
    """Queries for the int16 prefilter.

    Parameters
    ----------
    Q : ndarray of shape (n_queries, d)
        Queries.
    center : ndarray of shape (d,)
        Subtracted first.
    scale : float
        Factor that maps the largest norm to `MAX_NORM`.

    Returns
    -------
    A : ndarray of shape (n_queries, pairs)
        Negated quantised queries, two columns to a word.
    norm2, error_bound : ndarray of shape (n_queries,)
        Squared norms of the quantised queries, and their quantisation errors.
    """
    n, d = Q.shape
    exact = (Q - center) * scale
    quantised = np.rint(exact)
    error = exact - quantised
    error_bound = np.sqrt(np.einsum("ij,ij->i", error, error)) * (1 + 1e-12) + 1e-11 * (d + 4)
    A = np.zeros((n, d + d % 2), np.int16)
    A[:, :d] = -quantised
    return A.view(INT16X2), np.einsum("ij,ij->i", quantised, quantised), error_bound
