"""What hangs on nbgrader's configuration: reading any file, repairing it, gathering and judging in place of running tests."""
