# make demo：装好并走一遍示例；make test：装好并跑全部检查。第二次不再重装。
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# durable_rules 在 3.13 上要这个替换才能编
BUILD_FLAGS := CPPFLAGS="-DPyEval_CallObject=PyObject_CallObject $(CPPFLAGS)"

.PHONY: demo test lint types bench check clean

demo: $(STAMP)
	$(BIN)/advisor demo

test: $(STAMP) lint types
	$(BIN)/python -m pytest -n auto

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

bench: $(STAMP)
	$(BIN)/python -m tests.bench.speed
	$(BIN)/python -m tests.bench.memo
	$(BIN)/python -m tests.bench.interview
	$(BIN)/python -m tests.bench.screening
	$(BIN)/python -m tests.bench.web

check: $(STAMP)
	$(BIN)/advisor rules check --solve
	$(BIN)/advisor rules coverage --least 98
	$(BIN)/advisor rules mutate --solve --least 95

$(STAMP): pyproject.toml scripts/prerequisites.sh
	@sh scripts/prerequisites.sh $(PYTHON)
	$(PYTHON) -m venv $(VENV)
	$(BUILD_FLAGS) $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $(STAMP)

clean:
	rm -rf $(VENV) build dist outputs .pytest_cache .mypy_cache .ruff_cache .hypothesis
