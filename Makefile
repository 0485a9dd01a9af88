# Marketday: `make help` lists what there is.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
LOCAL  := $(VENV)/.installed-local
AWS    := $(VENV)/.installed-aws
STAMP  := $(VENV)/.installed-dev
POLICY := .venv-checkov
MANIFESTS := .venv-manifests
IMAGES := .venv-images
GATES  := .venv-ci
INFRA  := $(shell find infra -type f ! -path '*/.terraform/*')

# Without compiled files each of the hundreds of processes that tests start would compile everything again.
unexport PYTHONDONTWRITEBYTECODE

# Like pip and the system's other programs, uv believes the certificates of this system: many companies have their own.
export UV_SYSTEM_CERTS ?= 1

.DEFAULT_GOAL := help
.PHONY: help demo down aws test test-guards test-faults cloud cloud-long branches recovery images e2e unit unit-1 unit-2 lint code format reference lock package manifests gitops pipeline release release-check release-keep upgrade bench clean gameday test-gamedays

help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# One virtual environment. Each lock adds to the one before it, and is installed when it is needed. Local services are
# compiled at once, because behind their walls they cannot write compiled files.
$(LOCAL): requirements-local.lock pyproject.toml
	@UV_COMPILE_BYTECODE=1 ./tools/make-venv --project "$(PYTHON)" "$(VENV)" $<
	@$(BIN)/python -m compileall -q src && touch $@

$(AWS): requirements-aws.lock pyproject.toml
	@./tools/make-venv --project "$(PYTHON)" "$(VENV)" $< && touch $@

$(STAMP): requirements-dev.lock $(LOCAL)
	@PIP_NO_COMPILE=1 ./tools/make-venv --project "$(PYTHON)" "$(VENV)" $< && touch $(AWS) $@

# checkov needs other versions of half of what we use, so it has an environment of its own.
$(POLICY)/.installed: infra/checkov.lock $(STAMP)
	@PATH="$(abspath $(BIN)):$$PATH" ./tools/make-venv "$(PYTHON)" $(POLICY) $< && touch $@

# The tools of infra/kubernetes have one too, and the version of Kubernetes that its objects are for: that of the cluster.
KUBERNETES := 1.35
$(MANIFESTS)/.installed: infra/kubernetes/tools.lock $(STAMP)
	@PATH="$(abspath $(BIN)):$$PATH" ./tools/make-venv "$(PYTHON)" $(MANIFESTS) $< && touch $@

# helm is in no package of its own.
$(MANIFESTS)/bin/helm: infra/argocd/helm.lock tools/helm.py $(MANIFESTS)/.installed
	@PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python tools/helm.py $(MANIFESTS) $<

# A second opinion on them, where there is npm. Without it, or if it cannot install these, one line says so.
OPINION := $(MANIFESTS)/npm
MODELS  := $(addprefix @kubernetes-models/,karpenter@2.0.0 external-secrets@2.0.0 argo-cd@2.7.2 argo-rollouts@2.0.0)
$(OPINION)/.installed: Makefile $(MANIFESTS)/.installed
	@rm -f $@; npm install --no-save --no-package-lock --ignore-scripts --no-audit --no-fund --fetch-retries=0 \
		--prefix $(OPINION) $(MODELS) > /dev/null 2>&1 && touch $@ || \
		echo "manifests: no second opinion: npm is missing, or cannot install $(MODELS)"

