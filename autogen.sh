#!/bin/sh
# Make configure and the Makefile templates from their sources.
set -e
cd "$(dirname "$0")"
for tool in autoconf automake aclocal pkg-config; do
	command -v "$tool" >/dev/null 2>&1 || {
		echo "autogen.sh: $tool is missing (Debian: apt-get install autoconf automake pkg-config)" >&2
		exit 1
	}
done
mkdir -p m4 build-aux
script/output-kinds
# It writes only what has changed; make would ask it again each time.
touch outputs/kinds.mk
autoreconf --install --force --warnings=all,no-obsolete "$@"
