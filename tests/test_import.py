"""What `import skgensample` costs and offers, each time in a new interpreter."""

import json
import subprocess
import sys
import textwrap
from importlib.resources import files

import pytest

import skgensample

OPTIONAL = {"torch", "pandas", "polars", "pyarrow", "matplotlib", "xgboost", "tqdm"}

#: Makes packages look as if they were not installed.
BLOCKER = """
import json, sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if {{name, name.split(".")[0]}} & set({blocked!r}):
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Blocker())
"""


def in_new_interpreter(code, blocked=()):
    """What the code prints, read as JSON."""
    text = BLOCKER.format(blocked=sorted(blocked)) + textwrap.dedent(code)
    command = [sys.executable, "-c", text]
    child = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert child.returncode == 0, child.stderr
    return json.loads(child.stdout)


def loaded_by(imports):
    """Names of the modules that some imports load."""
    return set(in_new_interpreter(f"{imports}\nprint(json.dumps([*sys.modules]))"))


def test_import_costs_no_more_than_imblearn_and_numba():
    ours = loaded_by("import skgensample")
    added = {name.split(".")[0] for name in ours - loaded_by("import imblearn, numba")}
    assert added - set(sys.stdlib_module_names) == {"skgensample"}
    assert not {"torch", "polars", "matplotlib"} & ours


def test_samplers_work_where_nothing_optional_is_installed():
    counts = in_new_interpreter(
        """
        import numpy as np
        from skgensample import GaussianCopulaResampler, NumbaSMOTE, SequentialTreesResampler
        X, y = np.random.RandomState(0).randn(40, 3), np.arange(40) % 4 == 0
        counts = []
        for kind in (GaussianCopulaResampler, NumbaSMOTE, SequentialTreesResampler):
            X_all, y_all = kind(random_state=0).fit_resample(X, y)
            counts += [len(X_all), int(y_all.sum())]
        print(json.dumps(counts))
        """,
        blocked=OPTIONAL,
    )
    assert counts == [60, 30] * 3


@pytest.mark.parametrize("name", ["GANOversampler", "CTGANResampler"])
def test_one_sentence_without_torch(name):
    text = in_new_interpreter(
        f"""
        import skgensample
        try:
            skgensample.{name}
        except skgensample.MissingExtraError as error:
            print(json.dumps(str(error)))
        """,
        blocked={"torch"},
    )
    assert name in text and "skgensample[torch]" in text
    assert text.count(". ") == 0 and "\n" not in text


def test_names_are_listed_without_torch():
    code = "import skgensample\nprint(json.dumps(dir(skgensample)))"
    assert {"CTGANResampler", "NumbaSMOTE"} <= set(in_new_interpreter(code, blocked={"torch"}))


@pytest.mark.parametrize("room", ["skgensample", "skgensample.generators"])
@pytest.mark.parametrize("blocked", [(), ("torch",), OPTIONAL])
def test_star_import_gives_what_can_be_had(room, blocked):
    if "torch" not in blocked:
        pytest.importorskip("torch")
    code = f"from {room} import *\nprint(json.dumps([*globals()]))"
    names = set(in_new_interpreter(code, blocked=blocked))
    torch_wing = {*skgensample._NEEDS_TORCH}
    assert "GaussianCopulaResampler" in names and "_has_torch" not in names
    assert names & torch_wing == (set() if blocked else torch_wing)


@pytest.mark.parametrize("module", ["None", "types.ModuleType('torch')"])
def test_star_import_beside_a_stub_of_torch(module):
    """SciPy asks torch for its tensors while it loads: so it is loaded before."""
    names = in_new_interpreter(
        f"""
        import types
        import sklearn, scipy, imblearn.over_sampling
        sys.modules["torch"] = {module}
        from skgensample import *
        print(json.dumps([*globals()]))
        """
    )
    assert "NumbaSMOTE" in names and "CTGANResampler" not in names


def test_another_missing_module_is_not_blamed_on_torch():
    missing = in_new_interpreter(
        """
        import skgensample
        try:
            skgensample.CTGANResampler
        except ModuleNotFoundError as error:
            print(json.dumps([type(error).__name__, error.name]))
        """,
        blocked={"skgensample.generators._ctgan"},
    )
    assert missing == ["ModuleNotFoundError", "skgensample.generators._ctgan"]


def test_every_public_name_resolves():
    pytest.importorskip("torch")
    assert len(set(skgensample.__all__)) == len(skgensample.__all__)
    assert all(getattr(skgensample, name) is not None for name in skgensample.__all__)
    assert set(skgensample.__all__) <= set(dir(skgensample))


def test_unknown_name_is_refused():
    with pytest.raises(AttributeError, match="no attribute 'NoSuchSampler'"):
        _ = skgensample.NoSuchSampler


def test_types_are_announced():
    """py.typed lies in the package, so that type checkers read its annotations."""
    assert files("skgensample").joinpath("py.typed").is_file()
