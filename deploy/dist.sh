#!/usr/bin/env bash
# A release: the program for TARGET, its checksums, what it is made of (CycloneDX) and under which licences. The same commit gives
# the same bytes in any folder (`make dist-twice`). TARGET is what cargo-zigbuild takes: a target of rustup whose std is installed,
# and the oldest glibc that the program shall run on.
set -euo pipefail
cd "$(dirname "$0")/.."
target=$1 tools=$2 out=$3
triple=${target%.[0-9]*.[0-9]*}
system=${triple%-unknown-*}-${triple#*-unknown-}

rustc --print target-libdir --target "$triple" | xargs ls >/dev/null 2>&1 ||
  { echo "make dist: no std for $triple here: rustup target add $triple"; exit 1; }
[ -z "$(git status --porcelain)" ] || { echo "make dist: commit first: a release is made of a commit"; exit 1; }
# v1.2.3 on its tag, v1.2.3-4-gabcdef after it; without a tag that of Cargo.toml and the commit
version=$(git describe --tags --match 'v[0-9]*' 2>/dev/null || echo "v$(cargo pkgid | sed 's/.*[#@]//')-g$(git rev-parse --short=12 HEAD)")
name=shigu-${version#v}-$system

export SOURCE_DATE_EPOCH; SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SHIGU_VERSION=${version#v}
cargo_home=${CARGO_HOME:-$HOME/.cargo}
# no folder of this machine in the program, neither from Rust nor from C
export RUSTFLAGS="--remap-path-prefix=$PWD=/shigu --remap-path-prefix=$cargo_home=/cargo --remap-path-prefix=$(rustc --print sysroot)=/rust"
export CFLAGS="-ffile-prefix-map=$cargo_home=/cargo -ffile-prefix-map=$PWD=/shigu -g0"
export PATH=$tools/bin:$PATH
# cargo-auditable writes the list of crates into the program, where `cargo audit bin` and scanners find it
cargo auditable zigbuild --profile dist --locked --target "$target" --bin shigu

rm -rf "$out/$name"
mkdir -p "$out/$name"
install -m 755 "target/$triple/dist/shigu" "$out/$name/shigu"
"$tools/bin/python" deploy/bill.py "$triple" "$out/$name"
cp LICENSE-MIT LICENSE-APACHE CHANGELOG.md README.md README.en.md "$out/$name/"
# what the guide names: the files of "your city in 20 minutes", and those of a service without the package
cp --parents -r examples/first-city deploy/shigu.service deploy/shigu.toml "$out/$name/"
# what the README leads to, to be read before anything is started
git ls-files docs ARCHITECTURE.md CONTRIBUTING.md | xargs -d '\n' cp --parents -t "$out/$name"
grep -ohP '\]\(\K[^)#:]+(?=[)#])' README.md README.en.md | sort -u | while read -r link; do
  [ -e "$out/$name/$link" ] || { echo "make dist: the README leads to $link, which is not in the release"; exit 1; }
done
tar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner -C "$out" -c "$name" | gzip -n9 > "$out/$name.tar.gz"
(cd "$out" && { echo "$name.tar.gz"; find "$name" -type f | LC_ALL=C sort; } | xargs -d '\n' sha256sum > "$name.sha256")
cat "$out/$name.sha256"
