"""Output head: what a network's logits mean, Gumbel-softmax, sampling of categories."""

import torch
from torch.nn import functional as F

TEMPERATURE = 0.2


class Head:
    """What a generator's logits mean: scalars, then one categorical for each span.

    Parameters
    ----------
    layout : Layout
        Widths of scalars and spans.
    device : torch.device, default="cpu"
        Device of the logits.
    """

    def __init__(self, layout, device="cpu"):
        self.layout = layout
        self.starts = torch.as_tensor(layout.starts, device=device)
        widths = torch.tensor(layout.widths, dtype=torch.long)
        spans = torch.arange(len(widths)).repeat_interleave(widths)
        self.span_of = spans.to(device)

    def gumbel(self, like, random):
        """Standard Gumbel noise for the spans of as many rows and of the same type."""
        noise = like.new_empty((len(like), self.layout.width - self.layout.n_scalars))
        noise.uniform_(generator=random).clamp_min_(torch.finfo(like.dtype).tiny)
        return noise.log_().neg_().log_().neg_()

    def soft(self, logits, gumbel):
        """Differentiable rows: scalars, then Gumbel-softmax spans."""
        scalars, logits = self._parts(logits)
        noisy = (logits + gumbel) / TEMPERATURE
        columns = torch.cat([scalars.T, *self._each(torch.softmax, noisy)])
        return columns.T.contiguous()

    def scalars(self, logits):
        """Activated scalars, of their own memory."""
        return self._parts(logits)[0].clone(memory_format=torch.contiguous_format)

    def cross_entropy(self, logits, span, column):
        """Mean of -log p(column), the softmax taken over the span that holds the column."""
        logits = logits[:, self.layout.n_scalars :]
        asked = logits.masked_fill(self.span_of != span[:, None], -torch.inf)
        return F.cross_entropy(asked, column - self.layout.n_scalars)

    def code_loss(self, logits, codes):
        """Sum of -log p(code) over spans and rows."""
        if not self.layout.widths:
            return logits.new_zeros(())
        logs = torch.cat(self._each(torch.log_softmax, logits[:, self.layout.n_scalars :]))
        return -logs.gather(0, (codes + self.starts - self.layout.n_scalars).T).sum()

    def expand(self, scalars, codes):
        """Rows of one batch with their codes as one-hot spans."""
        rows = scalars.new_zeros((len(scalars), self.layout.width))
        rows[:, : self.layout.n_scalars] = scalars
        return rows.scatter_(1, codes + self.starts, 1.0)

    def frequencies(self, codes):
        """Relative frequency of each code, smoothed by one row so that none is 0."""
        counts = torch.bincount((codes + self.starts).flatten(), minlength=self.layout.width)
        return (counts[self.layout.n_scalars :] + 1).float() / (len(codes) + 1)

    def mean_probabilities(self, logits, offsets):
        """Mean probability of each code with offsets added to its logits, never quite 0."""
        logits = logits[:, self.layout.n_scalars :] + offsets
        means = [run.mean(dim=1) for run in self._each(torch.softmax, logits)]
        return torch.cat(means).clamp_min(torch.finfo(logits.dtype).tiny)

    def sample_codes(self, logits, offsets, random):
        """Sample one code for each span of each row.

        By inverse transform sampling: a code is the number of cumulated probabilities that a
        uniform number exceeds.

        Parameters
        ----------
        logits : tensor of shape (n, width)
            A network's output.
        offsets : tensor of shape (width of all spans,)
            To be added to the spans' logits.
        random : torch.Generator
            Source of the draws.

        Returns
        -------
        codes : tensor of shape (n, n_spans) of int64
        """
        runs = self._runs(logits[:, self.layout.n_scalars :] + offsets)
        return torch.cat([_sample_run(run, random) for run in runs]).T

    def _parts(self, logits):
        """Activated scalars, and the logits of all spans."""
        scalars, logits = logits.split(
            [self.layout.n_scalars, logits.shape[1] - self.layout.n_scalars], dim=1
        )
        return torch.tanh(scalars) if self.layout.bounded else scalars, logits

    def _runs(self, logits):
        """Tensors of shape (spans, width, n), one for each run of spans of equal width."""
        # rows last: spans are narrow, and vector instructions need long contiguous rows
        pieces = logits.T.contiguous().split([count * width for count, width in self.layout.runs])
        return [p.unflatten(0, shape) for p, shape in zip(pieces, self.layout.runs)]

    def _each(self, function, logits):
        """Apply softmax or its logarithm to each span; tensors of shape (columns, n)."""
        return [function(run, dim=1).flatten(0, 1) for run in self._runs(logits)]


def _sample_run(logits, random):
    """Codes of shape (spans, n) from logits of shape (spans, width, n)."""
    weights = logits.sub_(logits.amax(dim=1, keepdim=True)).exp_()
    spans, width, n = weights.shape
    draws = torch.empty((spans, n), device=logits.device, dtype=logits.dtype)
    draws.uniform_(generator=random).mul_(weights.sum(dim=1))
    codes = torch.zeros((spans, n), device=logits.device, dtype=torch.int64)
    passed = torch.zeros_like(draws)
    for k in range(width - 1):  # vectorises over rows; torch.cumsum along this axis does not
        codes += draws >= passed.add_(weights[:, k])
    return codes
