"""Kinds of nodes: objects of this package, decision trees and networks."""

import numpy as np
from sklearn.tree import DecisionTreeRegressor

from ..exceptions import MissingExtraError, ModelFileError
from ._graph import Kind, attributes, checked
from ._registry import (
    ADDED,
    LEFT_OUT,
    LISTS,
    NETWORKS,
    PARTS,
    TORCH_MODULES,
    class_named,
    is_registered,
)

#: Fields of a tree's nodes that say where a row goes.
ROUTE = ("left_child", "right_child", "feature", "threshold", "missing_go_to_left")


class ObjectKind(Kind):
    """Objects of the registered classes, by their attributes."""

    name = "object"

    def takes(self, value):
        return is_registered(value, PARTS)

    def write(self, value, writer):
        name = type(value).__name__
        state = {**vars(value), **LEFT_OUT.get(name, {})}
        return [name, {key: writer.value(one) for key, one in state.items()}]

    def read(self, content, reader):
        name, state = content
        made = object.__new__(class_named(name, PARTS))
        # through `vars`, as dataclasses are frozen
        vars(made).update(ADDED.get(name, {}))
        vars(made).update({key: reader.value(value) for key, value in attributes(state).items()})
        if name == "ColumnForest":
            check_forest(made)
        return made


class OwnListKind(Kind):
    """Lists and tuples of the registered classes, with their attributes."""

    name = "own list"

    def takes(self, value):
        return is_registered(value, LISTS)

    def write(self, value, writer):
        state = {key: writer.value(one) for key, one in vars(value).items()}
        return [type(value).__name__, writer.values(value), state]

    def read(self, content, reader):
        name, items, state = content
        kind = class_named(name, LISTS)
        items = reader.values(items)
        made = kind.__new__(kind, items)  # a tuple has its items from the beginning
        if isinstance(made, list):
            list.__init__(made, items)
        vars(made).update({key: reader.value(one) for key, one in attributes(state).items()})
        return made


class TreeKind(Kind):
    """Grown trees of scikit-learn: where a row goes, and nothing of the rows in the leaves."""

    name = "tree"

    def takes(self, value):
        return type(value).__module__ == "sklearn.tree._tree" and type(value).__name__ == "Tree"

    def write(self, value, writer):
        state = value.__getstate__()
        nodes = {name: np.ascontiguousarray(state["nodes"][name]) for name in ROUTE}
        fields = {name: writer.value(array) for name, array in nodes.items()}
        return [value.n_features, state["max_depth"], fields]

    def read(self, content, reader):
        n_features, max_depth, fields = content
        fields = {name: checked(reader.value(fields[name]), np.ndarray) for name in ROUTE}
        checked(n_features, int)
        check_route(n_features, fields)
        small = DecisionTreeRegressor().fit(np.zeros((2, 1)), [0.0, 1.0]).tree_
        state = small.__getstate__()
        n_nodes = len(fields["left_child"])
        nodes = np.zeros(n_nodes, state["nodes"].dtype)
        for name, values in fields.items():
            nodes[name] = values
        made = type(small)(n_features, np.ones(1, np.intp), 1)
        made.__setstate__(
            {
                "max_depth": int(max_depth),
                "node_count": n_nodes,
                "nodes": nodes,
                "values": np.zeros((n_nodes, 1, 1)),
            }
        )
        return made


def check_route(n_features, fields):
    """Refuse nodes that lead outside the tree, in a circle or to no feature.

    scikit-learn follows them without a check, in compiled code.
    """
    left, right, feature = (fields[name] for name in ROUTE[:3])
    sizes = {np.shape(values) for values in fields.values()}
    whole = all(values.dtype.kind in "iu" for values in (left, right, feature))
    if len(sizes) != 1 or left.ndim != 1 or not len(left) or not whole:
        raise ModelFileError("The model file has a tree whose nodes do not agree.")
    own, leaf = np.arange(len(left)), left == -1
    inner = ~leaf
    forward = (left > own) & (right > own) & (left < len(own)) & (right < len(own))
    named = (feature >= 0) & (feature < n_features)
    fine = np.where(leaf, right == -1, forward & named)
    if not fine.all() or np.isnan(fields["threshold"][inner]).any():
        raise ModelFileError("The model file has a tree whose nodes lead nowhere.")


def check_forest(forest):
    """Refuse trees that read more features than their forest makes."""
    linear = forest.linear
    width = len(forest.orders) + (0 if linear is None else linear.weights.shape[1])
    if any(tree.n_features != width for tree, _ in forest.trees):
        raise ModelFileError("The model file has trees of more features than there are.")


class TensorKind(Kind):
    """Tensors of torch, on the CPU."""

    name = "tensor"

    def takes(self, value):
        return type(value).__module__.startswith("torch") and type(value).__name__ == "Tensor"

    def write(self, value, writer):
        return writer.value(value.detach().cpu().contiguous().numpy())

    def read(self, content, reader):
        return torch().from_numpy(np.ascontiguousarray(checked(reader.value(content), np.ndarray)))


class NetworkKind(Kind):
    """Networks of the registered classes: attributes, parameters, buffers and modules."""

    name = "network"

    def takes(self, value):
        if type(value).__module__.startswith("torch.nn.modules"):
            return type(value).__name__ in TORCH_MODULES
        return is_registered(value, NETWORKS)

    def write(self, value, writer):
        own = vars(torch().nn.Module())
        facts = {key: one for key, one in vars(value).items() if key not in own}
        tables = {
            "facts": facts,
            "parameters": {
                name: None if one is None else one.data for name, one in value._parameters.items()
            },
            "buffers": dict(value._buffers),
            "modules": dict(value._modules),
        }
        written = {
            part: {name: writer.value(one) for name, one in table.items()}
            for part, table in tables.items()
        }
        lasting = sorted(set(value._buffers) - value._non_persistent_buffers_set)
        name = type(value).__name__
        return {"class": name, "training": value.training, "persistent": lasting, **written}

    def read(self, content, reader):
        nn, name = torch().nn, content["class"]
        kind = getattr(nn, name) if name in TORCH_MODULES else class_named(name, NETWORKS)
        made = kind.__new__(kind)
        nn.Module.__init__(made)
        for key, value in attributes(content["facts"]).items():
            vars(made)[key] = reader.value(value)
        for key, value in content["parameters"].items():
            tensor = reader.value(value)
            made.register_parameter(key, None if tensor is None else nn.Parameter(tensor))
        for key, value in content["buffers"].items():
            made.register_buffer(key, reader.value(value), key in content["persistent"])
        for key, value in content["modules"].items():
            made.add_module(key, reader.value(value))
        return made.train(content["training"])


def torch():
    """The package, which a file of a network needs."""
    try:
        import torch
    except ImportError:
        raise MissingExtraError(
            "This model is a network: install PyTorch with `pip install 'skgensample[torch]'`."
        ) from None
    return torch


OBJECT_KINDS = [ObjectKind(), OwnListKind(), TreeKind(), TensorKind(), NetworkKind()]
