"""The grader of PS8. This folder is also nbgrader's course directory: its commands are run here."""
