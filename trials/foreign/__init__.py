"""nbgrader's own example course, which knows nothing of PS8, and the attacks of the kit that do not depend on PS8 either."""
