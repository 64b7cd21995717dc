"""A Sphinx extension: formulas as MathML, which browsers draw themselves, with no script and no network."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx


def mathml(latex: str, display: str) -> str:
    """A formula as a `math` element; `display` is block or inline."""
    # latex2mathml keeps the backslash of an underscore within \texttt.
    return convert(latex.strip(), display=display).replace(r"\_", "_").replace("&#x0005C;&#x0005F;", "_")


def visit_math(translator: Any, node: nodes.math) -> None:
    """Writes a formula within a line."""
    translator.body.append(mathml(node.astext(), "inline"))
    raise nodes.SkipNode


def visit_displaymath(translator: Any, node: nodes.math_block) -> None:
    """Writes a formula of its own; a wide one is scrolled on a narrow screen."""
    reached = {"tabindex": "0", "role": "group", "aria-label": "Formula"}
    translator.body.append(translator.starttag(node, "div", CLASS="formula", **reached))
    translator.body.append(mathml(node.astext(), "block") + "</div>\n")
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the renderer that `html_math_renderer: mathml` names."""
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_displaymath, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
