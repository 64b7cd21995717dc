"""An autograder for Gradescope: the zip that is uploaded there, and what runs there on each submission."""
