# Two commands: `make book` and `make test`. Each makes its own virtual environment first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --disable-pip-version-check --progress-bar off
READY := $(VENV)/.ready
PAGES := _build/html/index.html
HUB := _build/jupyterhub

# PINS=no installs the newest version of everything. On Linux, PyPI's torch brings gigabytes of CUDA: its CPU build is
# tried first. TORCH=default takes what pip finds.
PINS := yes
ifeq ($(PINS),no)
REQUIREMENTS := -e ".[book,test]"
TORCH := torch
else
REQUIREMENTS := -r requirements.txt
TORCH := $(shell grep '^torch==' requirements.txt)
endif
CPU_INDEX := https://download.pytorch.org/whl/cpu
SYSTEM := $(shell uname -s)

# one thread for BLAS, so that runs agree and timings compare
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export PYTHONHASHSEED := 0
# what is compiled once, the tests too, is not compiled again, whatever the shell says
export PYTHONDONTWRITEBYTECODE :=

.PHONY: browser book pdf test test-quick test-course test-fresh faults mutants data atlas bench lab notebooks course grade marks hub lint clean

browser: $(READY)
	@$(BIN)/python book/tools/chromium.py

book: $(READY)
	@echo "==> building the book (executes what changed; the first time takes a few minutes)"
	$(BIN)/jupyter-book build . --warningiserror --nitpick --keep-going
	@echo "==> read it: file://$(CURDIR)/$(PAGES)"

pdf: browser book
	@echo "==> printing the whole book with Chromium"
	$(BIN)/python book/tools/pdf.py

test: browser
	@$(MAKE) --no-print-directory -j2 book lint
	@echo "==> running every test: package, notebooks, rendered book"
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --durations=5

test-quick: $(READY)
	$(BIN)/python -m pytest -n 2 --dist worksteal ibnotes tests -m "not book and not slow"

test-course: browser $(HUB)/.ready
	@echo "==> grading 200 submissions with a kill in the middle, every wrong answer, a course on JupyterHub (some minutes)"
	IBNOTES_STUDENTS=200 IBNOTES_WRONG=all IBNOTES_HUB=yes $(BIN)/python -m pytest -n 2 --dist loadfile --durations=4 \
		tests/course/test_scale.py tests/course/test_clusters.py tests/course/test_assignments.py tests/course/test_hub.py

test-fresh: book
	@echo "==> running what readers take away, in an environment of its own with nothing but the package and its extra book"
	rm -rf _build/fresh
	$(PYTHON) -m venv _build/fresh
	_build/fresh/bin/pip install --disable-pip-version-check --progress-bar off $(if $(filter Linux,$(SYSTEM)),--extra-index-url $(CPU_INDEX)) \
		--constraint constraints.txt "$(TORCH)" ".[book]"
	_build/fresh/bin/python tests/fresh.py

course: $(READY)
	@echo "==> making the students' versions of the problem sets"
	cd book/assignments && $(CURDIR)/$(BIN)/python -m grading release

grade: $(READY)
	@echo "==> grading what is in book/assignments/submitted (kill it at will: it resumes)"
	cd book/assignments && $(CURDIR)/$(BIN)/python -m grading grade $(if $(filter yes,$(UNCONFINED)),--unconfined) \
		$(if $(PROBLEM),--problem $(PROBLEM)) $(if $(BACKEND),--backend $(BACKEND)) \
		$(if $(SCHEDULER),--scheduler $(SCHEDULER))

marks: $(READY)
	@cd book/assignments && $(CURDIR)/$(BIN)/python -m grading marks --lms $(or $(LMS),csv)

hub: $(HUB)/.ready
	@mkdir -p _build/hub
	@echo "==> a JupyterHub on http://127.0.0.1:8000, for this machine alone: log in as instructor, or as any student"
	cd _build/hub && PYTHONPATH=$(CURDIR)/$(HUB) $(CURDIR)/$(BIN)/python -m jupyterhub \
		-f $(CURDIR)/book/assignments/hub/jupyterhub_config.py

lint: $(READY)
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.citation-file-format CITATION.cff
	@$(BIN)/lint-imports --no-cache --no-logo > /dev/null || $(BIN)/lint-imports --no-cache

faults: $(READY)
	@echo "==> planting every fault and looking who notices (some minutes)"
	$(BIN)/python -m tests.faults --write

mutants: $(READY) _build/cosmic-ray
	@echo "==> changing the package in 150 places, one at a time, and running the unit tests (many minutes)"
	$(BIN)/python -m tests.mutants --sample 150

# these two are used here alone, and kept apart from what the book is built with
_build/cosmic-ray: $(READY)
	$(PIP) --target $@ cosmic-ray==8.7.0

$(HUB)/.ready: $(READY) book/assignments/hub/requirements.txt
	@command -v npm > /dev/null || { echo "==> JupyterHub's proxy needs Node.js, 18 or newer: apt install nodejs npm"; exit 1; }
	rm -rf $(HUB)
	$(PIP) --no-deps --target $(HUB) -r book/assignments/hub/requirements.txt
	npm install --prefix $(HUB) --no-fund --no-audit configurable-http-proxy@5.0.1
	@touch $@

data: $(READY)
	@echo "==> computing the tables that take longer than a chapter may (many minutes)"
	$(BIN)/python book/tools/data.py

atlas: $(READY)
	@echo "==> taking the fingerprints of every optimizer of the atlas (some minutes)"
	$(BIN)/python book/tools/atlas.py

bench: $(READY)
	@echo "==> measuring, one thread, side by side (some minutes)"
	$(BIN)/python -m tests.bench

lab: book
	@echo "==> the chapters to play with, in _build/lab: what you change there stays, and the book stays as it is"
	$(BIN)/python book/tools/lab.py

notebooks: $(READY)
	@echo "==> executing and normalizing every notebook in place"
	$(BIN)/python book/tools/normalize.py

$(READY): requirements.txt constraints.txt pyproject.toml
	@echo "==> installing the pinned requirements into $(VENV) (some minutes, once)"
	$(PYTHON) -m venv $(VENV)
ifneq ($(TORCH),default)
ifeq ($(SYSTEM),Linux)
	@$(PIP) --index-url $(CPU_INDEX) --no-deps --retries 0 --timeout 5 "$(TORCH)" \
		|| echo "==> no torch from $(CPU_INDEX): it comes from where pip finds the rest"
endif
endif
	$(PIP) $(REQUIREMENTS)
	@touch $@

clean:
	rm -rf _build $(VENV)
