"""Exact nearest neighbours beside scikit-learn and faiss; imbalanced-learn with our search.

    python benchmarks/neighbors/bench_search.py [PART ...] [--only TEXT] [--plot PNG]

Parts: search, samplers, memory, first, growth; all of them without a name. Each search is fit and
kneighbors, on float64 rows. Set NUMBA_NUM_THREADS and OMP_NUM_THREADS to the number of cores.
"""

import argparse
import json
import resource
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _timing import in_child, interleaved, setting

K = 6
COLUMNS = 30

#: Queries (None: the rows), rows, whether two columns are left unscaled, and repeats.
SEARCHES = {
    "492 in 284,807": (492, 284_807, False, 9),
    "50,000 among themselves": (None, 50_000, False, 5),
    "50,000 x 50,000": (50_000, 50_000, False, 5),
    "10,000 in 1,000,000": (10_000, 1_000_000, False, 3),
    "492 in 284,807, Time and Amount": (492, 284_807, True, 9),
    "50,000 among themselves, Time and Amount": (None, 50_000, True, 5),
    "10,000 in 1,000,000, Time and Amount": (10_000, 1_000_000, True, 3),
}


def fraud_shaped(n, raw=False, seed=0):
    """A rotated mixture of Student t; `raw` puts seconds in order and amounts before it."""
    rng = np.random.default_rng(seed)
    turn = np.linalg.qr(rng.standard_normal((COLUMNS, COLUMNS)))[0]
    X = rng.standard_t(4, size=(n, COLUMNS)) @ turn
    X[rng.random(n) < 0.3] += 2
    if raw:
        X[:, 0] = np.sort(rng.uniform(0, 172_792, n)).round()
        X[:, 1] = np.exp(rng.normal(3, 1.7, n)).round(2)
    return X


def two_classes(n, share, seed=0):
    """Fraud-shaped rows and labels; the scarce class lies a little aside."""
    X = fraud_shaped(n, seed=seed)
    y = (np.random.default_rng(seed + 1).random(n) < share).astype(int)
    X[y == 1] += 0.5
    return X, y


def queries(X, n):
    """Rows of X from all over it, or X itself."""
    if n is None:
        return X
    return np.ascontiguousarray(X[np.random.default_rng(9).permutation(len(X))[:n]])


def ours(X, Q, k=K):
    """NumbaNearestNeighbors."""
    from skgensample import NumbaNearestNeighbors

    return NumbaNearestNeighbors(k).fit(X).kneighbors(Q)


def scikit_learn(X, Q, k=K):
    """Brute force, which imbalanced-learn's samplers get above 15 columns."""
    from sklearn.neighbors import NearestNeighbors

    return NearestNeighbors(n_neighbors=k, algorithm="brute").fit(X).kneighbors(Q)


def faiss_flat(X, Q, k=K):
    """The flat index, which is exact but for float32."""
    import faiss

    index = faiss.IndexFlatL2(X.shape[1])
    index.add(X.astype(np.float32))
    return index.search(Q.astype(np.float32), k)


def rivals():
    """Searches by name; faiss only where it is installed."""
    found = {"skgensample": ours, "scikit-learn": scikit_learn, "faiss": faiss_flat}
    try:
        import faiss  # noqa: F401
    except ModuleNotFoundError:
        del found["faiss"]
    return found


def farther(X, Q, mine, theirs):
    """Neighbours that differ, and how many of theirs are nearer than ours, in exact sums."""
    rows, places = np.nonzero(mine != theirs)
    a, b = (
        ((Q[rows] - X[found[rows, places]]) ** 2).sum(axis=1) if len(rows) else np.empty(0)
        for found in (mine, theirs)
    )
    return len(rows), int((b < a * (1 - 1e-12)).sum())


def search(only):
    """Rows of the table of searches."""
    names = rivals()
    print(f"\n{'search, k = 6, 30 columns':40}" + "".join(f"{n:>14}" for n in names) + "   ratios")
    for job, (n_queries, n, raw, repeats) in SEARCHES.items():
        if only not in job:
            continue
        X = fraud_shaped(n, raw)
        Q = queries(X, n_queries)
        found = interleaved({name: partial(call, X, Q) for name, call in names.items()}, repeats)
        mine = found.pop("skgensample")
        ratios = ", ".join(f"{s / mine:.1f}" for s in found.values())
        line = "".join(f"{s:13.3f}s" for s in (mine, *found.values()))
        count, nearer = farther(X, Q, ours(X, Q)[1], scikit_learn(X, Q)[1])
        print(f"{job:40}{line}   {ratios}")
        print(f"    {count} of {Q.shape[0] * K} neighbours differ from scikit-learn's, {nearer} of")
        print("    scikit-learn's are nearer", flush=True)


