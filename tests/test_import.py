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


def test_import_costs_no_more_than_imblearn_and_numba():
    before, after = map(
        set,
        in_new_interpreter(
            """
            import imblearn, numba
            before = [*sys.modules]
            import skgensample
            print(json.dumps([before, [*sys.modules]]))
            """
        ),
    )
    added = {name.split(".")[0] for name in after - before}
    assert added - set(sys.stdlib_module_names) == {"skgensample"}
    assert not {"torch", "polars", "matplotlib"} & after


#: Code for the names that a star import gives, from the package and from its room of generators.
STARS = """
stars = []
for room in ("skgensample", "skgensample.generators"):
    names = {}
    exec(f"from {room} import *", names)
    stars.append([*names])
"""


def check_stars(stars, wanted):
    """Both rooms hand on the samplers that need no torch, and of the others those wanted."""
    torch_wing = {*skgensample._NEEDS_TORCH}
    assert len(stars) == 2
    for names in map(set, stars):
        assert "GaussianCopulaResampler" in names and "_has_torch" not in names
        assert names & torch_wing == wanted


def test_star_imports_where_all_is_installed():
    pytest.importorskip("torch")
    stars = in_new_interpreter(STARS + "print(json.dumps(stars))")
    check_stars(stars, {*skgensample._NEEDS_TORCH})


def test_samplers_and_star_imports_where_nothing_optional_is_installed():
    code = """
import numpy as np
from skgensample import GaussianCopulaResampler, NumbaSMOTE
X, y = np.random.RandomState(0).randn(40, 3), np.arange(40) % 4 == 0
counts = []
for sampler in (GaussianCopulaResampler(random_state=0), NumbaSMOTE(random_state=0)):
    X_all, y_all = sampler.fit_resample(X, y)
    counts += [len(X_all), int(y_all.sum())]
print(json.dumps([stars, counts]))
"""
    stars, counts = in_new_interpreter(STARS + code, blocked=OPTIONAL)
    check_stars(stars, set())
    assert counts == [60, 30, 60, 30]


def test_names_and_one_sentence_without_torch():
    code = """
import skgensample
listed, sentences = dir(skgensample), []
for name in ("GANOversampler", "CTGANResampler"):
    try:
        getattr(skgensample, name)
    except skgensample.MissingExtraError as error:
        sentences.append(str(error))
"""
    names, sentences, stars = in_new_interpreter(
        f"{code}{STARS}print(json.dumps([listed, sentences, stars]))", blocked={"torch"}
    )
    assert {"CTGANResampler", "NumbaSMOTE"} <= set(names)
    for name, text in zip(("GANOversampler", "CTGANResampler"), sentences, strict=True):
        assert name in text and "skgensample[torch]" in text
        assert text.count(". ") == 0 and "\n" not in text
    check_stars(stars, set())


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
