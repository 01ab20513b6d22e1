#!/bin/sh
# A .deb of a program that was built: deploy/deb.sh PROGRAM FOLDER. Only dpkg-deb and objdump are needed. The same program and commit
# give the same bytes.
set -eu

program=$1 out=$2
here=$(dirname "$0")
version=${DEB_VERSION:-$("$program" --version | cut -d" " -f2)}
architecture=$(dpkg --print-architecture)
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$(git -C "$here" log -1 --format=%ct)}"
# the latest glibc whose symbols the program asks for
glibc=$(objdump -T "$program" | grep -o 'GLIBC_[0-9.]*' | sed 's/GLIBC_//' | sort -Vu | tail -1)

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 0755 "$root"
install -Dm755 "$program" "$root/usr/bin/shigu"
install -Dm644 "$here/shigu.service" "$root/lib/systemd/system/shigu.service"
install -Dm644 "$here/shigu.toml" "$root/etc/shigu/shigu.toml"
doc=$root/usr/share/doc/shigu
# the whole guide is in the program, at /guide/; what an administrator reads before it runs is here as text
for lang in zh en; do
  for chapter in "$here/../docs/guide/$lang/admin"/*.md; do install -Dm644 "$chapter" "$doc/guide/$lang/admin/$(basename "$chapter")"; done
done
# the files that "your city in 20 minutes" is tried with
for file in "$here/../examples/first-city"/*; do install -Dm644 "$file" "$doc/examples/first-city/$(basename "$file")"; done
install -Dm644 "$here/../LICENSE-MIT" "$doc/copyright"
install -Dm644 "$here/../LICENSE-APACHE" "$doc/LICENSE-APACHE"
gzip -9nc "$here/../CHANGELOG.md" > "$doc/changelog.gz"
chmod 0644 "$doc/changelog.gz"

mkdir "$root/DEBIAN"
size=$(du -k -s --apparent-size "$root" | cut -f1)
sed -e "s/@VERSION@/$version/; s/@ARCHITECTURE@/$architecture/; s/@SIZE@/$size/; s/@GLIBC@/$glibc/" \
  "$here/debian/control.in" > "$root/DEBIAN/control"
echo /etc/shigu/shigu.toml > "$root/DEBIAN/conffiles"
for script in postinst prerm postrm; do install -m755 "$here/debian/$script" "$root/DEBIAN/$script"; done
find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +

mkdir -p "$out"
dpkg-deb --root-owner-group -Zxz --build "$root" "$out/shigu_${version}_${architecture}.deb"
