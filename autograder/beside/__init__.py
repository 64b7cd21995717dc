"""What is prepared for the person who grades the report: suggestions beside each box, shown in formgrader alone.

Nothing of it is entered as a grade, and no student sees it. A program has looked for numbers and words in a text; what the text
argues, it cannot tell.
"""

from autograder.beside.boxes import BOXES
from autograder.beside.suggestion_cells import TITLE, add_suggestions, box_of, given, insert_before, is_beside, texts_of

__all__ = ["BOXES", "TITLE", "add_suggestions", "box_of", "given", "insert_before", "is_beside", "texts_of"]
