"""What an instructor reads after grading: the table, grades.csv, the class report."""
