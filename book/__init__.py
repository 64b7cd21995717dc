"""The website: `python -m book.build` makes book/_build/html of the solved walkthrough and the pages here.

`pages` runs the solved notebooks (once), `sources` writes what Sphinx reads, `verify` looks at what it wrote.
"""
