#!/bin/sh
# Both books into FOLDER, as the program serves them below /guide/: docs/guide/build.sh MDBOOK FOLDER. Only what the own theme refers to
# is taken over: mdBook's scripts, fonts and styles are not.
set -eu
here=$(dirname "$0") mdbook=$1 out=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
book() {
  MDBOOK_BOOK__SRC=$1 MDBOOK_BOOK__LANGUAGE=$1 MDBOOK_BOOK__TITLE=$2 MDBOOK_LOG=warn "$mdbook" build "$here" --dest-dir "$work/$1"
  rm -f "$work/$1/404.html" "$work/$1/toc.html"
  (cd "$work/$1" && find . -name '*.html' | while read -r page; do
    own=${page#./}
    root=$(dirname "$own" | sed 's|^\.$||; s|[^/][^/]*|../|g; s|/\(\.\./\)|\1|g')
    mkdir -p "$work/out/$1/$(dirname "$own")"
    # mdBook gives addresses of the contents from the book's root, for a script of its own; and the other language's as a source's name;
    # the content policy takes no style of a tag
    sed -e "/^<ol class=\"chapter\">/{s|<a href=\"|<a href=\"$root|g;s|<a href=\"$root$own\"|<a aria-current=\"page\" href=\"$root$own\"|}" \
      -e 's| style="text-align: right"| class="number"|g' \
      -e 's|<div style="break-before: page[^"]*">|<div class="next">|' -e 's|\(class="other"[^>]*\)\.md"|\1.html"|' "$own" > "$work/out/$1/$own"
  done)
}
mkdir "$work/out"
book zh '视谷使用指南'
book en 'Shigu guide'
cp "$here/theme/guide.css" "$work/out/"
cp -R "$here/pictures" "$work/out/pictures"
rm -rf "$out"
mkdir -p "$out"
cp -R "$work/out/." "$out/"
node "$here/../../web/pack.mjs" "$out"
