"""An image for several machines, as an OCI archive, from static programs: no registry, no base image, no container engine.

    oci.py OUT.tar VERSION ARCHITECTURE=PROGRAM...     amd64, arm64, arm/v7

The layers hold the program, CA certificates (HUBREACH_CA_BUNDLE, or this machine's) and the licences. SOURCE_DATE_EPOCH is
the time. `docker load` of engines that do not know OCI archives finds its own `manifest.json` in it.
"""

import datetime
import hashlib
import json
import os
import sys
from pathlib import Path

from archive import EPOCH, compress, tar

ROOT = Path(__file__).resolve().parents[2]
BUNDLE = os.environ.get("HUBREACH_CA_BUNDLE", "/etc/ssl/certs/ca-certificates.crt")
CREATED = datetime.datetime.fromtimestamp(EPOCH, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
SECOND = 1_000_000_000
# As in the Dockerfile, which builds the same image from source.
CONFIG = {
    "User": "65532:65532",
    "Entrypoint": ["/hubreach"],
    "Cmd": ["--help"],
    "Env": ["PATH=/"],
    "Healthcheck": {
        "Test": ["CMD", "/hubreach", "health"],
        "Interval": 60 * SECOND,
        "Timeout": 15 * SECOND,
        "StartPeriod": 15 * SECOND,
        "Retries": 3,
    },
}
OCI = "application/vnd.oci.image"


class Blobs:
    """What the archive holds, each under the hash of its bytes."""

    def __init__(self):
        self.files = {}

    def add(self, kind, content):
        """Puts it in and describes it."""
        if not isinstance(content, bytes):
            content = json.dumps(content, indent=1, sort_keys=True).encode()
        digest = hashlib.sha256(content).hexdigest()
        self.files[f"blobs/sha256/{digest}"] = content
        return {"mediaType": f"{OCI}.{kind}", "digest": f"sha256:{digest}", "size": len(content)}


def path_of(descriptor):
    return "blobs/sha256/" + descriptor["digest"].split(":")[1]


def layer(program):
    """The only layer: the folders first."""
    files = {
        "hubreach": (0o755, Path(program)),
        "etc/ssl/certs/ca-certificates.crt": (0o644, Path(BUNDLE)),
        "licenses/LICENSE-APACHE": (0o644, ROOT / "LICENSE-APACHE"),
        "licenses/LICENSE-MIT": (0o644, ROOT / "LICENSE-MIT"),
        "licenses/THIRD-PARTY-LICENSES.txt": (0o644, Path(os.environ["HUBREACH_THIRD_PARTY"])),
    }
    folders = sorted({str(parent) for name in files for parent in Path(name).parents} - {"."})
    items = [(folder, 0o755, None) for folder in folders]
    return tar(items + [(name, bits, path.read_bytes()) for name, (bits, path) in sorted(files.items())])


def main():
    out, version, *pairs = sys.argv[1:]
    labels = {
        "org.opencontainers.image.title": "hubreach",
        "org.opencontainers.image.description": "Outbound port connectivity checker for IoT hubs",
        "org.opencontainers.image.licenses": "MIT OR Apache-2.0",
        "org.opencontainers.image.version": version,
    }
    blobs, manifests, loadable = Blobs(), [], []
    for architecture, program in (pair.split("=", 1) for pair in pairs):
        name, _, variant = architecture.partition("/")
        platform = {"architecture": name, "os": "linux"} | ({"variant": variant} if variant else {})
        plain = layer(program)
        packed = blobs.add("layer.v1.tar+gzip", compress(plain))
        config = blobs.add("config.v1+json", platform | {
            "created": CREATED,
            "config": CONFIG | {"Labels": labels},
            "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(plain).hexdigest()]},
            "history": [{"created": CREATED, "created_by": "scripts/package"}],
        })
        manifest = {"schemaVersion": 2, "mediaType": f"{OCI}.manifest.v1+json", "config": config, "layers": [packed]}
        manifests.append(blobs.add("manifest.v1+json", manifest) | {"platform": platform})
        loadable.append({
            "Config": path_of(config),
            "Layers": [path_of(packed)],
            "RepoTags": [f"hubreach:{version}-{name}{variant}"],
        })
    index = blobs.add("index.v1+json", {
        "schemaVersion": 2, "mediaType": f"{OCI}.index.v1+json", "manifests": manifests, "annotations": labels,
    })
    index["annotations"] = {
        "io.containerd.image.name": f"docker.io/library/hubreach:{version}",
        "org.opencontainers.image.ref.name": version,
    }
    top = {
        "oci-layout": {"imageLayoutVersion": "1.0.0"},
        "index.json": {"schemaVersion": 2, "mediaType": f"{OCI}.index.v1+json", "manifests": [index]},
        "manifest.json": loadable,
    }
    files = {name: json.dumps(content, sort_keys=True).encode() for name, content in top.items()} | blobs.files
    items = [("blobs", 0o755, None), ("blobs/sha256", 0o755, None)]
    Path(out).write_bytes(tar(items + [(name, 0o644, content) for name, content in sorted(files.items())]))


if __name__ == "__main__":
    main()
