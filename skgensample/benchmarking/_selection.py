"""Which learners and strategies run, of those that are named and installed."""

from ._learners import DEFAULT_LEARNERS, LEARNERS
from ._names import unknown_name
from ._strategies import DEFAULT_STRATEGIES, STRATEGIES, canonical_sampler, find_strategy

__all__ = ["chosen_names", "treatments"]

LEAK_NOTE = (
    'DEMONSTRATION ONLY: the rows "SMOTE, LEAKED" resample train and test rows together, before '
    "the split. Their scores are what that fault pretends, not what anybody will get."
)


def chosen_names(learners, strategies, samplers, show_leak):
    """Return the names that can be run, and notes on those that cannot.

    Parameters
    ----------
    learners, strategies, samplers : list of str or None
        As `run_benchmark` takes them.
    show_leak : bool
        Whether the planted leak is added.

    Returns
    -------
    learners, strategies, notes : tuple of list of str
        Names without duplicates, and what is left out.

    Raises
    ------
    ValueError
        If a name is unknown or no learner can be run.
    """
    notes = []
    learners = LEARNERS if learners == ["all"] else learners or DEFAULT_LEARNERS
    if strategies is None:
        strategies = [
            name for name in DEFAULT_STRATEGIES if not (samplers and STRATEGIES[name].resamples)
        ]
    elif strategies == ["all"]:
        strategies = [name for name, strategy in STRATEGIES.items() if not strategy.leaky]
    _refuse_unknown(learners, LEARNERS, "learner")
    _refuse_unknown(strategies, STRATEGIES, "strategy")
    strategies = ["none", *strategies, *map(canonical_sampler, samplers or [])]
    strategies += ["leak"] if show_leak else []
    learners = _available(learners, LEARNERS.get, notes)
    if not learners:
        raise ValueError(f"No learner can be run: {' '.join(notes)}")
    strategies = _available(strategies, find_strategy, notes)
    if any(find_strategy(name).leaky for name in strategies):
        notes.append(LEAK_NOTE)
    return learners, strategies, notes


def _refuse_unknown(names, registry, what):
    """Error at the first name that is not registered."""
    for name in names:
        if name not in registry:
            end = f"choose from {', '.join(registry)}"
            raise ValueError(unknown_name(f"Unknown {what}", name, registry, end))


def _available(names, find, notes):
    """Names whose module is installed, each once."""
    names = list(dict.fromkeys(names))
    missing = [name for name in names if find(name).missing]
    for name in missing:
        module = find(name).missing
        extra = "torch" if module == "torch" else "benchmark"
        notes.append(
            f"{name} is left out: {module} is not installed (pip install 'skgensample[{extra}]')."
        )
    return [name for name in names if name not in missing]


def treatments(strategies, ratios):
    """Return pairs of strategy and ratio, None where a strategy has no ratio.

    Parameters
    ----------
    strategies : list of str
        Names for `find_strategy`.
    ratios : sequence of float
        Ratios of the samplers that take one.

    Returns
    -------
    pairs : list of tuple
        In the order of the strategies.
    """
    return [
        (strategy, ratio)
        for strategy in strategies
        for ratio in (ratios if _has_ratio(find_strategy(strategy)) else [None])
    ]


def _has_ratio(strategy):
    return strategy.resamples and strategy.has_ratio
