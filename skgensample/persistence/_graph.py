"""A fitted model as a list of nodes, each of which refers to earlier ones only; and back.

A value is a JSON scalar (None, bool, int, float, str), or ``[i]``, the node of that number. A node
is ``[kind, content]``. So shared objects stay shared, circles are impossible, and reading is one
loop without recursion.
"""

import math

from ..exceptions import ModelFileError

#: Nodes of a file, at most.
MOST_NODES = 20_000_000
#: Values within a node, those of the nodes in it included and shared ones counted each time, at
#: most: lists that hold one list twice, which holds another twice, have exponentially many, and
#: whatever goes through them would take for ever.
MOST_WITHIN = 10_000_000


class Writer:
    """Turns values into nodes and arrays.

    Parameters
    ----------
    kinds : list of Kind
        In the order in which they are asked.

    Attributes
    ----------
    nodes : list
        Nodes so far.
    arrays : dict of str to ndarray
        Arrays so far, by name.
    """

    def __init__(self, kinds):
        self.kinds, self.nodes, self.arrays = kinds, [], {}
        self._known, self._open = {}, set()

    def value(self, value):
        """A value as JSON; objects become nodes."""
        kind = type(value)
        if value is None or kind in (bool, str, int) or (kind is float and math.isfinite(value)):
            return value
        if id(value) in self._known:
            return [self._known[id(value)][0]]
        if id(value) in self._open:
            raise TypeError(f"A {kind.__name__} that holds itself cannot be saved.")
        self._open.add(id(value))
        node = self._node(value)
        self._open.discard(id(value))
        self.nodes.append(node)
        # the value is kept, so that no other one gets its id
        self._known[id(value)] = len(self.nodes) - 1, value
        return [len(self.nodes) - 1]

    def values(self, values):
        """Several values as JSON."""
        return [self.value(value) for value in values]

    def array(self, array):
        """Name of an array of numbers."""
        name = f"a{len(self.arrays)}"
        self.arrays[name] = array
        return name

    def _node(self, value):
        for kind in self.kinds:
            if kind.takes(value):
                return [kind.name, kind.write(value, self)]
        if type(value).__name__ == "Predicate":
            raise TypeError(
                "A Predicate holds a function, which no model file keeps: state it as another "
                "constraint, or pickle the sampler."
            )
        raise TypeError(
            f"{_described(value)} cannot be saved in a model file: a file holds numbers, text, "
            "dates and column types. Convert that column or the target to one of these, or pickle "
            "the sampler."
        )


def _described(value):
    """A value in an error, without names that mean nothing to users."""
    module, name = type(value).__module__, type(value).__qualname__
    package = module.split(".")[0]
    if package == "skgensample":
        return "A part of this model"
    return f"An object of type {name}" + ("" if package == "builtins" else f" of {package}")


class Reader:
    """Turns nodes and arrays into values.

    Parameters
    ----------
    kinds : list of Kind
        Those of the writer.
    nodes : list
        Nodes of the file.
    arrays : dict of str to ndarray
        Its arrays.
    """

    def __init__(self, kinds, nodes, arrays):
        self._arrays, self._made, self._within, self._held = arrays, [], [], 0
        known = {kind.name: kind for kind in kinds}
        if not isinstance(nodes, list) or len(nodes) > MOST_NODES:
            raise ModelFileError("The model file has no list of nodes, or too many.")
        for node in nodes:
            name, content = node
            if name not in known:
                raise ModelFileError(
                    f"The model file has a node of kind {str(name)[:40]!r}, which this version of "
                    "skgensample does not know."
                )
            self._held = 1
            self._made.append(known[name].read(content, self))
            self._within.append(self._held)
        self._held = -math.inf  # what follows is not put into one another

    def value(self, value):
        """A value of JSON as an object."""
        if not isinstance(value, list):
            if isinstance(value, dict):
                raise ModelFileError("The model file has a value that is none.")
            return value
        (number,) = value
        if type(number) is not int or not 0 <= number < len(self._made):
            raise ModelFileError("The model file refers to a node that is not there.")
        self._held += self._within[number]
        if self._held > MOST_WITHIN:
            raise ModelFileError("The model file has too many values in one another.")
        return self._made[number]

    def values(self, values):
        """Several values of JSON as objects."""
        return [self.value(value) for value in values]

    def array(self, name):
        """The array of a name."""
        return self._arrays[name]


def checked(value, *kinds):
    """A value that is of one of some types, here; anything else is refused."""
    if not isinstance(value, kinds):
        raise ModelFileError("The model file has a value of the wrong type.")
    return value


def attributes(state):
    """Attributes of an object as a dict; names with two underscores are Python's own."""
    if any(not name.isidentifier() or name.startswith("__") for name in state):
        raise ModelFileError("The model file has an attribute that no object has.")
    return state


def is_of(value, module, name):
    """Whether a value's class, or one above it, has a name in a package that may be missing."""
    return any(
        kind.__name__ == name and kind.__module__.split(".")[0] == module
        for kind in type(value).__mro__
    )


class Kind:
    """A kind of node: which values it takes, and how they are written and read.

    Attributes
    ----------
    name : str
        Its name in the file.
    """

    name = ""

    def takes(self, value):
        """Whether a value is of this kind; by default by its exact type."""
        return type(value) in self.types

    def write(self, value, writer):
        """Content of the node: JSON."""
        return writer.values(value)

    def read(self, content, reader):
        """The value of a content."""
        return self.types[0](reader.values(content))
