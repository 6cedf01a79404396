"""Products with weights, and their gradients, which need not wait for each other.

Large ones are computed in two halves, of which a helper may take one. The halves are the same with
and without a helper, and so are the results.
"""

from functools import cache

import torch
from torch.nn import functional as F

from ._beside import beside, leave

#: Numbers in a weight from which its gradient is computed in two halves.
LARGE = 32_000
#: Multiplications from which a product is computed in two halves.
LONG = 16_000_000
#: Rows of indices below which a single call adds for all of them.
FEW = 200


class _Affine(torch.autograd.Function):
    """Side by side, then ``x @ weight.T + bias``; the parts that need a gradient come first."""

    @staticmethod
    def forward(ctx, weight, bias, *parts):
        x = torch.cat(parts, dim=1) if len(parts) > 1 else parts[0]
        x, thin = _pair(x, weight)
        ctx.save_for_backward(weight, bias, x)
        ctx.widths = [part.shape[1] for part in parts]
        return _conditioned(x, None, thin, bias)

    @staticmethod
    def backward(ctx, grad):
        weight, bias, x = ctx.saved_tensors
        needs_weight, _, *needs = ctx.needs_input_grad
        for_weight, for_bias = None, None
        thin, factor = _pair(grad, weight)
        if needs_weight:
            for_weight, for_bias, _ = _gradients(grad, thin, x, None, weight, bias)
        widths = ctx.widths[: sum(needs)]
        for_parts = ()
        if widths:
            for_parts = _times(thin, factor[:, : sum(widths)]).split(widths, dim=1)
        return for_weight, for_bias, *for_parts, *[None] * (len(needs) - len(widths))


class _Transposed(torch.autograd.Function):
    """``x @ weight``."""

    @staticmethod
    def forward(ctx, weight, x):
        x, thin = _pair(x, weight)
        ctx.save_for_backward(weight, x)
        return _times(x, thin)

    @staticmethod
    def backward(ctx, grad):
        weight, x = ctx.saved_tensors
        for_weight, (grad, thin) = None, _pair(grad, weight)
        if ctx.needs_input_grad[0] and not leave(weight, *_outer(weight, x, grad)):
            for_weight = _times(x.T, grad)
        return for_weight, _times(grad, thin.T) if ctx.needs_input_grad[1] else None


class _Residual(torch.autograd.Function):
    """A generator: each hidden layer's output beside its input, then the last layer.

    Takes noise of shape (n, latent), conditions or None, the hidden layers' norms, and the weights:
    weight, bias, table, scale and shift of each hidden layer, then weight, bias and table.
    """

    @staticmethod
    def forward(ctx, noise, condition, norms, *weights):
        hidden, last = weights[:-3], weights[-3:]
        width = sum(len(bias) for bias in hidden[1::5])
        kind = _pair(noise, weights[0])[1].dtype
        beside_noise = noise.new_empty((len(noise), width + noise.shape[1]), dtype=kind)
        beside_noise[:, width:] = noise
        kept, start = [], width
        for norm, *layer in zip(norms, *(hidden[k::5] for k in range(5))):
            x, thin = _pair(beside_noise[:, start:], layer[0])
            h = _conditioned(x, condition, thin, *layer[1:3])
            normed, mean, scale = _normed(h, norm, *layer[3:])
            start -= h.shape[1]
            beside_noise[:, start : start + h.shape[1]] = normed.relu_()
            kept += [h, mean, scale]
        ctx.save_for_backward(condition, beside_noise, *weights, *kept)
        ctx.norms, ctx.width = norms, width
        x, thin = _pair(beside_noise, last[0])
        return _conditioned(x, condition, thin, *last[1:])

    @staticmethod
    def backward(ctx, grad):
        n_norms = len(ctx.norms)
        condition, x, *tensors = ctx.saved_tensors
        weights, kept = tensors[: 5 * n_norms + 3], tensors[5 * n_norms + 3 :]
        thin, factor = _pair(grad, weights[-3])
        grads = list(_gradients(grad, thin, x, condition, *weights[-3:]))
        for_x, start = _times(thin, factor[:, : ctx.width]), 0
        for i in reversed(range(n_norms)):
            weight, bias, table, scale, _ = weights[5 * i : 5 * i + 5]
            own = slice(start, start + len(bias))
            rectified = torch.ops.aten.threshold_backward(for_x[:, own], x[:, own], 0)
            h, mean, deviation = kept[3 * i : 3 * i + 3]
            norm = ctx.norms[i]
            for_h, *for_norm = torch.ops.aten.native_batch_norm_backward(
                rectified,
                h,
                scale,
                norm.running_mean,
                norm.running_var,
                mean,
                deviation,
                norm.training,
                norm.eps,
                [True] * 3,
            )
            start, (thin, factor) = own.stop, _pair(for_h, weight)
            grads = [
                *_gradients(for_h, thin, x[:, start:], condition, weight, bias, table),
                *for_norm,
                *grads,
            ]
            if start < ctx.width:
                _times(thin, factor[:, : ctx.width - start], for_x[:, start:])
        return None, None, None, *grads


