"""What every room stands on: text and pictures that others wrote, made harmless; files written whole. Imports no other room.

Where something of a student's is to stand decides what becomes of it. Each kind of place has one function, used by all:

| place | function |
| --- | --- |
| a name: of a file, a student, a part | `names.shown` |
| what a program printed, a traceback, an exception's message | `terminal.output` |
| a sentence of ours with foreign words in it | `characters.line`, in Markdown `markdown.in_a_sentence` |
| code, and other text of several lines | `characters.visible` |
| a written answer, in nbgrader's pages | `markdown.showable` |
| a picture | `pictures.picture_of` |
"""
