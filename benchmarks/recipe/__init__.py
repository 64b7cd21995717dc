"""The search for a recipe under which CMC's lesson holds: its ideas, its runs, and the script that repeats one."""
