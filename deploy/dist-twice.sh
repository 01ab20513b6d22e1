#!/usr/bin/env bash
# Builds a release of the same commit in two new folders of unlike names and compares the bytes.
set -euo pipefail
cd "$(dirname "$0")/.."
here=$PWD target=$1 empty=$(mktemp -d)
trap 'rm -rf "$empty"' EXIT
for folder in one another/place; do
  mkdir -p "$empty/$folder"
  git clone --quiet "$here" "$empty/$folder/shigu"
  make -C "$empty/$folder/shigu" dist DIST_TARGET="$target" DIST_TOOLS="$here/target/dist-tools" DOCS_TOOLS="$here/target/docs-tools"
done
cmp "$empty"/one/shigu/target/release-files/*.sha256 "$empty"/another/place/shigu/target/release-files/*.sha256
echo "equal"
