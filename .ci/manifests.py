"""Whether the manifests of a release hold what their readers require: winget's and scoop's fields, one address, no blank.

    .ci/manifests.py FOLDER VERSION REPOSITORY
"""

import json
import re
import sys
from pathlib import Path

from ruamel.yaml import YAML

FOLDER, VERSION, REPOSITORY = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
DOWNLOADS = f"{REPOSITORY}/releases/download/v{VERSION}/"
SUMS = dict(reversed(line.split("  ")) for line in (FOLDER / "SHA256SUMS").read_text().splitlines())
# What schema 1.6.0 of winget-pkgs requires of each kind of file.
REQUIRED = {
    "version": {"PackageIdentifier", "PackageVersion", "DefaultLocale"},
    "installer": {"PackageIdentifier", "PackageVersion", "Installers"},
    "defaultLocale": {"PackageIdentifier", "PackageVersion", "PackageLocale", "Publisher", "PackageName", "License",
                      "ShortDescription"},
}


def require(holds, what):
    if not holds:
        sys.exit(f"manifests: {what}")


def is_download(url, checksum):
    """A file of this release, with its checksum."""
    require(url.startswith(DOWNLOADS), f"{url} is not below {DOWNLOADS}")
    require(SUMS.get(url.removeprefix(DOWNLOADS)) == checksum, f"the checksum of {url} is not that of SHA256SUMS")


def winget():
    documents = [YAML(typ="safe").load(path.read_text()) for path in sorted((FOLDER / "winget").iterdir())]
    kinds = {document["ManifestType"]: document for document in documents}
    require(kinds.keys() == REQUIRED.keys() and len(documents) == 3, f"winget has {sorted(kinds)}")
    for kind, document in kinds.items():
        require(REQUIRED[kind] <= document.keys(), f"winget's {kind} lacks {REQUIRED[kind] - document.keys()}")
        require(re.fullmatch(r"\w{1,32}(\.\w{1,32}){1,7}", document["PackageIdentifier"]), "the identifier is no identifier")
        require(document["PackageVersion"] == VERSION, f"winget's {kind} is of {document['PackageVersion']}")
        require(document["ManifestVersion"] == "1.6.0", f"winget's {kind} is of another schema")
    require(kinds["version"]["DefaultLocale"] == kinds["defaultLocale"]["PackageLocale"], "the locales differ")
    installer = kinds["installer"]
    require(installer["InstallerType"] == "zip" and installer["NestedInstallerType"] == "portable", "no portable in a zip")
    for one in installer["Installers"]:
        require(one["Architecture"] == "x64", "only x64 is built")
        is_download(one["InstallerUrl"], one["InstallerSha256"])
    nested = installer["NestedInstallerFiles"][0]["RelativeFilePath"]
    require(nested == rf"hubreach-{VERSION}-windows-x86_64\hubreach.exe", f"{nested} is not in the zip")


def scoop():
    document = json.loads((FOLDER / "hubreach.json").read_text())
    require({"version", "homepage", "license", "architecture", "bin"} <= document.keys(), "scoop lacks a field")
    require(document["version"] == VERSION, "scoop is of another version")
    is_download(document["architecture"]["64bit"]["url"], document["architecture"]["64bit"]["hash"])


def homebrew():
    formula = (FOLDER / "hubreach.rb").read_text()
    pairs = re.findall(r'url "(.+)"\n\s+sha256 "(.+)"', formula)
    require(len(pairs) == 4, f"the formula has {len(pairs)} downloads")
    for url, checksum in pairs:
        is_download(url, checksum)


def everywhere():
    """No template's field is left, and no other address is named."""
    for path in filter(Path.is_file, FOLDER.rglob("*")):
        text = path.read_text()
        require(not re.search(r"@(VERSION|REPOSITORY|SHA256)", text), f"{path.name} has a field that was not filled")
    readme = Path("README.md").read_text()
    for address in re.findall(r"https?://[^\s\"'`)|]+/releases/", readme):
        require(address == f"{REPOSITORY}/releases/", f"README.md: {address} is not the repository of Cargo.toml")
    require(f"{REPOSITORY}/releases/" in readme, "README.md does not say where releases are")


winget()
scoop()
homebrew()
everywhere()
print("manifests: winget, scoop and Homebrew agree with SHA256SUMS and Cargo.toml")
