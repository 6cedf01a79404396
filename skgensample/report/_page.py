"""A report as one web page: HTML and CSS, pictures inside, nothing loaded and no script."""

import math
from html import escape

from ._judgement import WORDS
from ._rules import NAMED

STYLE = """
.skg{font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;color:#1b1f24;
background:#fff;max-width:1120px;margin:0 auto;padding:16px;box-sizing:border-box}
.skg *{box-sizing:border-box}
.skg h1{font-size:1.5em;margin:0 0 .2em}.skg h2{font-size:1.2em;margin:1.6em 0 .5em}
.skg p{margin:.3em 0 .8em}.skg .small{color:#57606a;font-size:.87em}
.skg .lead{font-size:1.15em;font-weight:600;margin:.5em 0 .9em}
.skg .cards{display:grid;gap:12px;grid-template-columns:repeat(auto-fit,minmax(240px,1fr))}
.skg .card{border:1px solid #d0d7de;border-left:6px solid;border-radius:6px;padding:10px 12px}
.skg .card b{font-size:1.02em}.skg .card p{margin:.3em 0 0}
.skg .level{float:right;font-weight:700;font-size:.86em;padding:1px 9px;border-radius:9px;
color:#fff}
.skg .good{border-left-color:#1a7f37}.skg .level.good{background:#1a7f37}
.skg .fair{border-left-color:#9a6700}.skg .level.fair{background:#9a6700}
.skg .bad{border-left-color:#b3261e}.skg .level.bad{background:#b3261e}
.skg .unknown{border-left-color:#6e7781}.skg .level.unknown{background:#6e7781}
.skg .wide{overflow-x:auto}
.skg table{border-collapse:collapse;width:100%;font-size:.92em}
.skg th,.skg td{text-align:left;padding:5px 10px 5px 0;border-bottom:1px solid #e4e8ec;
vertical-align:top;background:none;color:inherit}
.skg td.n,.skg th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.skg td.v{font-weight:700}
.skg .grid{display:grid;gap:10px;grid-template-columns:repeat(auto-fill,minmax(240px,1fr))}
.skg figure{margin:0}.skg figcaption{font-size:.84em;color:#57606a;overflow-wrap:anywhere}
.skg img{max-width:100%;height:auto}.skg code{font-size:.92em;overflow-wrap:anywhere}
.skg .key i{display:inline-block;width:11px;height:11px;margin:0 4px 0 12px}
@media(max-width:600px){
.skg table.m thead{display:none}.skg table.m td{display:block;border:0;padding:0;text-align:left}
.skg table.m tr{display:block;border-bottom:1px solid #e4e8ec;padding:8px 0}
.skg table.m td.n::before{content:attr(data-k) ": ";font-weight:400;color:#57606a}}
"""


#: What the reference rows are.
REFERENCES = (
    "Real rows show what another sample of the same population reaches. For fidelity the training "
    "rows, and the synthetic ones, are compared with the held-out rows; for utility a model is "
    "trained on the training rows; for privacy the held-out rows stand in for synthetic ones. "
    "Independent columns are the training rows with each column shuffled, which keeps every column "
    "and loses all dependence. Rebuilt rows: three or more synthetic rows on a line betray that "
    "they were interpolated, and two such lines meet in a training row."
)


def fragment(report, pictures):
    """The report as HTML that fits into a page or a notebook.

    Parameters
    ----------
    report : QualityReport
        The report.
    pictures : dict or None
        From `pictures`; None without matplotlib.
    """
    parts = [f"<style>{STYLE}</style>", '<div class="skg">', _head(report)]
    parts += [_fidelity(report, pictures or {}), _utility(report, pictures or {})]
    parts += [_privacy(report), _reproduce(report, pictures is None), "</div>"]
    return "\n".join(parts)


def page(report, pictures):
    """The report as a whole page."""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(_title(report))}</title></head>\n"
        f'<body style="margin:0">\n{fragment(report, pictures)}\n</body></html>\n'
    )


def _title(report):
    named = f": {report.sampler_name}" if report.sampler_name else ""
    return f"Quality of synthetic rows{named}"


def _head(report):
    """Verdict first, then what was compared."""
    found = report.verdict
    cards = "".join(
        f'<div class="card {part["level"]}"><span class="level {part["level"]}">'
        f"{WORDS[part['level']]}</span><b>{title}</b><p>{escape(part['sentence'])}</p></div>"
        for title, part in (
            ("Fidelity", found["fidelity"]),
            ("Utility", found["utility"]),
            ("Privacy (not a guarantee)", found["privacy"]),
        )
    )
    counts = report.counts
    text = (
        f"{counts['synthetic']:,} synthetic rows of {counts['columns']} columns, next to "
        f"{counts['real']:,} real rows and {counts['holdout']:,} held-out ones. "
        f"Measured in {report.seconds['total']:.1f} seconds."
    )
    notes = "".join(f'<p class="small">{escape(note)}</p>' for note in report.notes)
    return (
        f'<h1>{escape(_title(report))}</h1><p class="lead">{escape(found["summary"])}</p>'
        f'<div class="cards">{cards}</div><p class="small">{escape(text)}</p>{notes}'
    )


def shown(value):
    """A number for a reader."""
    return "-" if value is None or math.isnan(value) else f"{value:.3f}"


