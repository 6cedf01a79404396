"""The rules of the house (doc/architecture.rst), read off the source without importing it."""

import ast
import re
import sys
from dataclasses import dataclass
from functools import cached_property
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


#: Which room may import which; "skgensample" is the package's own `__init__`. A room is the longest
#: of these names that a module's dotted name begins with.
ARROWS = {
    "exceptions": set(),
    "_typing": set(),
    "_runtime": {"exceptions"},
    "_suggestions": set(),
    "_sampling_strategy": {"_suggestions"},
    "table": {"_runtime", "_suggestions", "exceptions"},
    "search": {"_runtime", "_suggestions", "exceptions"},
    "persistence": {"exceptions"},
    "base": {
        "_runtime", "_sampling_strategy", "_suggestions", "constraints", "persistence", "table",
        "exceptions",
    },
    "neighbors": {"_runtime", "base", "search", "exceptions"},
    "generators._encoding": set(),
    "generators._copula": {"generators._encoding"},
    "generators._trees": {"_runtime", "generators._encoding", "generators._sequential"},
    "generators._networks": set(),
    "generators._sequential": {"exceptions"},
    "generators._training": {"_runtime", "generators._networks"},
    "generators._sampling": {"generators._networks", "generators._training"},
    "generators": {
        "_runtime", "_suggestions", "base", "exceptions", "generators._encoding",
        "generators._copula", "generators._trees", "generators._networks", "generators._sequential",
        "generators._training", "generators._sampling",
    },
    "images": {
        "_runtime", "_sampling_strategy", "base", "exceptions", "generators",
        "generators._training", "neighbors", "table",
    },
    "metrics": {"search", "table", "exceptions"},
    "report": {"constraints", "metrics", "search", "table", "exceptions"},
    "model_selection": {"_suggestions", "exceptions"},
    "datasets": {"exceptions"},
    "constraints": {"_suggestions", "table", "exceptions"},
    "_synthesize": {"_suggestions", "constraints", "generators", "table"},
    "distributed": {
        "_runtime", "_sampling_strategy", "base", "constraints", "neighbors", "search", "table",
        "exceptions",
    },
    "skgensample": {
        "_suggestions", "_synthesize", "distributed", "neighbors", "generators", "persistence",
        "report", "table", "exceptions",
    },
    "plotting": {"metrics", "table", "exceptions"},
    "benchmarking": {
        "skgensample", "_suggestions", "datasets", "exceptions", "images", "metrics",
        "model_selection", "neighbors", "plotting",
    },
    "warmup": {"_runtime", "search", "neighbors"},
    "cli": {"skgensample", "_suggestions", "benchmarking", "constraints", "exceptions"},
    "__main__": {"cli"},
}  # fmt: skip


#: Names of types, which every room may use.
TYPES = "_typing"


#: What every room may import at its top level.
CORE = {"numpy", "scipy", "sklearn", "imblearn", "numba", "threadpoolctl"}


#: What only some rooms may import, and then inside functions.
GUESTS = {
    "torch": {
        "generators", "generators._networks", "generators._training", "generators._sampling",
        "persistence", "images",
    },
    "PIL": {"datasets"},
    "dask": {"distributed"},
    "narwhals": {"distributed"},
    "psutil": {"_runtime"},
    "pandas": {"_synthesize", "table", "datasets", "benchmarking", "cli", "persistence",
               "distributed"},
    "polars": {"_synthesize", "table", "persistence"},
    "pyarrow": {
        "_synthesize", "table", "datasets", "benchmarking", "persistence", "cli", "distributed"
    },
    "faker": {"table"},
    "matplotlib": {"plotting", "report"},
    "joblib": {"benchmarking"},
    "llvmlite": {"search"},
    "tqdm": {"generators", "images", "benchmarking", "report"},
    "xgboost": {"benchmarking"},
}  # fmt: skip


AT_THE_DOOR = {
    *((room, "torch") for room in GUESTS["torch"] if room != "persistence"),
    ("benchmarking", "joblib"),
    ("search", "llvmlite"),
}


