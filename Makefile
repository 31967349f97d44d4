# The ways to begin, each on a fresh clone. See README.md.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip install --quiet --constraint constraints.txt
DEMO_IMAGES := out/demo-images
ARCHIVE ?= $(DEMO_IMAGES)

.PHONY: install demo test docs clean

.venv/pyvenv.cfg:
	$(PYTHON) -m venv .venv

# Stamps: installed again only when what is wanted changes.
.venv/.installed: pyproject.toml constraints.txt | .venv/pyvenv.cfg
	$(PIP) --editable '.[train]'
	touch $@

.venv/.installed-dev: .venv/.installed
	$(PIP) --editable '.[dev,torch]'
	touch $@

install: .venv/.installed
	$(BIN)/rakkan models fetch

$(DEMO_IMAGES): demo/images.py | install
	$(BIN)/python demo/images.py $@

demo: install $(filter $(DEMO_IMAGES),$(ARCHIVE))
	rm -rf out/demo
	$(BIN)/rakkan scan "$(ARCHIVE)" --out out/demo

test: install .venv/.installed-dev
	$(BIN)/python -m pytest

docs: .venv/.installed-dev
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

clean:
	rm -rf .venv out
