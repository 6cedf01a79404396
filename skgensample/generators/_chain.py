"""Chains of layers with rectified outputs between them, and their gradients, without a graph.

Of the few operations of a small network on few rows a graph would be a large part of the time.
"""

from functools import partial

import torch

from ._beside import beside
from ._products import add_rows, conditioned


class Chain:
    """Layers one after the other, all but the last with a rectified output.

    Parameters
    ----------
    layers : sequence of ConditionedLinear
        The layers.
    """

    def __init__(self, layers):
        self.layers = list(layers)

    def forward(self, x, conditions):
        """Output of the last layer, and the inputs of all.

        Parameters
        ----------
        x : tensor of shape (n, n_in)
            Input of the first layer.
        conditions : sequence of tensor of shape (n, k) or None
            Condition indices for each layer.
        """
        inputs = []
        for layer, condition in zip(self.layers, conditions):
            x = x.relu_() if inputs else x
            inputs.append(x)
            x = conditioned(x, condition, *layer.weights())
        return x, inputs

    def backward(self, grad, inputs, conditions):
        """Have the gradients of all weights written.

        Parameters
        ----------
        grad : tensor of shape (n, n_out)
            Gradient of the output.
        inputs, conditions : sequence of tensor
            As in `forward`.

        Returns
        -------
        grad : tensor
            Gradient of the first layer's output.
        jobs : list of Job
            What writes the gradients of the weights; the chain does not need them.
        """
        jobs = []
        for i in reversed(range(len(self.layers))):
            layer, x, condition = self.layers[i], inputs[i], conditions[i]
            jobs.append(beside(partial(write, layer, x, condition, grad)))
            if i:
                grad = torch.ops.aten.threshold_backward(grad @ layer.weight, x, 0)
        return grad, jobs


@torch.no_grad()
def write(layer, x, condition, grad):
    """Write the gradients of a layer's weights, given its input and its output's gradient."""
    torch.mm(grad.T, x, out=layer.weight.grad)
    torch.sum(grad, 0, out=layer.bias.grad)
    if condition is not None:
        scatter(condition, grad, layer.table.grad)


@torch.no_grad()
def scatter(rows, grad, out):
    """Write the gradient of a table whose `rows` were looked up and summed."""
    add_rows(out.zero_(), rows, grad)