def samplers(only):
    """imbalanced-learn's classes with their own search and with ours."""
    from imblearn.over_sampling import ADASYN, SMOTE, BorderlineSMOTE
    from imblearn.under_sampling import EditedNearestNeighbours, NearMiss

    from skgensample import NumbaNearestNeighbors as Ours

    jobs = {
        "SMOTE 1,000,000 at 5 %": (1_000_000, 0.05, SMOTE, {"k_neighbors": 6}, 3),
        "BorderlineSMOTE 284,807": (
            284_807, 0.0017, BorderlineSMOTE, {"k_neighbors": 6, "m_neighbors": 11}, 5
        ),
        "ADASYN 284,807": (284_807, 0.0017, ADASYN, {"n_neighbors": 6}, 5),
        "EditedNearestNeighbours 35,600": (
            35_600, 0.1, EditedNearestNeighbours, {"n_neighbors": 4}, 5
        ),
        "NearMiss 35,600": (35_600, 0.1, NearMiss, {"n_neighbors": 3}, 5),
    }  # fmt: skip
    print(f"\n{'imbalanced-learn':40}{'own search':>14}{'our search':>14}   ratio, same result")
    for job, (n, share, kind, neighbours, repeats) in jobs.items():
        if only not in job:
            continue
        X, y = two_classes(n, share)
        plain = kind(**({"random_state": 0} if "SMOTE" in job or "ADASYN" in job else {}))
        fast = kind(**{**plain.get_params(), **{p: Ours(k) for p, k in neighbours.items()}})
        found = interleaved(
            {"own": partial(plain.fit_resample, X, y), "our": partial(fast.fit_resample, X, y)},
            repeats,
        )
        a, b = plain.fit_resample(X, y)[0], fast.fit_resample(X, y)[0]
        same = a.shape == b.shape and np.allclose(a, b, rtol=1e-9, atol=1e-9)
        line = f"{found['own']:13.3f}s{found['our']:13.3f}s"
        print(f"{job:40}{line}   {found['own'] / found['our']:.1f}, {same}", flush=True)


def memory(only):
    """Peak memory that a search adds, in a process of its own."""
    print(f"\n{'memory added at the peak, MB':40}" + "".join(f"{name:>14}" for name in rivals()))
    for job in SEARCHES:
        if only in job and "Amount" not in job:
            megabytes = [in_child(__file__, "--peak", job, name)["mb"] for name in rivals()]
            print(f"{job:40}" + "".join(f"{mb:14.0f}" for mb in megabytes), flush=True)


def peak(job, name):
    """Child of `memory`: what one search adds to the process's largest size."""
    n_queries, n, raw, _ = SEARCHES[job]
    call = rivals()[name]
    small = fraud_shaped(2_000)
    call(small, small)
    X = fraud_shaped(n, raw)
    Q = queries(X, n_queries)
    # the data took more while they were made: the mark is set back to what is in use
    Path("/proc/self/clear_refs").write_text("5")
    before = _high_water()
    call(X, Q)
    print(json.dumps({"mb": (_high_water() - before) / 1e3}))


def _high_water():
    """Largest size of this process since the mark was set, in kB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def first(only):
    """The first call of a fresh process, without and with a filled cache."""
    print(f"\n{'first call, seconds':40}{'empty cache':>14}{'filled cache':>14}{'again':>14}")
    for job in ("NumbaSMOTE 284,807", "NumbaSMOTE 1,000", "kneighbors 50,000 x 5,000"):
        if only not in job:
            continue
        with tempfile.TemporaryDirectory() as folder:
            cold = in_child(__file__, "--first", job, NUMBA_CACHE_DIR=folder)
            warm = in_child(__file__, "--first", job, NUMBA_CACHE_DIR=folder)
        line = f"{cold['first']:13.3f}s{warm['first']:13.3f}s{warm['second']:13.3f}s"
        print(f"{job:40}{line}", flush=True)


def first_call(job):
    """Child of `first`: seconds of a process's first call, and of its second."""
    from skgensample import NumbaSMOTE

    if "SMOTE" in job:
        X, y = two_classes(1_000, 0.1) if "1,000" in job else two_classes(284_807, 492 / 284_807)
        call = partial(NumbaSMOTE(random_state=0).fit_resample, X, y)
    else:
        X = fraud_shaped(50_000)
        call = partial(ours, X, X[:5_000])
    seconds = []
    for _ in range(2):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    print(json.dumps(dict(zip(("first", "second"), seconds))))


def growth(only, plot=None):
    """2,000 queries among ever more rows."""
    names, sizes = rivals(), [10_000, 31_600, 100_000, 316_000, 1_000_000]
    seconds = {name: [] for name in names}
    print(f"\n{'2,000 queries among so many rows':40}" + "".join(f"{name:>14}" for name in names))
    for n in sizes:
        X = fraud_shaped(n)
        Q = queries(X, 2_000)
        found = interleaved({name: partial(call, X, Q) for name, call in names.items()}, 3)
        print(f"{n:<40,}" + "".join(f"{s:13.3f}s" for s in found.values()), flush=True)
        for name, s in found.items():
            seconds[name].append(s)
    if plot:
        from matplotlib.figure import Figure

        figure = Figure(figsize=(6, 4), layout="constrained")
        axes = figure.subplots()
        for name, found in seconds.items():
            axes.loglog(sizes, found, marker="o", label=name)
        axes.set(xlabel="rows", ylabel="seconds for 2,000 queries, 30 columns, k = 6")
        axes.legend(frameon=False)
        figure.savefig(plot, dpi=150)


def main():
    """Print the parts asked for."""
    parts = {"search": search, "samplers": samplers, "memory": memory, "first": first}
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", help="search, samplers, memory, first, growth")
    parser.add_argument("--only", default="", help="jobs whose name has this in it")
    parser.add_argument("--plot", help="where `growth` draws")
    parser.add_argument("--peak", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--first", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peak:
        return peak(*options.peak)
    if options.first:
        return first_call(options.first)
    parts["growth"] = partial(growth, plot=options.plot)
    packages = ["numpy", "scikit-learn", "imbalanced-learn", "numba"]
    print(setting(*packages, *(["faiss-cpu"] if "faiss" in rivals() else [])))
    for name in options.parts or parts:
        parts[name](options.only)
    return None


if __name__ == "__main__":
    main()
