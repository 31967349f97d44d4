# The ways to begin, each on a fresh clone. See README.md.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip install --quiet --constraint constraints.txt
DEMO := out/demo
DEMO_FILES := out/demo-files
# Processes that share the tests; each may hold an encoder, which takes about 1 GB.
WORKERS ?= 2

.PHONY: install demo browser test docs notebooks clean

.venv/pyvenv.cfg:
	$(PYTHON) -m venv .venv

# Stamps: installed again only when what is wanted changes.
.venv/.installed: pyproject.toml constraints.txt | .venv/pyvenv.cfg
	$(PIP) --editable '.[evaluate]'
	touch $@

.venv/.installed-demo: .venv/.installed
	$(PIP) --editable '.[demo]'
	touch $@

.venv/.installed-dev: .venv/.installed
	$(PIP) --editable '.[dev,torch]'
	touch $@

.venv/.installed-notebooks: .venv/.installed
	$(PIP) --editable '.[notebooks]'
	touch $@

install: .venv/.installed
	$(BIN)/rakkan models fetch

ifdef ARCHIVE
demo: install
	rm -rf $(DEMO)
	$(BIN)/rakkan scan "$(ARCHIVE)" --out $(DEMO)
else
demo: install .venv/.installed-demo
	rm -rf $(DEMO) $(DEMO_FILES)
	$(BIN)/python -m demo $(DEMO_FILES)
	$(BIN)/rakkan creators enrol --each $(DEMO_FILES)/creators --index $(DEMO_FILES)/index
	$(BIN)/rakkan scan $(DEMO_FILES)/uploads --out $(DEMO) --index $(DEMO_FILES)/index \
	    --trust-anchors $(DEMO_FILES)/trusted.pem
	$(BIN)/rakkan similar $(DEMO_FILES)/uploads/mirrored-crop.jpg --index $(DEMO_FILES)/index \
	    --page $(DEMO)/mirrored-crop.html
	@echo
	@echo "One upload beside the works that it is like: $(DEMO)/mirrored-crop.html"
	@echo "Report of the archive: $(DEMO)/report.html"
endif

# Pages are tested in Chromium. Root gets Debian's; others are told which tests did not run.
browser:
	@command -v chromium || command -v chromium-browser || command -v google-chrome || \
	    { test "$$(id -u)" = 0 && apt-get update && \
	      apt-get install --yes --no-install-recommends chromium; } || \
	    echo "Chromium is not installed: tests that need a browser will not run."

test: install .venv/.installed-dev browser
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder

notebooks: install .venv/.installed-notebooks
	$(BIN)/python -m jupyterlab --notebook-dir=notebooks

# Pages show what the notebooks draw, and never anybody's pictures.
docs: install .venv/.installed-dev
	env -u RAKKAN_DATA $(BIN)/python -m nbconvert --to notebook --execute --output-dir out/notebooks notebooks/*.ipynb
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

clean:
	rm -rf .venv out
