"""`python -m autograder.mutants`: see `autograder.mutants.measure`."""

import sys

from autograder.mutants.measure import main

sys.exit(main())
