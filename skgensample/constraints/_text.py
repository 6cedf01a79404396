"""Rules as the text that the command line takes: ``total = a + b``."""

from ._rules import FixedCombinations, Inequality, LinearSum, OneHot


def rule_text(rule):
    """A rule as text.

    Parameters
    ----------
    rule : Constraint
        One that `suggest_constraints` finds; others are spelled as in Python.

    Returns
    -------
    text : str
        Such as ``"total = a + b"``, ``"start <= end"`` or ``"together(city, country)"``.
    """
    if isinstance(rule, Inequality):
        return f"{rule.left} {rule.op} {rule.right}"
    if isinstance(rule, LinearSum) and not rule.tolerance:
        return _sum_text(rule)
    calls = {FixedCombinations: "together", OneHot: "onehot"}
    if type(rule) in calls:
        return f"{calls[type(rule)]}({', '.join(map(str, rule.columns))})"
    return repr(rule)


def _sum_text(rule):
    """An equation, the terms that are added first."""
    weights = rule.weights or [1] * len(rule.parts)
    if any(abs(weight) != 1 for weight in weights):
        return repr(rule)
    terms = sorted(zip(weights, rule.parts), key=lambda term: -term[0])
    texts = [f"{'+' if weight > 0 else '-'} {part}" for weight, part in terms]
    first = texts[0].removeprefix("+ ").replace("- ", "-", 1)
    return f"{rule.total} = {' '.join([first, *texts[1:]])}"
