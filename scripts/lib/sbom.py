"""What the programs of a release are made of, as cargo has it.

    sbom.py BOM.cdx.json LICENCES.txt TARGET...

The bill of materials is CycloneDX 1.6: the crates linked into the program of any of the targets are `required`, those that
only run while it is built (build scripts, procedural macros) `excluded`. The licences are the texts that these crates carry.
SOURCE_DATE_EPOCH is the time.
"""

import datetime
import hashlib
import json
import os
import re
import subprocess
import sys
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXTS = re.compile(r"(LICEN[CS]E|COPYING|NOTICE|COPYRIGHT|UNLICENSE)", re.IGNORECASE)


def cargo(*arguments):
    run = subprocess.run(["cargo", *arguments], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return run.stdout


def packages_of(targets, edges):
    """(name, version) of what the program depends on by such edges, itself included."""
    chosen = [word for target in targets for word in ("--target", target)]
    lines = cargo("tree", "--locked", "--package", "hubreach", "--edges", edges, "--prefix", "none", "--no-dedupe",
                  "--format", "{p}", *chosen)
    found = set()
    for line in filter(None, lines.splitlines()):
        name, version = line.split()[:2]
        found.add((name, version.removeprefix("v")))
    return found


def checksums():
    """SHA-256 of each crate's package file, by (name, version)."""
    lock = (ROOT / "Cargo.lock").read_text()
    block = re.compile(r'name = "(.+)"\nversion = "(.+)"\n(?:source = .+\n)?checksum = "(.+)"')
    return {(name, version): checksum for name, version, checksum in block.findall(lock)}


def purl(name, version):
    return f"pkg:cargo/{name}@{version.replace('+', '%2B')}"


def component(package, sums, required):
    key = package["name"], package["version"]
    reference = purl(*key)
    entry = {"type": "library", "bom-ref": reference, "name": key[0], "version": key[1],
             "scope": "required" if required else "excluded", "purl": reference}
    if package["license"]:
        # Old crates write a slash.
        entry["licenses"] = [{"expression": re.sub(r"\s*/\s*", " OR ", package["license"])}]
    if package["description"]:
        entry["description"] = " ".join(package["description"].split())
    if key in sums:
        entry["hashes"] = [{"alg": "SHA-256", "content": sums[key]}]
    if package["repository"]:
        entry["externalReferences"] = [{"type": "vcs", "url": package["repository"]}]
    return entry


def bill(packages, linked, nodes, sums, version):
    """The document."""
    is_own = lambda package: (package["name"], package["version"]) == ("hubreach", version)
    components = {p["id"]: component(p, sums, (p["name"], p["version"]) in linked) for p in packages}
    program = next(components.pop(p["id"]) for p in packages if is_own(p))
    program.pop("scope")
    program["type"] = "application"
    references = {identity: entry["bom-ref"] for identity, entry in components.items()}
    references |= {p["id"]: program["bom-ref"] for p in packages if is_own(p)}
    edges = []
    for node in nodes:
        if node["id"] in references:
            kept = {references[d["pkg"]] for d in node["deps"] if d["pkg"] in references and
                    any(kind["kind"] in (None, "build") for kind in d["dep_kinds"])}
            edges.append({"ref": references[node["id"]], "dependsOn": sorted(kept)})
    moment = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.timezone.utc)
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"timestamp": moment.strftime("%Y-%m-%dT%H:%M:%SZ"), "component": program},
        "components": sorted(components.values(), key=lambda entry: entry["bom-ref"]),
        "dependencies": sorted(edges, key=lambda edge: edge["ref"]),
    }
    # The same parts, the same number.
    content = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
    document["serialNumber"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, content)}"
    return document


def licences(packages):
    """Every text once, after the names of the crates that carry it."""
    by_text, silent = {}, []
    for package in sorted(packages, key=lambda p: (p["name"], p["version"])):
        if package["source"] is None:
            continue
        label = f"{package['name']} {package['version']} ({package['license'] or package['license_file']})"
        folder = Path(package["manifest_path"]).parent
        files = [path for path in sorted(folder.iterdir()) if path.is_file() and TEXTS.match(path.name)
                 and path.suffix in ("", ".md", ".txt", ".APACHE", ".MIT")]
        if not files:
            silent.append(label)
        for path in files:
            text = path.read_text(errors="replace").strip().replace("\r\n", "\n")
            by_text.setdefault(text, []).append(label)
    parts = [(ROOT / "packaging/third-party.txt").read_text().strip()]
    parts += ["\n".join(dict.fromkeys(labels)) + "\n\n" + text for text, labels in by_text.items()]
    if silent:
        parts.append("These crates name their licence and carry no text of it:\n\n" + "\n".join(silent))
    rule = "\n\n" + "=" * 100 + "\n\n"
    return rule.join(parts) + "\n"


def main():
    out, texts, *targets = sys.argv[1:]
    metadata = json.loads(cargo("metadata", "--locked", "--format-version", "1"))
    linked = packages_of(targets, "normal,no-proc-macro")
    needed = packages_of(targets, "normal,build")
    packages = [p for p in metadata["packages"] if (p["name"], p["version"]) in needed]
    if len(packages) != len(needed):
        sys.exit(f"cargo tree names {len(needed)} packages, cargo metadata {len(packages)} of them")
    version = next(p["version"] for p in packages if p["name"] == "hubreach")
    document = bill(packages, linked, metadata["resolve"]["nodes"], checksums(), version)
    Path(out).write_text(json.dumps(document, indent=1, sort_keys=True) + "\n")
    Path(texts).write_text(licences([p for p in packages if (p["name"], p["version"]) in linked]))


if __name__ == "__main__":
    main()
