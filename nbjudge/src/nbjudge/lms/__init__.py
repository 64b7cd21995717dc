"""Between a learning platform and the course: the subcommands that bring the roster and submissions in, and grades out."""
