"""Archives that depend on nothing but what is in them: names in order, no owner, one time.

    archive.py OUT.tar.gz FOLDER     or OUT.zip; the archive holds the folder itself. SOURCE_DATE_EPOCH is the time.
"""

import gzip
import io
import os
import sys
import tarfile
import time
import zipfile
from pathlib import Path

EPOCH = int(os.environ["SOURCE_DATE_EPOCH"])


def mode(path):
    """Programs may be run; the rest is read."""
    return 0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644


def entries(folder):
    """Every file and folder under it, with its name in the archive."""
    for path in [folder, *sorted(folder.rglob("*"))]:
        yield path, str(path.relative_to(folder.parent))


def tar(items):
    """The bytes of a tar of (name, mode, bytes or None for a folder)."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, bits, content in items:
            entry = tarfile.TarInfo(name)
            entry.mode, entry.mtime = bits, EPOCH
            if content is None:
                entry.type = tarfile.DIRTYPE
            else:
                entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content or b""))
    return buffer.getvalue()


def compress(data):
    """By gzip, without a time."""
    return gzip.compress(data, compresslevel=9, mtime=0)


def zip_to(out, folder):
    """A zip; its times are of two seconds, and have no zone."""
    moment = time.gmtime(EPOCH)[:6]
    with zipfile.ZipFile(out, "w") as archive:
        for path, name in entries(folder):
            if path.is_dir():
                continue
            entry = zipfile.ZipInfo(name, moment)
            entry.create_system = 3
            entry.external_attr = (0o100000 | mode(path)) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes(), compresslevel=9)


def main():
    out, folder = sys.argv[1], Path(sys.argv[2])
    if out.endswith(".zip"):
        zip_to(out, folder)
    else:
        items = [(name, mode(path), None if path.is_dir() else path.read_bytes()) for path, name in entries(folder)]
        Path(out).write_bytes(compress(tar(items)))


if __name__ == "__main__":
    main()
