"""Rules that hold in all real rows, and how many synthetic rows break them."""

import numpy as np

from ..constraints._bound import BoundCombinations, Rows, bind
from ..constraints._codec import settled_rows
from ..constraints._joint import row_codes
from ..constraints._suggest import rules_of
from ..constraints._text import rule_text
from ._measure import Measure

#: Real rows and columns among which rules are looked for.
SEARCHED_ROWS, SEARCHED_COLUMNS = 20_000, 100
#: Rules that are named.
NAMED = 5
#: Proportion of independent rows that break a rule for which there is strong evidence.
STRONG = 0.05


class RealRules:
    """Rules of `suggest_constraints` without a breach in a real row, and their breaches.

    Parameters
    ----------
    tables : Tables
        The rows.

    Attributes
    ----------
    measure : Measure
        Proportion of the rows that break a rule at least.
    found : list of dict
        Each ``rule`` as text, the proportion of ``synthetic`` and ``independent`` rows that break
        it, and whether the evidence is ``strong``; those that are broken most first.
    usual : float
        Proportion of breaches that can occur among as many real rows as were seen without one
        (upper end of the 95 % interval).
    """

    def __init__(self, tables):
        self.tables, self.found = tables, []
        rows = {name: self._settled(Z) for name, Z in tables.all_rows().items()}
        n_real = len(rows["real"]) + len(rows["holdout"])
        self.usual = 3 / n_real
        any_breach = {
            name: np.zeros(len(rows[name]), bool) for name in ("synthetic", "independent")
        }
        for rule in self._kept(rows):
            text, rates = rule_text(rule.rule), {}
            for name, breach in any_breach.items():
                own = self._breaches(rule, rows, name)
                breach |= own
                rates[name] = float(own.mean())
            strong = rates["independent"] >= STRONG
            self.found.append({"rule": text, **rates, "strong": strong})
        self.found.sort(key=lambda one: -one["synthetic"])
        self._measure({name: breach.mean() for name, breach in any_breach.items()})

    def _settled(self, Z):
        """Rows as the codec has them: a missing category has no code of its own."""
        Z = np.array(Z, dtype=np.float64)
        for own, joint in zip(self.tables.codec.columns, self.tables.columns):
            if joint.n_levels > own.n_levels:
                Z[Z[:, own.index] == own.n_levels, own.index] = np.nan
        return settled_rows(self.tables.codec, Z)

    def _kept(self, rows):
        """Rules, bound to the tables, that no real row breaks."""
        real, codec = rows["real"], self.tables.codec
        some = real[:: -(-len(real) // SEARCHED_ROWS)]
        rules = [bind(rule, codec) for rule, _ in rules_of(codec, some, SEARCHED_COLUMNS)]
        return [
            rule
            for rule in rules
            if not any(self._breaches(rule, rows, name).any() for name in ("real", "holdout"))
        ]

    def _breaches(self, rule, rows, name):
        """Mask of the rows that break a rule."""
        if not isinstance(rule, BoundCombinations):
            return ~rule.holds(Rows(self.tables.codec, rows[name]))
        known = rows["real"] if name in ("real", "holdout") else self._all_real(rows)
        both = np.concatenate([known, rows[name]])[:, rule.columns]
        codes = row_codes(both)[0]
        return ~np.isin(codes[len(known) :], codes[: len(known)])

    @staticmethod
    def _all_real(rows):
        return np.concatenate([rows["real"], rows["holdout"]])

    def _measure(self, rates):
        self.measure = Measure(
            "fidelity.rules", "Rows that break a rule of all real rows", float(rates["synthetic"]),
            0.0, float(rates["independent"]), "lower", "0", sentence=self._sentence(),
        )  # fmt: skip

    def broken(self):
        """Rules broken by more rows than real rows can, those broken most first."""
        return [one for one in self.found if one["synthetic"] > self.usual]

    def _sentence(self):
        if not self.found:
            return "No rule was found that holds in all real rows and says something."
        broken = self.broken()
        count = f"{len(self.found)} rule{'s' if len(self.found) > 1 else ''}"
        if not broken:
            return f"{count} found in the real rows; the synthetic rows keep them."
        more = f", and {len(broken) - 1} more" if len(broken) > 1 else ""
        worst = broken[0]
        return (
            f"{count} found in the real rows; {worst['synthetic']:.1%} of the synthetic rows break "
            f"'{worst['rule']}'{more}. Give such rules to the generator as constraints."
        )