#: Packages and modules that know few others: whatever begins with one of these names may import
#: what is listed, and of ours the modules that know no more, or are listed.
NARROW = {
    "_runtime.jit": {"numba"},
    "_runtime.blas": {"threadpoolctl"},
    "_runtime.threads": {"numba"},
    "search._kernels": {"numpy", "numba", "llvmlite"},
    "search._bounds": {"numpy", "numba", "llvmlite"},
    "search._int16": {"numpy", "numba", "llvmlite"},
    "neighbors._kernels": {"numpy", "numba"},
    "generators._encoding": {"numpy", "scipy"},
    "generators._copula": {"numpy", "scipy"},
    "generators._networks": {"torch"},
    "generators._training.optim": {"torch"},
    "generators._training.state": {"torch"},
}


DRAWERS = {"utils", "util", "core", "common", "helpers", "helper", "misc", "tools"}


LEGACY_DRAWS = {"RandomState", "Generator", "default_rng", "SeedSequence", "MT19937", "PCG64"}


SEAMS = {"_check_X_y", "ArraysTransformer"}


FUNCTION_LINES, FILE_LINES = 60, 400


def longest_prefix(name, known):
    """The longest of the known dotted names that a dotted name begins with; None without one."""
    parts = name.split(".")
    prefixes = (".".join(parts[:n]) for n in range(len(parts), 0, -1))
    return next((prefix for prefix in prefixes if prefix in known), None)


@dataclass(frozen=True)
class Import:
    """One import: where it stands and what it reaches for."""

    line: int
    inside: bool
    target: str

    @property
    def top(self):
        return self.target.split(".")[0]


