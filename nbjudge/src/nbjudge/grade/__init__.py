"""`nbjudge grade`: a whole class, evidence gathered in parallel, judged and committed by one writer."""