def _measures(measures):
    """Table of measures next to the reference rows."""
    rows = []
    for one in measures:
        interval = "" if math.isnan(one.low) else f" ({one.low:.3f} to {one.high:.3f})"
        arrow = "lower is better" if one.better == "lower" else "higher is better"
        cells = (("synthetic", shown(one.value) + interval, "n v"),
                 ("real", shown(one.holdout), "n"),
                 ("independent columns", shown(one.independent), "n"))  # fmt: skip
        numbers = "".join(f'<td class="{kind}" data-k="{k}">{v}</td>' for k, v, kind in cells)
        rows.append(
            f"<tr><td>{escape(one.label)}<br><span class='small'>{arrow}, ideal: "
            f"{escape(one.ideal)}</span></td>{numbers}<td>{escape(one.sentence)}</td></tr>"
        )
    head = (
        '<tr><th>Measure</th><th class="n">Synthetic</th><th class="n">Real</th>'
        '<th class="n">Independent columns</th><th>Judgement</th></tr>'
    )
    return f'<table class="m"><thead>{head}</thead><tbody>{"".join(rows)}</tbody></table>'


def _worst(title, entries, name):
    """Table of the worst columns or pairs."""
    if not entries:
        return ""
    rows = "".join(
        f"<tr><td>{escape(name(one))}</td>"
        + "".join(
            f'<td class="n">{shown(one[k])}</td>' for k in ("synthetic", "holdout", "independent")
        )
        + "</tr>"
        for one in entries
    )
    return (
        f'<div class="wide"><table><thead><tr><th>{title}</th><th class="n">Synthetic</th>'
        '<th class="n">Real</th><th class="n">Independent</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _picture(pictures, key, caption):
    if key not in pictures:
        return ""
    return (
        f'<figure><img alt="{escape(caption)}" src="{pictures[key]}">'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def _fidelity(report, pictures):
    fidelity = report._fidelity
    small = "".join(
        f'<figure><img alt="{escape(text)}" src="{url}"><figcaption>{escape(text)}</figcaption>'
        "</figure>"
        for text, url in pictures.get("marginals", ())
    )
    key = (
        '<p class="small key">Distributions, worst first:<i style="background:#a0a0a0"></i>real'
        '<i style="background:#0072b2"></i>synthetic</p>'
    )
    wide = "".join(
        _picture(pictures, name, caption)
        for name, caption in (
            ("pairs", "Errors of pairs of columns"),
            ("projection", "First two principal components of the real rows"),
            ("roc", "Classifier between real and synthetic rows"),
        )
    )
    both = _worst("Worst columns", fidelity.worst_columns(), _column_name)
    both += _worst("Worst pairs", fidelity.worst_pairs(), _pair_name)
    both += _rules(fidelity.rules.found)
    return (
        f"<h2>Fidelity: do the rows look like real ones?</h2>{_measures(fidelity.measures)}"
        f'<div class="cards" style="margin-top:1em">{both}</div>'
        + (f'{key}<div class="grid">{small}</div>' if small else "")
        + (f'<div class="cards" style="margin-top:1em">{wide}</div>' if wide else "")
    )


def _rules(found):
    """Table of the rules that the most rows break."""
    if not found:
        return ""
    rows = "".join(
        f'<tr><td>{escape(one["rule"])}</td><td class="n">{one["synthetic"]:.1%}</td>'
        f'<td class="n">{one["independent"]:.1%}</td></tr>'
        for one in found[:NAMED]
    )
    return (
        '<div class="wide"><table><thead><tr><th>Rules of all real rows</th><th class="n">'
        'Broken</th><th class="n">Independent</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _column_name(entry):
    return str(entry["column"])


def _pair_name(entry):
    return " and ".join(map(str, entry["columns"]))


def _utility(report, pictures):
    utility = report._utility
    head = "<h2>Utility: does a model learn from them?</h2>"
    if not utility.measures:
        return f"{head}<p>{escape(utility.note)}</p>"
    classes = ""
    if utility.classes:
        names = ("real", "synthetic", "both", "independent")
        rows = "".join(
            f"<tr><td>{escape(str(one['class']))}</td><td class='n'>{one['rows']:,}</td>"
            + "".join(f'<td class="n">{shown(one[name])}</td>' for name in names)
            + "</tr>"
            for one in utility.classes
        )
        titles = "".join(f'<th class="n">{name}</th>' for name in names)
        classes = (
            '<div class="wide"><table><thead><tr><th>Class</th><th class="n">Test rows</th>'
            f"{titles}</tr></thead><tbody>{rows}</tbody></table></div>"
        )
    sentence = utility.measures[0].sentence
    picture = _picture(pictures, "utility", "Score by the rows on which the model was trained")
    return (
        f"{head}<p>{escape(sentence)}.</p>".replace("..", ".")
        + f'<div class="cards">{picture}<div>{classes}</div></div>'
        + f'<p class="small">{escape(utility.note)}</p>'
    )


def _privacy(report):
    notes = "".join(f"<p>{escape(note)}</p>" for note in report._privacy.notes)
    return (
        "<h2>Privacy: what some attacks find (not a guarantee)</h2>"
        "<p>Only the attacks named here were tried. Others may find more, and none of them "
        "replaces a proof such as differential privacy.</p>"
        f"{_measures(report._privacy.measures)}{notes}"
    )


def _reproduce(report, bare):
    facts = report.reproduce
    versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    lines = [
        f"<code>{escape(facts['call'])}</code>",
        f"Versions: {escape(versions)}.",
        escape(facts["rows"]),
        REFERENCES,
    ]
    if bare:
        lines.append("Pictures need matplotlib: <code>pip install 'skgensample[plot]'</code>.")
    return "<h2>How to reproduce this</h2>" + "".join(f"<p class='small'>{x}</p>" for x in lines)
