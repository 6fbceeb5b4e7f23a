"""Whether a bill of materials is CycloneDX 1.6, and agrees with Cargo.lock.   .ci/bill.py hubreach.cdx.json"""

import json
import re
import sys
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

text = Path(sys.argv[1]).read_text()
error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
if error:
    sys.exit(f"not CycloneDX 1.6: {error}")
document = json.loads(text)
locked = set(re.findall(r'name = "(.+)"\nversion = "(.+)"', Path("Cargo.lock").read_text()))
listed = [(part["name"], part["version"]) for part in document["components"]]
unknown = [part for part in listed if part not in locked]
if unknown or len(set(listed)) != len(listed):
    sys.exit(f"not in Cargo.lock, or twice: {unknown}")
# What is surely in the program, what surely is not, and what only builds it.
scopes = {part["name"]: part["scope"] for part in document["components"]}
wanted = {"rustls": "required", "tokio": "required", "aws-lc-sys": "required", "serde_derive": "excluded", "cc": "excluded"}
wrong = {name: scopes.get(name) for name, scope in wanted.items() if scopes.get(name) != scope}
if wrong or "insta" in scopes:
    sys.exit(f"wrong scopes: {wrong}, insta: {scopes.get('insta')}")
print(f"{len(listed)} crates, {sum(scope == 'required' for scope in scopes.values())} of them in the program")
