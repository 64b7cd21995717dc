"""What a student gets back: one self-contained HTML page for each notebook, made by nbgrader's own `generate_feedback`."""
