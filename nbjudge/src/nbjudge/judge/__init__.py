"""From evidence to verdict: criteria, known mistakes, severities, seeds and rounds."""