class _LookUp(torch.autograd.Function):
    """Sum of the rows of a table that each row of indices names."""

    @staticmethod
    def forward(ctx, table, rows):
        ctx.save_for_backward(table, rows)
        return F.embedding_bag(rows, table, mode="sum")

    @staticmethod
    def backward(ctx, grad):
        table, rows = ctx.saved_tensors
        if leave(table, lambda: add_rows(table.grad, rows, grad)):
            return None, None
        return _scattered(table, rows, grad), None


def _conditioned(x, condition, weight, bias, table=None):
    """Affine map of `x` plus the rows of `table` named by `condition`."""
    return _times(x, weight.T, _started(len(x), condition, bias, table))


def _started(n, condition, bias, table):
    """What `n` rows of an affine map are before the product."""
    if condition is None:
        return bias.expand(n, -1).clone()
    return F.embedding_bag(condition, table, mode="sum").add_(bias)


def _normed(h, norm, scale, shift):
    """Batch normalisation as `norm` does it, with what its gradient needs."""
    momentum = norm.momentum
    if norm.training:
        norm.num_batches_tracked += 1
        momentum = 1 / float(norm.num_batches_tracked) if momentum is None else momentum
    moments = norm.running_mean, norm.running_var
    return torch.native_batch_norm(
        h, scale, shift, *moments, norm.training, momentum or 0, norm.eps
    )


def narrowest(like):
    """Width in which matrices of this type may be multiplied."""
    if like.dtype == torch.float32 and like.is_cpu and _has_narrow_products():
        return torch.bfloat16
    return like.dtype


def _has_narrow_products():
    """Whether products in bfloat16 are faster than in float32: processor and library know them."""
    return torch.backends.mkldnn.enabled and _processor_has_bfloat16()


@cache
def _processor_has_bfloat16():
    native = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return native is not None and torch.backends.mkldnn.is_available() and native()


def _pair(x, weight):
    """Both in the width of their product: that of the weight's narrow copy, where it has one."""
    thin = getattr(weight, "thin", None)
    if thin is None or weight.dtype != torch.float32:
        return x, weight
    return x.to(thin.dtype), thin


def _times(x, weight, out=None):
    """``x @ weight`` in the width of sums, added in place to `out` where there is one."""
    wide = torch.float32 if x.dtype == torch.bfloat16 else x.dtype
    if not x.is_cpu or x.numel() * weight.shape[1] < LONG or torch.is_grad_enabled():
        if out is not None and x.dtype == wide:
            return out.addmm_(x, weight)
        made = (x @ weight).to(wide)
        return made if out is None else out.add_(made)
    beta, out = (0, x.new_empty((len(x), weight.shape[1]), dtype=wide)) if out is None else (1, out)
    half = weight.shape[1] // 32 * 16
    left, right = slice(half), slice(half, None)
    other = beside(lambda: _write_product(out[:, right], x, weight[:, right], beta))
    _write_product(out[:, left], x, weight[:, left], beta)
    other.result()
    return out


@torch.no_grad()
def _write_product(out, x, weight, beta=0):
    """Write ``x @ weight``, plus `beta` times what is there, to `out`, which may be wider."""
    if x.dtype == out.dtype:
        out.addmm_(x, weight, beta=beta)
    elif beta:
        out.add_(x @ weight)
    else:
        out.copy_(x @ weight)


def _gradients(grad, thin, x, condition, weight, bias, table=None):
    """Gradients of the weights of an affine map, each None where it is left for later.

    `thin` is `grad` in the width of products.
    """

    def others():
        bias.grad.add_(grad.sum(dim=0))
        if condition is not None:
            add_rows(table.grad, condition, grad)

    if leave(weight, *_outer(weight, thin, x), others):
        return None, None, None
    for_table = None if condition is None else _scattered(table, condition, grad)
    return _times(thin.T, x), grad.sum(dim=0), for_table


def _outer(weight, left, right):
    """Calls that add ``left.T @ right`` to the gradient of a weight, each to a part of it."""
    parts = [slice(None)]
    if weight.numel() >= LARGE:
        half = weight.shape[1] // 32 * 16  # so that both begin on a line of the cache
        parts = [slice(half), slice(half, None)]

    def addition(part):
        return lambda: _write_product(weight.grad[:, part], left.T, right[:, part], 1)

    return map(addition, parts)


def _scattered(table, rows, grad):
    """Gradient of a table of which `rows` were looked up."""
    spread = grad[:, None].expand(-1, rows.shape[1], -1)
    return torch.ops.aten.embedding_dense_backward(spread, rows, len(table), -1, False)


def add_rows(out, rows, grad):
    """Add each row of `grad` to the rows of `out` that were looked up for it."""
    if len(rows) < FEW:
        times = rows.shape[1]
        out.index_add_(0, rows.flatten(), grad.repeat_interleave(times, dim=0))
        return
    for column in rows.T.contiguous():
        out.index_add_(0, column, grad)


@torch.no_grad()
def conditioned(x, condition, weight, bias, table):
    """Affine map of `x` plus the rows of `table` named by `condition`, whole; no graph."""
    if condition is not None and len(x) and (condition == condition[0]).all():
        bias, condition = bias + table[condition[0]].sum(dim=0), None  # rows of one class
    if condition is None:
        return torch.addmm(bias, x, weight.T)
    return _started(len(x), condition, bias, table).addmm_(x, weight.T)


affine, transposed = _Affine.apply, _Transposed.apply
look_up, residual = _LookUp.apply, _Residual.apply
