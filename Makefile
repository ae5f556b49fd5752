# The course's commands. `make help` lists them.
PYTHON ?= python3
PORT ?= 8888
CORES ?= 4
TORCH ?= yes
IN_TURN ?= --in-turn
VENV := .venv/bin/python
# What was compiled once is found again
export PYTHONDONTWRITEBYTECODE :=
export TF_CPP_MIN_LOG_LEVEL := 3
# PyTorch's threads sleep instead of spinning where several tests share the cores
export OMP_WAIT_POLICY := PASSIVE
NO_TORCH := $(if $(filter no,$(TORCH)),--no-torch)
LESSONS_RUN := $(filter-out $(if $(NO_TORCH),notebooks/13_%),$(wildcard notebooks/*.ipynb))

.PHONY: help learn test thorough fast grade hub sample-class build check table bench checkpoints lock picture explore slides site teach

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

learn: ## set everything up and open the first exercise (PORT=8888, PYTHON=python3)
	@$(PYTHON) -m utils.course.install learn
	@$(VENV) -m utils.course.lab $(PORT)

test: ## set up what tests need and run them; of the longest a third, by commit (CORES=4, TORCH=no)
	@$(PYTHON) -m utils.course.install test $(NO_TORCH)
	$(VENV) -m ruff format --check .
	$(VENV) -m ruff check .
	$(VENV) -m utils.course check
	$(VENV) -m pytest tests -p no:nbval -n $(CORES) --dist loadgroup $(IN_TURN)
	$(VENV) -m pytest --nbval $(LESSONS_RUN) -n $(CORES) --dist loadfile --no-loadscope-reorder

thorough: ## the same, and all of the longest
	@$(MAKE) test IN_TURN=

fast: ## what to run before each commit: no lesson, and no test that takes long (tests/long.json)
	@$(PYTHON) -m utils.course.install test $(NO_TORCH)
	$(VENV) -m ruff format --check .
	$(VENV) -m ruff check .
	$(VENV) -m utils.course check
	$(VENV) -m pytest tests -p no:nbval -n $(CORES) --dist loadgroup --fast

grade: ## grade SUBMISSIONS=folder into OUT=folder, each answer in a box of its own (ROSTER=roster.csv, MORE="--resume")
	@$(if $(and $(SUBMISSIONS),$(OUT)),,echo "make grade SUBMISSIONS=folder OUT=folder, and perhaps ROSTER=roster.csv"; exit 2)
	@$(PYTHON) -m utils.course.install grade $(NO_TORCH)
	$(VENV) -m utils.course grade "$(SUBMISSIONS)" --out "$(OUT)" $(if $(ROSTER),--roster "$(ROSTER)") $(MORE)

hub: ## start a server for a class: CLASS=file with one name a line (PORT=8000, FOLDER=class)
	@$(PYTHON) -m utils.course.install hub $(NO_TORCH)
	$(VENV) -m utils.course hub $(CLASS) --folder $(or $(FOLDER),class) --port $(if $(filter 8888,$(PORT)),8000,$(PORT))

sample-class: ## write a class of thirty invented submissions to build/sample-class, to try the grader on
	@$(PYTHON) -m utils.course.grade.sample

build: ## write the notebooks whose source, or the library under it, has changed
	@$(PYTHON) -m utils.course.install test $(NO_TORCH)
	$(VENV) -m utils.course build $(LESSONS)

check: ## prove that every built notebook is what its source gives
	$(VENV) -m utils.course check

table: ## for each exercise: mutants named, alternatives accepted
	$(VENV) -m tests.checks.table

bench: ## every lesson's and every check's time; then all ratios to peers as one table, in an hour (BEFORE=commit, DATA=Multi30k's folder)
	@$(PYTHON) -m utils.course.install bench
	$(VENV) -m benchmarks.lessons
	$(VENV) -m benchmarks.check_times
	$(VENV) -m benchmarks.rows $(if $(BEFORE),--before $(BEFORE)) $(if $(DATA),--data $(DATA))

checkpoints: ## train the translator that comes with the course anew, in under ten minutes
	@$(PYTHON) -m utils.course.install learn
	$(VENV) -m benchmarks.checkpoints

picture: ## draw the README's picture
	$(VENV) -m utils.plots.course_map data/pictures/series.png

teach: explore slides site ## everything to teach with: explorer, slides and site, in build/

explore: ## write build/explore.html: the translator in a page of its own, to look into
	@$(PYTHON) -m utils.course.install learn
	$(VENV) -m utils.course explore

slides: ## write build/slides/: a deck of each lesson (LESSONS=04 for one)
	@$(PYTHON) -m utils.course.install teach
	$(VENV) -m utils.course slides $(LESSONS)

site: ## write build/site/: the lessons as a site that needs no network
	@$(PYTHON) -m utils.course.install teach
	$(VENV) -m utils.course site

lock: ## write the locks anew from pyproject.toml (needs uv)
	$(PYTHON) -m utils.course.lock
