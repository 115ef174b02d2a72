# `make book` builds the site, `make check` says in a minute or two whether a change holds, `make test` runs every test.
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

# press/made_from.py lists them; a Python that is too old is told below.
BOOK_SOURCES := $(shell PYTHONUTF8=1 PYTHONDONTWRITEBYTECODE=1 $(PYTHON) -m press.made_from 2>/dev/null)
SITE := _build/html/index.html
# The tests that need neither a built book nor a class, a browser or a process kept apart.
# Of the checks, not those that try the checks themselves, on every answer changed in one place.
QUICK := $(addprefix tests/,dlcourse checks grading press repo)

.PHONY: help book live bundle release pdf lint check test format exercises new-exercise grade-demo attack benchmark benchmark-build benchmark-checks \
	benchmark-grading benchmark-live lighthouse links editor lock clean environment browser unknown

help:  ## この一覧を表示する / list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

book: $(SITE)  ## サイトを作る / build the site
	@$(BIN)/python course.py address

# Without a list there is something wrong, which the build will tell.
$(SITE): $(or $(BOOK_SOURCES),unknown) | environment
	@$(BIN)/python -m press.commands.build

live: environment  ## 書きながら見る: 保存すると作り直して、ブラウザーに映す / rebuild and reload on every save
	@$(BIN)/python -m press.commands.preview

bundle: $(SITE)  ## ネットワークなしで読める本を1つの zip にする / pack the site for reading offline
	@$(BIN)/python -m press.commands.bundle

release: $(SITE)  ## 配るもの(wheel、sdist、zip)を _build/release/ に作る / what an edition gives out
	@$(BIN)/python -m press.commands.release $(TAG)

pdf: $(SITE) browser  ## 本の全体を1つの PDF にする / the whole book as a PDF
	@$(BIN)/python -m press.commands.pdf

lint: environment
	@$(BIN)/python course.py lint

check: lint  ## 1、2分で確かめる / what can be checked in a minute or two
	@$(BIN)/python -m pytest --numprocesses auto --no-loadscope-reorder --quiet --one-seed $(QUICK) --ignore=tests/checks/test_mutants.py

test: environment  ## テストを実行する(どのページも、どの答えも試すなら EVERYTHING=yes) / run the tests
	@$(BIN)/python course.py test $(if $(EVERYTHING),--everything)

format: environment  ## Python のファイルの書き方を揃える / format the Python files
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .

exercises: environment  ## solutions/*.md から問題ノートブックを作り直す(手での変更を捨てるなら OVERWRITE=yes) / regenerate the notebooks
	@$(BIN)/python -m press.exercises.notebooks

grade-demo: environment  ## 見本のクラスを採点して成績表を出す / grade a sample class, end to end
	@$(BIN)/python -m rehearsal.demo

attack: environment  ## 無害な攻撃で、採点の守りを確かめる / try what the grading keeps students from
	@$(BIN)/python -m rehearsal.attack

benchmark: environment  ## 速さと正確さを PyTorch などと比べる(入っていれば) / speed and accuracy beside peers
	@$(BIN)/python -m benchmarks.training
	@$(BIN)/python -m benchmarks.accuracy

benchmark-grading: environment  ## 採点の速さを nbgrader そのままと比べる / time grading beside stock nbgrader
	@$(BIN)/python -m benchmarks.grading

benchmark-checks: environment  ## 問題と答え合わせの表を出す(別解、間違い、速さ) / measure the exercises and their checks
	@$(BIN)/python -m benchmarks.checks

benchmark-live: environment  ## ページの中で Python が始まるまでの時間と大きさを測る / time the pages' Python
	@$(BIN)/python -m benchmarks.live

benchmark-build: environment  ## 本を作る時間を、ページの数を変えて測る / time builds of 5 to 40 pages, and of the book
	@$(BIN)/python -m benchmarks.build

new-exercise: environment  ## 問題の下書きを作る: make new-exercise CHAPTER=1 ID=T1-8 TITLE=題名 / begin an exercise
	@$(BIN)/python -m press.exercises.new

lighthouse: book browser  ## すべてのページを Lighthouse で測る(Node.js が必要) / Lighthouse on every page (needs Node.js)
	@$(BIN)/python -m press.commands.lighthouse

links: environment  ## サイトの外へのリンクを確かめる / check the links that lead outside
	@$(BIN)/jupyter-book build . --builder linkcheck --path-output _build/links

editor: environment  ## ページの中のエディターを作り直し、スクリプトを検査する / rebuild the editor, check the scripts
	@$(BIN)/python -m press.commands.editor

lock: environment  ## すべてのパッケージを新しい版にする(そのあと make test) / newest versions into the lock
	@$(BIN)/uv pip compile requirements.in --universal --python-version 3.11 --upgrade --no-header --quiet -o requirements.txt

clean:  ## 作ったサイトとキャッシュを消す / remove what was built (.venv stays)
	rm -rf _build

environment:
	@$(PYTHON) -c '$(NEW_ENOUGH)' 2>/dev/null || { echo "✗ Python 3.11 以上が必要です($(PYTHON): $$($(PYTHON) --version 2>&1 | head -1))。" \
		"インストールするか、場所を教えてください / Python 3.11 or newer is needed: make book PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) tools/environment.py $(VENV)

browser: environment
	@$(BIN)/python tools/browser.py
