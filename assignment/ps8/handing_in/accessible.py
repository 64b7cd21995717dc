"""What nbconvert's page lacks for who reads it by keyboard or does not see colours (WCAG 2.1 AA)."""

from __future__ import annotations

# Links within text are told from it by their colour alone.
STYLE = b"<style>.jp-RenderedHTMLCommon a:is(:link, :visited) { text-decoration: underline; }</style>\n"
# What is wider than the page is scrolled, by mouse only. Formulas are drawn late, and a phone is turned: so it looks again.
SCRIPT = b"""<script>
const reach = () => {
  for (const block of document.querySelectorAll(".jp-MarkdownOutput, .jp-OutputArea-output, .jp-OutputArea-output *, pre")) {
    const style = getComputedStyle(block);
    if (block.scrollWidth <= block.clientWidth || !/auto|scroll/.test(style.overflowX)) continue;
    block.tabIndex = 0;
    block.setAttribute("role", "group");
    block.setAttribute("aria-label", "Wider than the page");
  }
};
reach();
addEventListener("load", reach);
addEventListener("resize", reach);
</script>
"""


def accessible(page: bytes) -> bytes:
    """A page of nbconvert's, with what it lacks put in."""
    head, end, rest = page.partition(b"</head>")
    body, last, after = rest.rpartition(b"</body>")
    return b"".join([head, STYLE, end, body, SCRIPT, last, after]) if end and last else page
