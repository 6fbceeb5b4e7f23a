"""Whether two runs of lab.sh came to the same findings: `compare.py HERE THERE...`. Times may differ, nothing else."""

import base64
import gzip
import json
import sys


def results(path):
    found = {}
    for line in open(path, errors="replace"):
        words = line.split()
        if len(words) >= 3 and words[0] == "RESULT":
            report = json.loads(gzip.decompress(base64.b64decode(words[3]))) if len(words) > 3 else None
            found[words[1]] = (words[2], said(report) if report else "no report")
    return found


def said(report):
    verdicts = {check["id"]: check["verdict"] for check in report["checks"]}
    keys = ("code", "severity", "confidence", "owner", "affects", "location")
    return verdicts, [{key: finding.get(key) for key in keys} for finding in report["findings"]]


here = results(sys.argv[1])
failed = not here
for path in sys.argv[2:]:
    there = results(path)
    for name in sorted(here.keys() | there.keys()):
        same = here.get(name) == there.get(name)
        failed |= not same
        print("same  " if same else "DIFFER", path, name)
        if not same:
            print("    here: ", json.dumps(here.get(name)))
            print("    there:", json.dumps(there.get(name)))
print(f"{len(here)} scenarios, {len(sys.argv) - 2} programs")
sys.exit(failed)
