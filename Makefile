# PS8, learning without labels. `make` alone lists what can be made.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
# One thread for each numerical library: the grader and the tests run several processes side by side.
export OMP_NUM_THREADS ?= 1

.DEFAULT_GOAL := help
.PHONY: help setup system demo test test-fast test-matrix check format notebooks question book bench misconceptions mutants gradescope publish clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) system  ## make .venv with everything in it, and the system packages where that is allowed

$(READY): pyproject.toml nbjudge/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and f"PS8 needs Python 3.10 or newer, this is {sys.version.split()[0]}: run  make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable ./nbjudge --editable '.[course,dev]'
	@touch $(READY)

system:
	@sh tools/system.sh

demo: setup  ## grade the bundled class on the photo sample, offline; ends in a table and says where to look
	$(BIN)/python -m trials demo

test: setup  ## run all tests
	$(BIN)/python -m pytest -n 2 --dist worksteal

test-fast: setup  ## run the tests that take seconds
	$(BIN)/python -m pytest -n 2 -m "not slow"

test-matrix: setup  ## run the kit's tests on Python 3.10 with the lowest declared libraries, and on 3.13 with the newest (3 GB each)
	$(BIN)/python tools/matrix.py

check: $(READY)  ## lint, format, types, and generated files that must be what the sources say
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy -p ps8 -p nbjudge -p nbrepair -p assignment.builder -p solution -p autograder -p trials -p book -p benchmarks -p tools
	$(BIN)/mypy --strict -p ps8 -p nbjudge -p nbrepair -p autograder
	$(BIN)/python -m assignment.builder all --check
	$(BIN)/python -m benchmarks.readme_table --check

format: $(READY)  ## put the code into its format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

notebooks: $(READY)  ## write the source notebooks, the release and environment.yml from the lesson and the reference
	$(BIN)/python -m assignment.builder all

question: $(READY)  ## write the skeleton of a new question, which is graded as it stands: make question NAME=row_means
	@test -n "$(NAME)" || { echo "Give it a name, which is also that of the function it asks for: make question NAME=row_means"; exit 1; }
	$(BIN)/python -m assignment.builder question "$(NAME)"
	$(BIN)/python -m assignment.builder all

book: setup  ## run the solved walkthrough (quick profile) and render the website into book/_build/html
	$(BIN)/python -m book.build --profile quick

bench: setup  ## measure the plain way and ours, side by side, into benchmarks/results.json
	$(BIN)/python -m benchmarks

misconceptions: setup  ## judge every known wrong answer, into benchmarks/misconceptions.json
	$(BIN)/python -m trials misconceptions

mutants: setup  ## change the grader's code by rule, N=300 times with SEED=1, and count what the tests see, into benchmarks/code_mutants.json
	nice $(BIN)/python -m trials code_mutants $(if $(N),--size $(N)) $(if $(SEED),--seed $(SEED))

assignment: $(READY)  ## write a second assignment beside ps8, NAME=ps9, that `nbjudge grade ps9` grades as it stands
	$(BIN)/nbjudge new $(NAME) --course autograder

gradescope: $(READY)  ## write the zip that grades on Gradescope; it holds the solution: for instructors only
	$(BIN)/nbjudge gradescope ps8 --course autograder

publish: $(READY)  ## write the public tree (release, kit, book) into public/; refuses answers and placeholders; DRAFT=1 to look at it
	$(BIN)/python -m assignment.builder publish --out $(if $(DRAFT),public-draft --draft,public)

clean:  ## remove what can be made again (not submissions, grades, secret.key, .venv, data_cache)
	rm -rf .matrix public public-draft book/_build book/generated .pytest_cache .mypy_cache .ruff_cache
	rm -rf autograder/prepared autograder/evidence