@dataclass(frozen=True)
class Module:
    """Source of one module; `name` is its dotted path within the package, "" for `__init__`."""

    name: str
    text: str
    is_package: bool = False

    @property
    def room(self):
        return longest_prefix(self.name, ARROWS) or self.name.split(".")[0] or "skgensample"

    @cached_property
    def nodes(self):
        """Every node of the tree, and whether it lies inside a function."""
        found, todo = [], [(ast.parse(self.text), False)]
        while todo:
            node, inside = todo.pop()
            found.append((node, inside))
            deeper = inside or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            todo += [(child, deeper) for child in ast.iter_child_nodes(node)]
        return found

    @cached_property
    def imports(self):
        found = []
        for node, inside in self.nodes:
            if isinstance(node, ast.Import):
                found += [Import(node.lineno, inside, alias.name) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                found += [
                    Import(node.lineno, inside, f"{self._origin(node)}.{alias.name}")
                    for alias in node.names
                ]
        return found

    def _origin(self, node):
        """Absolute name of the module that an import-from names."""
        here = ["skgensample", *filter(None, self.name.split("."))]
        if not node.level:
            return node.module
        here = here[: len(here) - node.level + self.is_package]
        return ".".join([*here, *filter(None, [node.module])])


def read_package():
    folder = ROOT / "skgensample"
    modules = []
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        name = ".".join(parts[: -1 if is_package else None])
        modules.append(Module(name, path.read_text(encoding="utf-8"), is_package))
    return modules


MODULES = read_package()


TOP_LEVEL = {module.name.split(".")[0] for module in MODULES}


def room_of(target):
    """Room that `skgensample.a.b` lies in; public names belong to the package's own `__init__`."""
    name = target.removeprefix("skgensample").lstrip(".")
    top = name.split(".")[0]
    return longest_prefix(name, ARROWS) or (top if top in TOP_LEVEL else "") or "skgensample"


def arrows(module):
    """Imports between rooms follow the arrows."""
    allowed = ARROWS.get(module.room)
    if allowed is None:
        yield 1, f"room {module.room} is not in the plan"
        return
    for found in module.imports:
        room = room_of(found.target)
        if found.top == "skgensample" and room not in allowed | {module.room, TYPES}:
            yield found.line, f"{module.room} must not import {room}"


def guests(module):
    """Optional packages are imported where they belong, and late."""
    for found in module.imports:
        top = found.top
        if top in CORE or top == "skgensample" or top in sys.stdlib_module_names:
            continue
        if module.room not in GUESTS.get(top, ()):
            yield found.line, f"{module.room} must not import {top}"
        elif not found.inside and (module.room, top) not in AT_THE_DOOR:
            yield found.line, f"{top} is imported at the door, not inside a function"


def narrow(module):
    """Kernels, encodings and networks know arrays or tensors only."""
    allowed = NARROW.get(longest_prefix(module.name, NARROW))
    if allowed is None:
        return
    for found in module.imports:
        own = found.target.removeprefix("skgensample.").rpartition(".")[0]
        known = NARROW.get(longest_prefix(own, NARROW))
        is_narrower = own in allowed or (known is not None and known <= allowed)
        if found.top not in allowed | sys.stdlib_module_names and not is_narrower:
            yield found.line, f"{module.name} must not import {found.target}"


def frames(module):
    """Rows and columns of frames are picked in the table room only."""
    if module.room in {"table", "datasets", "benchmarking"}:
        return
    for node, _ in module.nodes:
        if isinstance(node, ast.Attribute) and node.attr in {"iloc", "loc", "iat", "at_"}:
            yield node.lineno, f".{node.attr} outside the table room"


def global_random(module):
    """No global random state is seeded or drawn from."""
    for node, _ in module.nodes:
        if not isinstance(node, ast.Attribute):
            continue
        name = ast.unparse(node)
        numpys = re.fullmatch(r"(np|numpy)\.random\.(\w+)", name)
        if numpys and numpys[2] not in LEGACY_DRAWS:
            yield node.lineno, f"{name} uses numpy's global state"
        if re.fullmatch(r"torch\.(cuda\.|random\.)?(manual_)?seed(_all)?|random\.seed", name):
            yield node.lineno, f"{name} sets a global state"


def seams(module):
    """imbalanced-learn's private parts are used in `base` only, scikit-learn's hardly at all."""
    for found in module.imports:
        parts = found.target.split(".")
        private = any(part.startswith("_") for part in parts)
        if parts[0] == "imblearn" and module.room != "base" and (private or SEAMS & set(parts)):
            yield found.line, f"{found.target} is private to imbalanced-learn"
        if parts[0] == "sklearn" and private and "_param_validation" not in parts:
            yield found.line, f"{found.target} is private to scikit-learn"
    for node, _ in module.nodes:
        if isinstance(node, ast.Attribute) and node.attr in SEAMS and module.room != "base":
            yield node.lineno, f"{node.attr} is private to imbalanced-learn"


def unfinished(module):
    """Nothing is left for later, and no error is swallowed."""
    for node, _ in module.nodes:
        if isinstance(node, ast.Name) and node.id == "NotImplementedError":
            yield node.lineno, "NotImplementedError"
        if isinstance(node, ast.ExceptHandler) and isinstance(node.body[0], ast.Pass):
            yield node.lineno, "an error is swallowed"
    for number, line in enumerate(module.text.splitlines(), 1):
        if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", line):
            yield number, "left for later"


def sizes(module):
    """Files and functions stay small."""
    n_lines = len(module.text.splitlines())
    if n_lines > FILE_LINES:
        yield 1, f"{n_lines} lines"
    for node, _ in module.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            n_lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0
            if n_lines > FUNCTION_LINES:
                yield node.lineno, f"{node.name}: {n_lines} lines"


def drawers(module):
    """No drawer for everything."""
    for part in module.name.split("."):
        if part.strip("_") in DRAWERS:
            yield 1, f"a module called {part}"


def explained(module):
    """Every module says in its docstring what it is for."""
    if not ast.get_docstring(ast.parse(module.text)):
        yield 1, "no docstring"


RULES = (
    arrows, guests, narrow, frames, global_random, seams, unfinished, sizes, drawers, explained
)  # fmt: skip


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule(rule):
    faults = [
        f"skgensample/{module.name.replace('.', '/')}:{line}: {fault}"
        for module in MODULES
        for line, fault in rule(module)
    ]
    assert not faults, "\n".join([rule.__doc__, *faults])


@pytest.mark.parametrize(
    "rule, name, text",
    [
        (arrows, "base", "from .neighbors import NumbaSMOTE"),
        (arrows, "base", "def f():\n    from skgensample import neighbors"),
        (arrows, "neighbors._smote", "from ..generators import CTGANResampler"),
        (arrows, "generators._gan", "import skgensample.neighbors._base"),
        (arrows, "metrics._fraud", "def f():\n    from skgensample import NumbaSMOTE"),
        (arrows, "metrics._fraud", "from .. import base"),
        (arrows, "attic", "import numpy"),
        (guests, "base", "def f():\n    import torch"),
        (guests, "neighbors._smote", "from torch import nn"),
        (guests, "base", "import pandas as pd"),
        (guests, "metrics._fraud", "def f():\n    import polars"),
        (guests, "datasets", "import pandas as pd"),
        (guests, "generators._neural", "from tqdm import tqdm"),
        (guests, "base", "import dask"),
        (arrows, "metrics._coverage", "from ..neighbors import NumbaNearestNeighbors"),
        (arrows, "generators._encoding.blocks", "from .._networks.head import Head"),
        (arrows, "generators._networks.vae", "from .._training.loop import train"),
        (arrows, "generators._training.elbo", "from .._sampling import tabular_model"),
        (arrows, "generators._copula.model", "from .._neural import NeuralSampler"),
        (arrows, "search._knn", "from ..base import BaseOverSampler"),
        (arrows, "search._knn", "from ..neighbors._plan import Plan"),
        (guests, "generators._encoding.blocks", "import torch"),
        (guests, "generators._copula.model", "def f():\n    import torch"),
        (guests, "generators._trees.model", "def f():\n    import torch"),
        (arrows, "generators._trees.model", "from ...table import Column"),
        (narrow, "search._kernels", "from sklearn.base import clone"),
        (narrow, "search._kernels", "from ..table import TableCodec"),
        (narrow, "neighbors._kernels", "from ..base import BaseOverSampler"),
        (narrow, "generators._networks.head", "import numpy as np"),
        (narrow, "generators._networks.vae", "from ...base import BaseGenerator"),
        (narrow, "generators._encoding.mixture", "import sklearn"),
        (frames, "base", "rows = X.iloc[0]"),
        (frames, "neighbors._base", "X.loc[mask, 'a'] = 1"),
        (global_random, "base", "import numpy as np\nnp.random.seed(0)"),
        (global_random, "base", "import numpy as np\nx = np.random.rand(3)"),
        (global_random, "generators._gan", "import torch\ntorch.manual_seed(0)"),
        (global_random, "generators._gan", "import torch\ntorch.cuda.manual_seed_all(0)"),
        (global_random, "base", "import random\nrandom.seed(1)"),
        (seams, "neighbors._base", "from imblearn.utils._validation import ArraysTransformer"),
        (seams, "table", "from imblearn.utils import ArraysTransformer"),
        (seams, "neighbors._smote", "def f(self, X, y):\n    return self._check_X_y(X, y)"),
        (seams, "base", "from sklearn.utils._set_output import _wrap_data_with_container"),
        (unfinished, "base", "def f():\n    raise NotImplementedError"),
        (unfinished, "base", "try:\n    f()\nexcept ValueError:\n    pass"),
        (unfinished, "base", "# TO" + "DO: later"),
        (sizes, "base", "x = 1\n" * (FILE_LINES + 1)),
        (sizes, "base", "def f():\n" + "    x = 1\n" * (FUNCTION_LINES + 1)),
        (drawers, "metrics._utils", ""),
        (drawers, "core", ""),
        (explained, "base", "x = 1"),
    ],
)
def test_planted_fault_is_found(rule, name, text):
    assert list(rule(Module(name, text)))


@pytest.mark.parametrize(
    "rule, name, text",
    [
        (arrows, "neighbors._smote", "from ..base import BaseOverSampler\nfrom . import _kernels"),
        (arrows, "cli", "def f():\n    from skgensample import NumbaSMOTE"),
        (guests, "table._containers", "def f():\n    import pandas as pd"),
        (guests, "generators._networks.vae", "from torch import nn"),
        (narrow, "search._bounds", "from ._int16 import lanes"),
        (arrows, "generators._tvae", "from ._training.elbo import ElboStep"),
        (global_random, "base", "import numpy as np\nrng = np.random.RandomState(0)"),
        (global_random, "generators._gan", "generator.manual_seed(0)"),
        (sizes, "base", "def f():\n" + "    x = 1\n" * FUNCTION_LINES),
    ],
)
def test_good_source_passes(rule, name, text):
    assert not list(rule(Module(name, text)))


def test_every_room_is_read():
    """The reader sees packages, modules and private files."""
    assert {"", "base", "search._kernels", "generators._training.loop", "generators._ctgan"} <= {
        m.name for m in MODULES
    }


def test_every_module_is_described():
    """doc/architecture.rst names every module."""
    text = (ROOT / "doc" / "architecture.rst").read_text(encoding="utf-8")
    words = set(re.findall(r"[\w.]+", text))
    files = {module.name.split(".")[-1] + ".py" for module in MODULES if not module.is_package}
    assert files <= words, sorted(files - words)


def repeated_functions(modules):
    """Public functions of modules that share a name, with where they are."""
    found = {}
    for module in modules:
        for node in ast.parse(module.text).body:
            overloads = [ast.unparse(one) for one in getattr(node, "decorator_list", [])]
            if "overload" in overloads:
                continue
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                found.setdefault(node.name, []).append(module.name)
    return {name: homes for name, homes in found.items() if len(homes) > 1 and name != "main"}


def test_no_two_functions_of_one_name():
    """A name that is looked up leads to one place; `main` is a command's own."""
    assert not repeated_functions(MODULES)
    twice = [Module("a", "def f():\n    pass"), Module("b", "def f():\n    pass")]
    assert repeated_functions(twice) == {"f": ["a", "b"]}


def test_few_classes_above_a_sampler():
    """At most four classes of our own between a public sampler and `BaseOverSampler`."""
    import skgensample
    from skgensample.base import BaseOverSampler

    for name in skgensample.__all__:
        cls = getattr(skgensample, name)
        if isinstance(cls, type) and issubclass(cls, BaseOverSampler):
            above = cls.__mro__[1 : cls.__mro__.index(BaseOverSampler)]
            assert len([one for one in above if one.__module__.startswith("skgensample")]) <= 4


def test_arrows_make_no_circle():
    assert set(TopologicalSorter(ARROWS).static_order()) == set(ARROWS)


def test_no_path_of_a_machine():
    """No file names a folder of the machine on which it was written."""
    pattern = re.compile(r"(?<![\w.<>/-])/(work|root|home|Users|mnt)/\w")
    kinds = {".py", ".cfg", ".toml", ".txt", ".md", ".rst", ".yaml", ".cff", ""}
    named = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in own_files()
        if path.suffix in kinds
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]
    assert not named
    assert pattern.search("data = '" + "/home" + "/me/data.csv'")


def own_files():
    """Files of the repository, without what was built."""
    yield from (ROOT / name for name in ("setup.cfg", "pyproject.toml", "Makefile", ".ci/run"))
    yield from ROOT.glob("*.md")
    for folder in ("skgensample", "tests", "benchmarks", "doc"):
        for path in sorted((ROOT / folder).rglob("*")):
            built = {"__pycache__", "_build", "auto_examples", "generated"} & set(path.parts)
            if path.is_file() and not built and path.suffix in {".py", ".md", ".rst", ".json"}:
                yield path