# Two checkers run over infra/, and again only when something there has changed.
$(POLICY)/.checked: $(POLICY)/.installed $(INFRA)
	@LOG_LEVEL=ERROR CHECKOV_RUN_SCA_PACKAGE_SCAN=false $(POLICY)/bin/checkov --directory infra \
		--framework terraform cloudformation secrets --skip-download --quiet --compact
	@$(BIN)/cfn-lint infra/cloudformation/*.yaml
	@touch $@

demo: $(LOCAL) ## play one whole market day on real servers; it ends by itself
	@$(BIN)/marketday demo $(ARGS)

down: $(LOCAL) ## stop everything that `marketday demo --keep` left running
	@$(BIN)/marketday down

# Most tests wait for real servers or for Terraform, so five run at a time, also on a machine with two processors.
# The tests of a file stay in one process, for what they share; tests/conftest.py puts the longest first.
PYTEST = $(BIN)/pytest -n 5 --dist loadfile --no-loadscope-reorder

# One process compiles tests and libraries before five import them: else each of the five compiles them all.
$(VENV)/.compiled: $(STAMP)
	@$(BIN)/pytest --collect-only -q tests > /dev/null 2>&1; touch $@

test: $(VENV)/.compiled $(MANIFESTS)/.installed $(MANIFESTS)/bin/helm ## run every test but the long ones; the stacks of AWS only if terraform and its AWS provider are found
	@$(PYTEST) -m "not long" tests $(ARGS)

cloud: $(STAMP) ## run only the tests of AWS, against an emulated AWS
	@$(PYTEST) -m "not long" tests/cloud $(ARGS)

recovery: $(STAMP) ## lose a region of the emulated AWS, and bring everything back in another one (docs/recovery.md; a quarter of an hour or more)
	@$(BIN)/pytest -n 0 -s -m long tests/cloud/test_lost_region.py $(ARGS)

cloud-long: $(STAMP) ## apply the other AWS stacks, and all of them together, and break more links of the chain (ten minutes or more)
	@$(BIN)/pytest -n 4 -m long tests/cloud $(ARGS)

manifests: $(STAMP) $(MANIFESTS)/.installed $(MANIFESTS)/bin/helm $(OPINION)/.installed ## render infra/kubernetes and infra/argocd, and check them against schemas, policies and trivy
	@$(BIN)/python -m ci.gitops --without-charts
	@[ ! -f $(OPINION)/.installed ] || cat build/gitops/*/*.yaml | $(MANIFESTS)/bin/python -c \
		'import json, sys, yaml; json.dump([one for one in yaml.safe_load_all(sys.stdin) if one], sys.stdout)' \
		| node infra/kubernetes/second_opinion.mjs $(OPINION)
	@$(BIN)/pytest -q tests/kubernetes $(ARGS)

gitops: $(STAMP) $(MANIFESTS)/.installed $(MANIFESTS)/bin/helm ## render every Application as Argo CD would; ARGS="--base main" shows what differs (docs/gitops.md)
	@$(BIN)/python -m ci.gitops $(ARGS)

test-guards: $(STAMP) ## remove each guard in turn, and show that a named test fails without it (half an hour)
	@$(BIN)/python tools/guards.py $(ARGS)

branches: $(STAMP) ## run two branches beside each other, each in an environment of its own
	@$(BIN)/pytest -n 0 -m long tests/integration/provisioners/test_branches.py

test-faults: $(STAMP) ## run the long tests of faults under load: servers killed, stopped, emptied, full
	@$(BIN)/pytest -m long tests/faults tests/e2e $(ARGS)

# With SCENARIO it plays one; exit status 1: its hypothesis did not hold.
gameday: $(LOCAL) $(AWS) ## break something while a market day is played: SCENARIO=zone; without it, the list (docs/game-days.md)
	@$(BIN)/marketday gameday $(SCENARIO) $(ARGS)

test-gamedays: $(STAMP) ## play every scenario of game days (half an hour)
	@$(BIN)/pytest -m long tests/gameday $(ARGS)

$(IMAGES)/.installed: images/tools.lock $(STAMP)
	@PATH="$(abspath $(BIN)):$$PATH" ./tools/make-venv "$(PYTHON)" $(IMAGES) $< && touch $@

images: $(STAMP) $(IMAGES)/.installed $(MANIFESTS)/.installed ## build the images, check and list them, push and pull them here, and play a day through them
	@$(BIN)/python -m images.build $(ARGS)
	@$(BIN)/pytest -m long tests/images

$(GATES)/.installed: ci/tools.lock $(STAMP)
	@PATH="$(abspath $(BIN)):$$PATH" ./tools/make-venv "$(PYTHON)" $(GATES) $< && touch $@

# It lints the Jenkinsfile, where there are npm and Java.
GROOVY := $(GATES)/npm
$(GROOVY)/.installed: Makefile $(GATES)/.installed
	@rm -f $@; npm install --no-save --no-package-lock --ignore-scripts --no-audit --no-fund --fetch-retries=0 \
		--prefix $(GROOVY) npm-groovy-lint@15.2.2 > /dev/null 2>&1 && touch $@ || \
		echo "pipeline: the Jenkinsfile is not linted: npm is missing, or cannot install npm-groovy-lint"

