# The three ways to begin, each on a fresh clone. See README.md.
PYTHON ?= python3
BIN := .venv/bin
ARCHIVE ?= out/demo-images
OUT ?= out/demo

.PHONY: install demo test clean

.venv/pyvenv.cfg:
	$(PYTHON) -m venv .venv

# A stamp per set of extras: installed again only when pyproject.toml changes.
.venv/.installed: pyproject.toml | .venv/pyvenv.cfg
	$(BIN)/pip install --quiet -e '.[train]'
	touch $@

.venv/.installed-dev: pyproject.toml | .venv/.installed
	$(BIN)/pip install --quiet torch==2.14.1 torchvision==0.29.1
	$(BIN)/pip install --quiet -e '.[dev,torch]'
	touch $@

install: .venv/.installed
	$(BIN)/rakkan models fetch

demo: install
	$(BIN)/python -m benchmarks.demo_images --unless-given "$(ARCHIVE)"
	$(BIN)/rakkan scan "$(ARCHIVE)" --out "$(OUT)"

test: install .venv/.installed-dev
	$(BIN)/python -m pytest

clean:
	rm -rf .venv out
