#!/usr/bin/env bash
# Sets up a Debian 12 machine that already has Swift: what Concordat needs to run, or to run its tests.
#
#   Infra/setup.sh run     to build and run
#   Infra/setup.sh test    the same, and what the tests need
#
# It may be run again at any time: what is in place is left alone. As root it installs missing Debian
# packages; otherwise it prints the line for an administrator and stops.
set -euo pipefail

REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
LIBRARY_DIR="$REPO/.lib"
LIBRARY="$LIBRARY_DIR/libduckdb.so"

# DuckDB 1.5.5. The wheel is only the parcel it comes in; both are pinned by hash.
WHEEL="bareduckdb==0.12.155"
WHEEL_SHA256_x86_64=5b2071948525f26a3620a3fbbcf698c4c9d824bc51cd88446e5b13541b7fdaa8
LIBRARY_SHA256_x86_64=fc23f12e376c47be520f75221288281906e7942e8fd6f6ce4849198ba60d0405

RUN_PACKAGES="libpq-dev libsodium-dev libpg-query-dev libsimdjson-dev libssl-dev libsqlite3-dev zlib1g-dev
    libstdc++-12-dev pkg-config ca-certificates libjs-codemirror libjs-chart.js"
TEST_PACKAGES="postgresql-15 openssl curl unixodbc odbc-postgresql default-jre-headless libpostgresql-jdbc-java
    r-base-core r-cran-rpostgresql chromium fonts-liberation"

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

usage() {
    echo "usage: Infra/setup.sh run|test" >&2
    exit 2
}

is_installed() {
    [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null || true)" = installed ]
}

# Prints those of the named packages that are not installed.
missing_packages() {
    local package
    for package in "$@"; do
        is_installed "$package" || printf '%s ' "$package"
    done
}

install_packages() {
    command -v dpkg-query >/dev/null || fail "this is not Debian; install the equivalents of: $*"
    local missing
    missing=$(missing_packages "$@")
    python3 -m pip --version >/dev/null 2>&1 || missing="${missing}python3-pip "
    if [ -z "$missing" ]; then
        say "Debian packages are in place"
        return
    fi
    if [ "$(id -u)" -ne 0 ]; then
        echo "setup: Debian packages are missing; ask an administrator to run:" >&2
        echo "sudo apt-get install -y --no-install-recommends ${missing% }" >&2
        exit 1
    fi
    say "installing ${missing% }"
    apt-get update -qq
    # shellcheck disable=SC2086 # one word a package
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
}

has_hash() { # FILE SHA256
    [ -f "$1" ] && printf '%s  %s\n' "$2" "$1" | sha256sum --check --status
}

fetch_duckdb() {
    if [ -n "${CONCORDAT_DUCKDB_LIBRARY:-}" ]; then
        [ -f "$CONCORDAT_DUCKDB_LIBRARY" ] || fail "CONCORDAT_DUCKDB_LIBRARY names a file that does not exist"
        say "libduckdb.so is the one that CONCORDAT_DUCKDB_LIBRARY names"
        return
    fi
    if [ "$(uname -m)" != x86_64 ]; then
        fail "no hash-pinned libduckdb.so for $(uname -m): put DuckDB 1.5's official libduckdb.so somewhere" \
            "and set CONCORDAT_DUCKDB_LIBRARY to its path"
    fi
    if has_hash "$LIBRARY" "$LIBRARY_SHA256_x86_64"; then
        say "libduckdb.so is in place"
        return
    fi
    [ ! -e "$LIBRARY" ] || say "libduckdb.so is not the pinned one; fetching it anew"
    mkdir -p "$LIBRARY_DIR"
    # Not local: the trap runs after the function.
    parcel=$(mktemp -d "$LIBRARY_DIR/fetch.XXXXXX")
    trap 'rm -rf "$parcel"' EXIT
    say "fetching libduckdb.so ($WHEEL, 34 MB)"
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
        --python-version 3.12 --dest "$parcel" "$WHEEL"
    local wheel
    wheel=$(find "$parcel" -name '*.whl')
    has_hash "$wheel" "$WHEEL_SHA256_x86_64" || fail "what was fetched is not the pinned wheel"
    python3 -m zipfile -e "$wheel" "$parcel/open"
    local found="$parcel/open/bareduckdb/_libs/libduckdb.so"
    has_hash "$found" "$LIBRARY_SHA256_x86_64" || fail "libduckdb.so in the wheel is not the pinned one"
    chmod 0644 "$found"
    mv -f "$found" "$LIBRARY"
    say "libduckdb.so is in .lib/"
}

# What the tests drive that comes from PyPI: LIST below Infra, FOLDER below .lib, and what it is in words.
fetch_python() {
    local list="$REPO/Infra/$1" folder="$LIBRARY_DIR/$2" words="$3"
    if cmp --quiet "$list" "$folder/$1"; then
        say "$words are in place"
        return
    fi
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "the tests need Python 3.11 or later"
    say "fetching $words"
    rm -rf "$folder"
    python3 -m pip install --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
        --root-user-action=ignore --target "$folder" --requirement "$list"
    cp "$list" "$folder/$1"
}

[ $# -eq 1 ] || usage
case "$1" in
    # shellcheck disable=SC2086 # one word a package
    run) install_packages $RUN_PACKAGES ;;
    # shellcheck disable=SC2086
    test) install_packages $RUN_PACKAGES $TEST_PACKAGES ;;
    *) usage ;;
esac
fetch_duckdb
if [ "$1" = test ]; then
    fetch_python clients.txt python "PostgreSQL's clients for Python (30 MB)"
    fetch_python web-tools.txt web "a fuzzer of HTTP, a provider of OpenID Connect and a driver of browsers (80 MB)"
    fetch_python notebook.txt notebook "what runs notebooks (20 MB)"
    fetch_python references.txt reference "reference implementations of disclosure control (130 MB)"
fi
command -v swift >/dev/null || say "note: swift is not on PATH; Concordat is built with Swift 6.3"
say "ready ($1)"
