# Concordat: the two commands are `make demo` and `make test`. Both do all set-up themselves.
SWIFT_FLAGS := --explicit-target-dependency-import-check error -j 2
PATIENTS ?= 6000
DATA ?=
ROUNDS ?= 60000
N ?= 10000
SEED ?= 1
HOME_DIR ?= $(CURDIR)/demo

PREFIX ?= /usr/local
MANUAL := .build/man

.PHONY: demo test build release man install format lint graph fuzz differential bench clean

## Build for use, then run the main job on five real processes. DATA=DIR takes foreign FHIR NDJSON instead.
demo: release
	.build/release/concordat demo --home $(HOME_DIR) $(if $(DATA),--data $(DATA),--patients $(PATIENTS))

## Set up for tests, build once, run every test: the large ones in processes of their own, because Foundation's
## Process reads past the end of the list of open files where there are some 1,350.
test:
	Infra/setup.sh test
	swift build --build-tests $(SWIFT_FLAGS)
	Infra/run_tests.sh $(SWIFT_FLAGS) --skip ConcordatTests --skip NodeTests
	Infra/run_tests.sh $(SWIFT_FLAGS) --filter '^NodeTests'
	Infra/run_tests.sh $(SWIFT_FLAGS) --filter '^ConcordatTests'

release:
	Infra/setup.sh run
	swift build -c release --product concordat -j 2

## The manual pages, one a command, of what --help says: man -l .build/man/concordat.1
man: release
	python3 Infra/manual.py .build/release/concordat $(MANUAL)

## Put the program, what it reads, its manual pages and the shells' completions below PREFIX (DESTDIR for packagers).
install: man
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/concordat/.lib $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 755 .build/release/concordat $(DESTDIR)$(PREFIX)/lib/concordat/concordat
	install -m 644 .lib/libduckdb.so $(DESTDIR)$(PREFIX)/lib/concordat/.lib/libduckdb.so
	cp -R Schemas Policies Pages $(DESTDIR)$(PREFIX)/lib/concordat/
	ln -sf ../lib/concordat/concordat $(DESTDIR)$(PREFIX)/bin/concordat
	install -m 644 $(MANUAL)/*.1 $(DESTDIR)$(PREFIX)/share/man/man1/
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions $(DESTDIR)$(PREFIX)/share/zsh/site-functions \
	  $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	.build/release/concordat --generate-completion-script bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/concordat
	.build/release/concordat --generate-completion-script zsh > $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_concordat
	.build/release/concordat --generate-completion-script fish > $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/concordat.fish

build:
	Infra/setup.sh run
	swift build $(SWIFT_FLAGS)

## The seeded fuzzers of the FHIR reader, FHIRPath, views and their shapes, mappings, the quarantine and PostgreSQL's protocol for longer: ROUNDS=N.
fuzz:
	Infra/setup.sh test
	swift build --build-tests $(SWIFT_FLAGS)
	FUZZ_ROUNDS=$(ROUNDS) swift test --skip-build $(SWIFT_FLAGS) --filter "FHIRFuzz|ShapedRows|InputFuzz|WireFuzz"

## Random questions to the federation's parts and to pooled data on both engines, for longer: N=…, from SEED=… on.
## A seed that fails replays alone with N=1.
differential:
	Infra/setup.sh test
	swift build --build-tests $(SWIFT_FLAGS)
	DIFFERENTIAL_ROUNDS=$(N) DIFFERENTIAL_SEED=$(SEED) swift test --skip-build $(SWIFT_FLAGS) --filter '^DifferentialTests'

## Rewrite every Swift file in the house style.
format:
	swift format -i -r Sources Tests Package.swift

lint:
	swift format lint --strict -r Sources Tests Package.swift

## Check that every room uses only the rooms that ARCHITECTURE.md names.
graph:
	python3 Infra/check_graph.py

## Measure against DuckDB by hand, side by side; wants an idle machine (Benchmarks/README.md).
bench:
	$(MAKE) -C Benchmarks main-job

clean:
	rm -rf .build