pipeline: $(STAMP) $(GATES)/.installed $(IMAGES)/.installed $(MANIFESTS)/.installed $(MANIFESTS)/bin/helm $(GROOVY)/.installed ## run the stages of delivery on a small change, and show what each gate stops (ten minutes)
	@$(BIN)/python -c "from images.workshop import lacking; why = lacking(); why and exit(f'pipeline: {why}')"
	@$(BIN)/pytest -m "long or not long" tests/delivery $(ARGS)

e2e: $(STAMP) ## run only the small market days and the README's commands
	@$(PYTEST) tests/e2e $(ARGS)

# Two processes, each with half of the folders: of tests that take milliseconds pytest-xdist costs as much as the tests,
# because each of its processes imports and collects all of them.
UNIT = $(BIN)/pytest -q --hypothesis-profile=quick
unit: $(STAMP) ## run only the fast tests; the rules about the code are in tests/architecture
ifdef ARGS
	@$(UNIT) tests/unit $(ARGS)
else
	@$(MAKE) --no-print-directory --jobs=2 --keep-going --output-sync unit-1 unit-2
endif

unit-1:
	@$(UNIT) tests/unit/[a-dhk]*

unit-2:
	@$(UNIT) tests/unit/[!a-dhk_]*

# `make -j2 lint` runs both halves at the same time.
lint: code $(POLICY)/.checked ## ruff, strict types, import contracts, dependencies; checkov and cfn-lint over infra/

code: $(STAMP) # lint without infra/
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/deptry src

format: $(STAMP) ## format the code with ruff
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

reference: $(STAMP) ## write docs/reference from the code
	@$(BIN)/python tools/reference.py

COMPILE = uv pip compile --quiet --generate-hashes --no-header --no-annotate --no-emit-index-url --universal --python-version 3.11
lock: ## compile the locks again (needs uv), all with the versions that are tested
	$(COMPILE) pyproject.toml --all-extras --group dev -o requirements-dev.lock
	$(COMPILE) pyproject.toml -c requirements-dev.lock -o requirements.lock
	$(COMPILE) pyproject.toml -c requirements-dev.lock --extra local -o requirements-local.lock
	$(COMPILE) pyproject.toml -c requirements-dev.lock --extra aws -o requirements-aws.lock
	$(COMPILE) infra/checkov.in -o infra/checkov.lock
	$(COMPILE) infra/kubernetes/tools.in -o infra/kubernetes/tools.lock
	$(COMPILE) --no-deps infra/argocd/helm.in -o infra/argocd/helm.lock
	$(COMPILE) images/tools.in -o images/tools.lock
	$(COMPILE) ci/tools.in -o ci/tools.lock
	for name in $(basename $(notdir $(filter-out images/tools.in,$(wildcard images/*.in)))); do \
		$(COMPILE:--universal=--python-platform linux) images/$$name.in -c requirements-dev.lock -o images/$$name.lock || exit 1; done

aws: $(AWS) ## install what the commands on AWS need

package: ## pack the functions of AWS Lambda into build/lambda.zip
	@PATH="$(abspath $(BIN)):$$PATH" $(or $(wildcard $(BIN)/python),$(PYTHON)) tools/lambda_package.py $(ARGS)

release: $(STAMP) ## make dist/VERSION of this commit: archives, notes, sums, signature; ARGS=--tag also makes the tag
	@$(BIN)/python -m release.make $(ARGS)

release-check: $(STAMP) ## check a release with a public key: make release-check FOLDER=dist/0.1.0 KEY=release.pub
	@$(BIN)/python -m release.check "$(FOLDER)" "$(KEY)"

release-keep: $(STAMP) ## keep the release of this commit under tests/releases, for the tests of the next version
	@$(BIN)/python -m release.keep $(ARGS)

upgrade: $(STAMP) ## go from the last release to this version and back, with people who shop, and with a home (ten minutes)
	@$(BIN)/pytest -m "long or not long" tests/releases $(ARGS)

bench: $(STAMP) ## measure everything beside its ceiling, and write docs/benchmarks.md; ARGS=join measures one
	@$(BIN)/python -m bench $(ARGS)

clean: ## remove the virtual environment and caches (never .marketday: `make down` first)
	rm -rf $(VENV) $(POLICY) $(IMAGES) $(MANIFESTS) $(GATES) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .bench
