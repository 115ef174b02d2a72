# The two commands: `make book` builds the site, `make test` runs every test.
# Everything is installed into .venv; nothing outside this folder changes, except that
# `make test` may install a browser (tools/browser.py says so when it does).

VENV := .venv
BIN := $(VENV)/bin
# Small matrices: more BLAS threads only wait for each other.
export OPENBLAS_NUM_THREADS ?= 1

# The first Python that is new enough; name another one with `make book PYTHON=/path/to/python3`.
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(or $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c '$(NEW_ENOUGH)' 2>/dev/null && { echo $$p; break; }; done),python3)

BOOK_SOURCES := $(shell find book dlcourse solutions _config.yml _toc.yml requirements.txt tools/book.py tools/exercise_source.py tools/pyodide.py \
	-type f -not -name '*.pyc' -not -path '*/.ipynb_checkpoints/*' 2>/dev/null)
SITE := _build/html/index.html

.PHONY: help book live bundle pdf test exercises grade-demo benchmark benchmark-grading benchmark-build new-exercise lock clean environment browser

help:  ## この一覧を表示する / list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

book: $(SITE)  ## サイトを作る / build the site
	@echo "サイトができています。ブラウザーで開いてください / open in a browser:"
	@echo "  file://$(CURDIR)/$(SITE)"

$(SITE): $(BOOK_SOURCES) | environment
	@$(BIN)/python tools/book.py

live: environment  ## 書きながら見る: 保存すると作り直して、ブラウザーに映す / rebuild and reload on every save
	@$(BIN)/python tools/live.py

bundle: $(SITE)  ## ネットワークなしで読める本を1つの zip にする / pack the site for reading offline
	@$(BIN)/python tools/bundle.py

pdf: $(SITE) browser  ## 本の全体を1つの PDF にする / the whole book as a PDF
	@$(BIN)/python tools/pdf.py

test: environment browser  ## すべてのテストを実行する / run every test
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/python -m pytest

exercises: environment  ## solutions/*.md から問題ノートブックを作り直す / regenerate the notebooks
	@$(BIN)/python tools/exercises.py

grade-demo: environment  ## 見本のクラスを採点して成績表を出す / grade a sample class, end to end
	@$(BIN)/python tools/grade_demo.py

benchmark: environment  ## 速さと正確さを PyTorch などと比べる(入っていれば) / speed and accuracy beside peers
	@$(BIN)/python benchmarks/training.py
	@$(BIN)/python benchmarks/accuracy.py

benchmark-grading: environment  ## 採点の速さを nbgrader そのままと比べる / time grading beside stock nbgrader
	@$(BIN)/python benchmarks/grading.py

benchmark-build: environment  ## 本を作る時間を、ページの数を変えて測る / time builds of 5 to 40 pages, and of the book
	@$(BIN)/python benchmarks/build.py

new-exercise: environment  ## 問題の下書きを作る: make new-exercise CHAPTER=1 ID=T1-8 TITLE=題名 / begin an exercise
	@$(BIN)/python tools/new_exercise.py

lock: environment  ## requirements.txt を更新する / recompile the lock
	@$(BIN)/uv pip compile requirements.in --universal --python-version 3.11 --upgrade --no-header --quiet -o requirements.txt

clean:  ## 作ったサイトとキャッシュを消す / remove what was built (.venv stays)
	rm -rf _build

environment:
	@$(PYTHON) -c '$(NEW_ENOUGH)' 2>/dev/null || { echo "✗ Python 3.11 以上が必要です($(PYTHON): $$($(PYTHON) --version 2>&1 | head -1))。" \
		"インストールするか、場所を教えてください / Python 3.11 or newer is needed: make book PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) tools/environment.py $(VENV)

browser: environment
	@$(BIN)/python tools/browser.py
