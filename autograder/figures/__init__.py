"""Pictures of wrong answers, drawn by the judge from numbers alone: what came beside what should have come.

They show values on the grader's inputs, as the texts of the verdict do, and nothing of how the right ones are made. What all
pictures are drawn with is here; which picture a question has stands with the question.
"""
