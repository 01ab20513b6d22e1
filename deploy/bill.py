"""What a release is made of: bill.cdx.json (CycloneDX) and THIRD-PARTY.txt, for deploy/dist.sh.

The crates are read from the program itself, where cargo-auditable wrote them, and the npm packages from what the page's bundler put
into it: what is listed is what is there.
"""

import json
import os
import subprocess
import sys
import tempfile
import uuid
import zlib
from datetime import UTC, datetime
from pathlib import Path

from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense, LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

ROOT = Path(__file__).resolve().parent.parent
TARGET, OUT = sys.argv[1], Path(sys.argv[2])
TEXTS = ("LICENSE", "LICENCE", "COPYING", "UNLICENSE", "NOTICE", "COPYRIGHT")


def crates():
    """(name, version, licence, texts) of every crate in the program."""
    # a file of its own: objcopy takes away what it should have written to where it fails, for root /dev/stdout itself
    with tempfile.NamedTemporaryFile() as section:
        subprocess.run(["objcopy", "-O", "binary", "--only-section=.dep-v0", "--set-section-flags", ".dep-v0=alloc", OUT / "shigu", section.name], check=True)
        packed = Path(section.name).read_bytes()
    listed = json.loads(zlib.decompress(packed))["packages"]
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", TARGET]
    known = json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)["packages"]
    known = {(one["name"], one["version"]): one for one in known}
    for one in listed:
        # what only runs while others are compiled is not in the program
        if one.get("kind") == "build" or one.get("root"):
            continue
        about = known[one["name"], one["version"]]
        folder = Path(about["manifest_path"]).parent
        files = sorted(file for file in folder.iterdir() if file.name.upper().startswith(TEXTS) and file.is_file())
        # "MIT/Apache-2.0" is how SPDX was written once
        yield one["name"], one["version"], about["license"].replace("/", " OR "), [file.read_text(errors="replace") for file in files]


def packages():
    """The same of the npm packages in the page."""
    for one in json.loads((ROOT / "web/dist/licenses.json").read_text()):
        yield one["name"], one["version"], one["identifier"], [one["text"]] if one.get("text") else []


def component(kind, name, version, licence):
    namespace, _, short = name.rpartition("/")
    url = PackageURL(kind, namespace or None, short, version)
    of = LicenseExpression if " " in licence else lambda id: DisjunctiveLicense(id=id)
    return Component(type=ComponentType.LIBRARY, name=name, version=version, purl=url, bom_ref=str(url), licenses=[of(licence)])


def main():
    version = os.environ["SHIGU_VERSION"]
    parts = [("cargo", *one) for one in crates()] + [("npm", *one) for one in packages()]
    assert {kind for kind, *_ in parts} == {"cargo", "npm"}, "one of the two lists is empty"
    shigu = Component(type=ComponentType.APPLICATION, name="shigu", version=version, bom_ref=f"shigu@{version}")
    bom = Bom(components=[component(*one[:4]) for one in parts])
    bom.metadata.component = shigu
    bom.metadata.timestamp = datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), UTC)
    # the same commit, the same bytes
    bom.serial_number = uuid.uuid5(uuid.NAMESPACE_URL, f"shigu-{version}-{TARGET}")
    bom.register_dependency(shigu, bom.components)
    JsonV1Dot6(bom).output_to_file(str(OUT / "bill.cdx.json"), indent=1)

    texts = {}
    for kind, name, of_version, licence, all_texts in parts:
        for text in all_texts:
            texts.setdefault("\n".join(text.split("\n")).strip(), []).append(f"{name} {of_version}")
    with (OUT / "THIRD-PARTY.txt").open("w") as file:
        file.write(f"Shigu {version} is made of these crates and npm packages; their licences follow.\n\n")
        file.writelines(f"{kind} {name} {of_version}: {licence}\n" for kind, name, of_version, licence, _ in parts)
        for text, names in sorted(texts.items(), key=lambda one: sorted(one[1])):
            file.write(f"\n{'-' * 80}\n{', '.join(sorted(set(names)))}\n\n{text}\n")
    print(f"{len(parts)} parts, {len(texts)} texts of licences")


main()
