"""From a learning platform's download to `submitted/NAME/ASSIGNMENT/`, where nbgrader and `nbjudge grade` look."""
