"""The verdict: three levels and one sentence, from the measures."""

import math

from ._measure import position

#: Levels, from the best.
GOOD, FAIR, BAD, UNKNOWN = "good", "fair", "bad", "unknown"
#: Proportion of rows that break a rule of strong evidence, beyond which the rows are bad.
BROKEN = 0.05
WORDS = {GOOD: "good", FAIR: "fair", BAD: "bad", UNKNOWN: "not measured"}


def verdict(measures, notes, rules):
    """Level and sentence of each part, and a sentence for all.

    Parameters
    ----------
    measures : dict of str to Measure
        By key.
    notes : dict of str to str
        Why a part was not measured.
    rules : RealRules
        Rules that hold in all real rows.

    Returns
    -------
    dict
        ``"summary"``, and for each part ``{"level", "sentence"}``.
    """
    parts = {
        "fidelity": _with_rules(*_fidelity(measures), rules),
        "utility": _utility(measures, notes.get("utility", "")),
        "privacy": _privacy(measures, notes.get("privacy", "")),
    }
    found = {name: {"level": level, "sentence": text} for name, (level, text) in parts.items()}
    summary = _summary({name: level for name, (level, _) in parts.items()})
    if measures["privacy.copies"].value - measures["privacy.copies"].holdout > 0.5:
        summary = "These rows are copies of training rows: do not share them as synthetic ones."
    return {"summary": summary, **found}


def _fidelity(measures):
    columns, c2st = measures["fidelity.columns"], measures["fidelity.c2st"]
    pairs = measures.get("fidelity.pairs")
    if math.isnan(c2st.value):
        return UNKNOWN, "Too few rows to tell."
    worse = columns.value - columns.holdout
    placed = math.nan if pairs is None else position(pairs)
    lost = placed < 0.4
    if worse > 0.15:
        return BAD, "The columns' distributions are not those of the real rows."
    if lost:
        return BAD, "The dependence between columns is lost: rows are put together at random."
    told = f"A classifier tells them from real rows with an AUROC of {c2st.value:.2f}"
    usual = "0.5 is guessing"
    if c2st.value < c2st.holdout - 0.05 and c2st.value < 0.45:
        usual = "below 0.5: rows lie close to real ones, see Privacy"
    if worse <= 0.03 and not c2st.value >= max(0.65, c2st.holdout + 0.1):
        return GOOD, f"The rows look like real ones. {told} ({usual})."
    if c2st.value > 0.9 and worse > 0.05:
        return BAD, f"The rows do not look like real ones. {told}."
    return FAIR, f"The rows resemble real ones, with differences. {told}."


def _with_rules(level, text, rules):
    """The verdict on fidelity, made worse by rules that are broken."""
    broken = rules.broken()
    if not broken:
        return level, text
    strong = [one for one in broken if one["strong"] and one["synthetic"] > BROKEN]
    worst = (strong or broken)[0]
    said = f"{worst['synthetic']:.1%} of them break a rule of all real rows: {worst['rule']}."
    if strong:
        return BAD, f"{said} {text}" if level == BAD else f"{said}"
    return (FAIR if level == GOOD else level), f"{text} {said}"


def _utility(measures, note):
    score = measures.get("utility.score")
    if score is None or note:
        why = note.removeprefix("Not measured: ")
        return UNKNOWN, f"{why[:1].upper()}{why[1:]}"
    lost, gap = score.holdout - score.value, score.holdout - score.independent
    if math.isnan(lost):
        return BAD, score.sentence
    share = lost / gap if gap > 0.02 else lost / 0.05
    said = f"Trained on them, a model scores {score.value:.3f}; on real rows {score.holdout:.3f}."
    if share <= 0.1:
        return GOOD, said
    return (FAIR if share <= 0.4 else BAD), said


def _privacy(measures, note):
    attack, closest = measures.get("privacy.membership"), measures.get("privacy.closest")
    found = _findings(measures)
    if found:
        return BAD, f"Training rows are given away: {'; '.join(found)}."
    if attack is None:
        return UNKNOWN, note
    if attack.low > 0.5 or closest.low > 0.5:
        return FAIR, (
            f"The attacks tried find slightly more than chance: AUROC {attack.value:.2f}, "
            f"{closest.value:.0%} of the rows are nearer to a training than to a held-out row."
        )
    return GOOD, "The attacks tried find no more than chance. That is not a guarantee."


def _findings(measures):
    """What shows that training rows are given away."""
    copies, found = measures["privacy.copies"], []
    if copies.value - copies.holdout > 0.01:
        usual = f"{copies.holdout:.1%} of held-out ones"
        found.append(f"{copies.value:.1%} of the rows are copies of them ({usual})")
    rebuilt = measures.get("privacy.reconstructed")
    if rebuilt is not None and rebuilt.value > 0.01:
        found.append(f"{rebuilt.value:.0%} of them were reconstructed from lines between the rows")
    attack, closest = measures.get("privacy.membership"), measures.get("privacy.closest")
    if attack is not None and attack.value > 0.6 and attack.low > 0.5:
        found.append(f"an attack tells them from held-out rows (AUROC {attack.value:.2f})")
    if closest is not None and closest.low > 0.55:
        found.append(f"{closest.value:.0%} of the rows are nearer to one than to a held-out row")
    return found


def _summary(levels):
    """One sentence for whoever reads no further."""
    if levels["privacy"] == BAD:
        return (
            "These rows give training rows away: do not share them as if they were synthetic."
            if levels["fidelity"] != BAD
            else "These rows give training rows away, and they are not like the real ones."
        )
    if levels["fidelity"] == BAD:
        return "These rows are not like the real ones: do not draw conclusions from them."
    if levels["fidelity"] == UNKNOWN:
        return "These are too few rows to tell whether they are like the real ones."
    worst = [level for level in levels.values() if level in (FAIR, BAD)]
    tail = (
        "no attack was tried"
        if levels["privacy"] == UNKNOWN
        else "the attacks tried found no training row"
        if levels["privacy"] == GOOD
        else "the attacks tried found little"
    )
    if levels["utility"] == BAD:
        return f"These rows resemble the real ones, but a model learns little from them; {tail}."
    if not worst:
        return f"These rows are like the real ones; {tail}."
    return f"These rows are nearly like the real ones; {tail}."
