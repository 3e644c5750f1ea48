# One page of targets; `make help` lists them. Everything installs what it needs into VENV (.venv).

PYTHON ?= python3
# For `make fuzz`.
EXAMPLES ?= 500
VENV ?= .venv
BIN := $(VENV)/bin
EXAMPLE := examples/nextjs
export DJANGO_SETTINGS_MODULE := todo_project.settings

# What a deployment looks like, for the checks that ask.
PRODUCTION := ENV_FILE= ENVIRONMENT=production ALLOWED_HOSTS=todo.example.com \
	SECRET_KEY=only-for-checks-9bYp2vQ7sT4wZ1xC6nM3kL8jH5gF0dS-aR7uE2iO4pX

.DEFAULT_GOAL := help
.PHONY: help installed run dev example migrate test e2e e2e-mcp e2e-example two-machines two-machines-suite citus image-test chaos converge mutate check schema schema-lint types clients fuzz format lock bench clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' Makefile

installed: $(VENV)/.development $(EXAMPLE)/node_modules/.package-lock.json $(patsubst %,.venv-%/.installed,chatkit fuzz mcp) \
		$(patsubst %/package-lock.json,%/node_modules/.package-lock.json,$(wildcard e2e/*/package-lock.json)) ## Install what check, test and the e2e targets need (--jobs=2)

run: $(VENV)/.runtime ## Migrate and serve on PORT (8000), with the embedded SQLite file or DATABASE_URL
	@$(BIN)/python manage.py migrate --verbosity 0
	@PATH="$(CURDIR)/$(BIN):$$PATH" exec $(BIN)/gunicorn todo_project.wsgi

dev: $(VENV)/.runtime ## Like run, with one process that starts anew when a file has changed
	@$(BIN)/python manage.py migrate --verbosity 0
	@PATH="$(CURDIR)/$(BIN):$$PATH" WEB_CONCURRENCY=1 exec $(BIN)/gunicorn --reload todo_project.wsgi

example: $(VENV)/.runtime $(EXAMPLE)/.next/BUILD_ID ## Start examples/nextjs, a page with its own service, on PAGE_PORT (3000) and SERVICE_PORT (8001) (needs Node)
	@PYTHON="$(abspath $(BIN))/python" exec node $(EXAMPLE)/start.mjs $(ARGS)

migrate: $(VENV)/.runtime ## Apply the migrations
	$(BIN)/python manage.py migrate

test: $(VENV)/.development ## Run the suite on SQLite and on PostgreSQL (ARGS="-k word" to choose)
	@$(BIN)/python -m testing.run $(ARGS)

e2e: $(VENV)/.development .venv-chatkit/.installed e2e/docs/node_modules/.package-lock.json e2e/staff/node_modules/.package-lock.json ## Drive the frontends, chat pages, docs and staff site in Chromium against the real service (needs Chromium and Node)
	@$(BIN)/python -m pytest e2e/better_auth e2e/frontends e2e/ai_sdk e2e/chatkit e2e/docs e2e/staff $(ARGS)

e2e-example: $(VENV)/.development $(EXAMPLE)/.next/BUILD_ID ## Drive examples/nextjs in Chromium, as `make example` starts it (needs Chromium and Node)
	@$(BIN)/python -m pytest e2e/example $(ARGS)

e2e-mcp: $(VENV)/.development .venv-mcp/.installed ## Speak MCP with the real service: the official client and conformance tests (needs Node)
	@$(BIN)/python -m pytest e2e/mcp $(ARGS)

two-machines: $(VENV)/.development ## Two instances behind nginx, PgBouncer and Redis, by the files of deploy/compose: no state in either, no request lost
	@$(BIN)/python -m pytest e2e/two_machines $(ARGS)
	@$(BIN)/python -m testing.two_machines --kept

two-machines-suite: $(VENV)/.development ## All apps' tests that speak HTTP, each request of which goes to one of two instances (ARGS="tasks/tests -k word")
	@$(BIN)/python -m testing.two_machines $(ARGS)

image-test: $(VENV)/.development ## Build the Dockerfile without an engine, and run the image without rights on a root that nobody writes (root, buildah, debootstrap)
	@command -v buildah >/dev/null && PATH="$$PATH:/usr/sbin" command -v debootstrap >/dev/null || ! command -v apt-get >/dev/null || \
		{ apt-get update --quiet && DEBIAN_FRONTEND=noninteractive apt-get install --quiet --yes --no-install-recommends buildah debootstrap; }
	@$(BIN)/python -m pytest e2e/image $(ARGS)

chaos: $(VENV)/.development ## Break what is around real servers, and hold what they do to what is wanted (ARGS=leaving for that part)
	@$(BIN)/python -m testing.chaos $(ARGS)

citus: $(VENV)/.development ## Run the HTTP tests on a Citus coordinator with two workers (needs Citus in the newest PostgreSQL; ARGS=tasks for a part)
	@$(BIN)/python -m testing.citus.cluster $(BIN)/python -m pytest -q $(or $(ARGS),core accounts tasks assistant staff todo_project testing/tests/test_citus_rules.py)

converge: $(VENV)/.development ## Offline replicas of one user's tasks over two servers, cut and killed, come to the same (ARGS=--full: 50, with 10,000 operations)
	@$(BIN)/python -m testing.converge $(ARGS)

mutate: $(VENV)/.development ## Change the code in small ways and list what no test notices (ARGS="--sample 400 --seed 7 --only tasks")
	@$(BIN)/python -m testing.mutation $(ARGS)

check: $(VENV)/.development ## Formatting, lint, types, layers, migrations, deployment settings and files, schema
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	ENV_FILE= $(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python -m testing.safe_migrations
	$(PRODUCTION) $(BIN)/python -W error manage.py check --deploy --fail-level WARNING
	$(BIN)/python -m testing.contract breaking
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml deploy/compose/compose.yaml
	@$(BIN)/kubernetes-validate --strict --quiet $(filter-out %/kustomization.yaml,$(wildcard deploy/kubernetes/*.yaml))
	$(BIN)/hadolint Dockerfile deploy/compose/pgbouncer/Dockerfile

schema: $(VENV)/.development clients/typescript/node_modules/.package-lock.json ## Write openapi.json anew from the code, and the clients' types from it (tests compare them; needs Node)
	@$(BIN)/python -m testing.contract write
	@$(BIN)/python clients/python/generate.py
	@cd clients/typescript && npm run --silent generate

schema-lint: e2e/contract/node_modules/.package-lock.json ## Lint openapi.json with Redocly (needs Node)
	@cd e2e/contract && REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true npx --no-install redocly lint --max-problems 50 ../../openapi.json

types: e2e/contract/node_modules/.package-lock.json $(EXAMPLE)/node_modules/.package-lock.json ## Make TypeScript's types of openapi.json and compile a page of typical code against them, and examples/nextjs (needs Node)
	@cd e2e/contract && npm run --silent types
	@cd $(EXAMPLE) && npm run --silent types

clients: $(VENV)/.development clients/typescript/node_modules/.package-lock.json ## Test the clients and examples/ against the real service (needs Node)
	@$(BIN)/python -m pytest e2e/clients $(ARGS)

fuzz: $(VENV)/.development .venv-fuzz/.installed ## Send the real server on PostgreSQL what openapi.json allows and what it does not (EXAMPLES=500 of each operation)
	@$(BIN)/python -m e2e.fuzz .venv-fuzz/bin/st $(EXAMPLES) $(ARGS)

e2e/%/node_modules/.package-lock.json: e2e/%/package-lock.json
	cd e2e/$* && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

clients/typescript/node_modules/.package-lock.json: clients/typescript/package-lock.json
	cd clients/typescript && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# The client as who uses it has it: packed.
$(EXAMPLE)/todo-backend-client-0.1.0.tgz: clients/typescript/node_modules/.package-lock.json clients/typescript/package.json $(wildcard clients/typescript/src/*)
	cd clients/typescript && npm pack --silent --pack-destination=../../$(EXAMPLE)
	@touch $@

$(EXAMPLE)/node_modules/.package-lock.json: $(EXAMPLE)/package-lock.json $(EXAMPLE)/todo-backend-client-0.1.0.tgz
	cd $(EXAMPLE) && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(EXAMPLE)/.next/BUILD_ID: $(EXAMPLE)/node_modules/.package-lock.json $(EXAMPLE)/next.config.ts $(shell find $(EXAMPLE)/src -type f | sed 's/\[/\\[/g; s/\]/\\]/g')
	cd $(EXAMPLE) && npm run --silent build
	@touch $@

.venv-fuzz/.installed: e2e/fuzz/requirements.txt
	$(PYTHON) -m venv .venv-fuzz
	.venv-fuzz/bin/python -m pip install --disable-pip-version-check -r e2e/fuzz/requirements.txt
	@touch $@

bench: $(VENV)/.development .venv-bench/.installed bench/peers/elysia/node_modules/.installed ## Load this service and its peers with wrk; writes bench/RESULTS.md (ARGS=chat, ARGS=live for that part)
	@$(BIN)/python -m bench $(ARGS)

format: $(VENV)/.development ## Format the code and fix what ruff can fix
	$(BIN)/ruff check --fix --exit-zero --quiet .
	$(BIN)/ruff format .

lock: $(VENV)/.development ## Compile requirements*.in to pinned requirements*.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate \
		--upgrade requirements.in --output-file requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate \
		--upgrade requirements-otel.in --output-file requirements-otel.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate \
		--upgrade requirements-dev.in --output-file requirements-dev.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate \
		--upgrade bench/requirements.in --output-file bench/requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate \
		--upgrade e2e/fuzz/requirements.in --output-file e2e/fuzz/requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate \
		--upgrade e2e/mcp/requirements.in --output-file e2e/mcp/requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate \
		--upgrade e2e/chatkit/requirements.in --output-file e2e/chatkit/requirements.txt

clean: ## Remove the virtual environments and caches; the database and secrets stay
	rm -rf $(VENV) .venv-3.13 .image .venv-bench .venv-fuzz .venv-mcp .venv-chatkit bench/peers/elysia/node_modules e2e/*/node_modules clients/typescript/node_modules clients/typescript/dist $(EXAMPLE)/node_modules $(EXAMPLE)/.next $(EXAMPLE)/*.tgz .mypy_cache .pytest_cache .ruff_cache .import_linter_cache staticfiles

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.13 ...") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.txt | $(BIN)/python
	@echo "Installing into $(VENV); the first time takes about a minute."
	$(BIN)/python -m pip install --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.development: requirements-dev.txt $(VENV)/.runtime
	$(BIN)/python -m pip install --disable-pip-version-check -r requirements-dev.txt
	@touch $@

# The official client brings a server that this one has no use for.
.venv-mcp/.installed: e2e/mcp/requirements.txt
	$(PYTHON) -m venv .venv-mcp
	.venv-mcp/bin/python -m pip install --disable-pip-version-check -r e2e/mcp/requirements.txt
	@touch $@

# The package reads what is sent with its models, and brings a server too.
.venv-chatkit/.installed: e2e/chatkit/requirements.txt
	$(PYTHON) -m venv .venv-chatkit
	.venv-chatkit/bin/python -m pip install --disable-pip-version-check -r e2e/chatkit/requirements.txt
	@touch $@

# The peers of the benchmark bring frameworks that the service has no use for.
.venv-bench/.installed: bench/requirements.txt
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --disable-pip-version-check -r bench/requirements.txt
	@touch $@

# Without npm, or where Bun has no such build, the benchmark says itself what it leaves out.
bench/peers/elysia/node_modules/.installed: bench/peers/elysia/package-lock.json
	@mkdir -p $(@D)
	@if command -v npm >/dev/null; then npm ci --prefix $(<D) --no-audit --no-fund && touch $@; fi || true
