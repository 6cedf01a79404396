"""HTML representation of a sampler in a notebook: scikit-learn's diagram, and class counts."""

from html import escape

from sklearn import get_config
from sklearn.utils import estimator_html_repr

from .._suggestions import plain

#: Classes and characters of a label that the table shows.
MOST_CLASSES, LABEL_LENGTH = 20, 40

#: Colours are those of the page, so that light and dark themes both show them.
_CELL = "padding:0.15em 0.8em;text-align:{};border-bottom:1px solid rgba(128,128,128,0.35)"
_NAMES = ("Class", "Given rows", "New rows", "After resampling")


class CountsRepresentation:
    """Mixin of samplers: a fitted one shows its class counts below scikit-learn's diagram."""

    @property
    def _repr_html_(self):
        # as in scikit-learn: there is no such attribute where diagrams are turned off
        if get_config()["display"] != "diagram":
            raise AttributeError("_repr_html_ is only defined for the display 'diagram'.")
        return self._html

    def _repr_mimebundle_(self, **kwargs):
        bundle = {"text/plain": repr(self)}
        if get_config()["display"] == "diagram":
            bundle["text/html"] = self._html()
        return bundle

    def _html(self):
        return estimator_html_repr(self) + self._counts_html()

    def _counts_html(self):
        """Table of class counts; nothing before `fit`, and of a table without classes."""
        given = getattr(self, "class_counts_", {})
        if len(given) < 2:
            return ""
        lines = [_line(_NAMES, "th")]
        for label, n in list(given.items())[:MOST_CLASSES]:
            kept = n if self._keeps_given() else 0
            after = n + self.sampling_strategy_.get(label, 0)
            lines.append(
                _line([_short(label), *(f"{k:,}" for k in (n, after - kept, after))], "td")
            )
        left_out = len(given) - MOST_CLASSES
        if left_out > 0:
            lines.append(_line([f"({left_out} more classes)", "", "", ""], "td"))
        style = "border-collapse:collapse;margin:0.5em 0;font-size:0.9em;color:inherit"
        return f'<table class="skgensample-counts" style="{style}">{"".join(lines)}</table>'


def _line(cells, tag):
    """A line of the table; the first cell on the left."""
    parts = []
    for place, cell in enumerate(cells):
        style = _CELL.format("right" if place else "left")
        parts.append(f'<{tag} style="{style}">{escape(cell)}</{tag}>')
    return f"<tr>{''.join(parts)}</tr>"


def _short(label):
    """A label as short text."""
    text = str(plain(label))
    return text if len(text) <= LABEL_LENGTH else text[: LABEL_LENGTH - 3] + "..."
