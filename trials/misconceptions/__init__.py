"""Known mistakes and right answers written differently, each before the judge and the student's check."""
