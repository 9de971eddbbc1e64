.DEFAULT_GOAL := help
.PHONY: help install run worker test check lint bench bench-metadata bench-delivery bench-rules bench-pages bench-lists bench-backup chaos screenshots schema fuzz fix migrations messages clean

BIN := .venv/bin
RUNTIME := .venv/.runtime
DEVELOPMENT := .venv/.development
HTML := $$(git ls-files 'templates/*.html')
CREDENTIAL_KEY := "import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())"
MYSQL_PACKAGES := default-libmysqlclient-dev pkg-config build-essential

help:       ## Say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install:    ## Set everything up, and leave .venv/bin/packer
install: $(RUNTIME) .env
	@grep -Eq '^(export +)?CREDENTIAL_KEYS=.' .env || { \
		printf '\nCREDENTIAL_KEYS=%s\n' "$$($(BIN)/python -c $(CREDENTIAL_KEY))" >> .env; \
		echo "A key for stored credentials is added to .env"; }

run:        ## Serve the site and run its jobs on 127.0.0.1:8000, until Ctrl-C (ARGS="--port 9000")
run: install
	@exec $(BIN)/packer serve $(ARGS)

worker:     ## Run jobs alone, for a site served elsewhere
worker: install
	@exec $(BIN)/packer worker

test:       ## Run all tests (ARGS="…" goes to pytest)
test: $(DEVELOPMENT)
	$(BIN)/python -m pytest $(ARGS)

lint: $(DEVELOPMENT)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/djade --check $(HTML)
	$(BIN)/mypy .
	$(BIN)/lint-imports
	DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python manage.py makemigrations --check --dry-run

check:      ## All that CI checks: format, rules, types, imports, migrations, tests
check: lint test

bench:      ## Measure the packing of a file against a plain copy of it
bench: $(DEVELOPMENT)
	$(BIN)/python -m benchmarks.packing $(ARGS)

bench-metadata: ## Measure the reading of books and videos
bench-metadata: $(DEVELOPMENT)
	$(BIN)/python -m benchmarks.metadata $(ARGS)

bench-delivery: ## Measure a delivery against sftp and curl
bench-delivery: $(DEVELOPMENT)
	$(BIN)/python -m benchmarks.delivery $(ARGS)

bench-rules: ## Measure a library of 5,000 rules (DATABASE_URL=… for another database)
bench-rules: $(DEVELOPMENT)
	$(BIN)/python -m benchmarks.rules $(ARGS)

screenshots: ## Draw every page in every state into screenshots/ (ARGS="packed" for some)
screenshots: $(DEVELOPMENT)
	$(BIN)/python -m tests.screenshots screenshots $(ARGS)

bench-pages: ## Measure the pages of 100,000 releases (DATABASE_URL=… for another database)
bench-pages: $(DEVELOPMENT)
	$(BIN)/python -m benchmarks.pages $(ARGS)

chaos:      ## Kill, fill and cut what it runs on, and say what that cost (ARGS="R1 R6 --quick")
chaos: $(DEVELOPMENT)
	$(BIN)/python -m chaos $(ARGS)

schema:     ## Write the document of the API to docs/openapi.json
schema: $(DEVELOPMENT)
	DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python manage.py spectacular \
		--validate --fail-on-warn --format openapi-json --file docs/openapi.json

fuzz:       ## Send 50 generated requests to each operation of the API, as each role
fuzz: $(DEVELOPMENT)
	FUZZ_CASES=50 $(BIN)/python -m pytest tests/api/test_fuzz.py $(ARGS)

bench-lists: ## Measure the API's list of 100,000 releases (DATABASE_URL=… for another database)
bench-lists: $(DEVELOPMENT)
	$(BIN)/python -m benchmarks.lists $(ARGS)

bench-backup: ## Measure backup and restore of 100,000 releases (DATABASE_URL=… for another database)
bench-backup: $(DEVELOPMENT)
	$(BIN)/python -m benchmarks.backup $(ARGS)

fix:        ## Format, and mend what can be mended
fix: $(DEVELOPMENT)
	-$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djade $(HTML)

migrations: ## Write the migrations of changed models (NAME=what_changed)
migrations: $(DEVELOPMENT)
	DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python manage.py makemigrations --name $(NAME)

messages:   ## Collect the texts to translate, and compile the translations (needs gettext)
messages: $(DEVELOPMENT)
	DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python -m packer_site.messages

clean:      ## Remove what install made; the data stay
	rm -rf .venv *.egg-info

$(BIN)/python:
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed: apt-get install python3"; exit 1; }
	@python3 -c 'import ensurepip' 2>/dev/null \
		|| { echo "Python cannot make virtual environments: apt-get install python3-venv"; exit 1; }
	python3 -m venv .venv

# The database driver is compiled, so it is built where that can be, and only there.
$(RUNTIME): $(BIN)/python requirements.txt requirements-mysql.txt pyproject.toml
	@echo "Installing what is needed: about 20 seconds"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@if command -v pkg-config >/dev/null && pkg-config --exists libmariadb; then \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-mysql.txt; \
	else \
		echo "Without a MySQL driver: SQLite is used. For MySQL: apt-get install $(MYSQL_PACKAGES)"; \
	fi
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(DEVELOPMENT): $(RUNTIME) requirements-dev.txt requirements-s3.txt
	@echo "Installing what the tests need: about 15 seconds"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@if command -v npm >/dev/null; then \
		npm ci --silent --no-audit --no-fund --prefix tests/judges \
			|| echo "UnRAR, a judge of archives, could not be installed."; \
	else \
		echo "Without npm: the UnRAR judge is not installed."; \
	fi
	@touch $@

.env: $(BIN)/python
	@umask 077; $(BIN)/python -c "import secrets; \
	print(*(f'{name}={secrets.token_urlsafe(48)}' for name in ('SECRET_KEY', 'JWT_SECRET_KEY')), sep='\n')" > $@
	@echo "Secrets are written to .env"
