"""Finds the words of words.txt in Markdown, comments and messages."""

import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
GENERATED = {"docs/causes.md"}  # its words come from messages

# A comment, a string (raw or not) or a character of Rust. What is none of them is code.
RUST = re.compile(
    r"""//[^\n]*|/\*.*?\*/|\bb?r(#*)".*?"\1|b?"(?:\\.|[^"\\])*"|b?'(?:\\.[^']*|[^'\\])'""",
    re.DOTALL,
)
HASHED = re.compile(r"(?<![\w])#[^\n]*")
CODE = re.compile(r"^( *)(```|~~~).*?^\1?\2[^\n]*$|`[^`\n]+`|\]\([^)\n]*\)|https?://\S+", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"`[^`\n]+`")


def blank(found):
    return re.sub(r"[^\n]", " ", found.group())


def kept(pattern, text):
    """The matches of a pattern, everything else blank, so that lines keep their numbers."""
    pieces, at = [], 0
    for found in pattern.finditer(text):
        pieces += [re.sub(r"[^\n]", " ", text[at : found.start()]), found.group()]
        at = found.end()
    return "".join(pieces) + re.sub(r"[^\n]", " ", text[at:])


def prose(path, text):
    if path.endswith(".md"):
        return CODE.sub(blank, text)
    if path.endswith(".rs"):
        return INLINE.sub(blank, kept(RUST, text))
    return kept(HASHED, text)


def rules():
    for line in (HERE / "words.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            # A pattern may hold bars of its own, without a space.
            where, word, instead = (part.strip() for part in line.split(" | "))
            if where not in ("all", "docs"):
                sys.exit(f"words.txt: `{where}` is neither `all` nor `docs`")
            yield where, re.compile(rf"(?<![\w-]){word}(?![\w-])", re.IGNORECASE), instead


def main():
    listed = subprocess.run(["git", "ls-files", "-z"], check=True, capture_output=True, text=True).stdout
    paths = [path for path in listed.split("\0") if path.endswith((".md", ".rs", ".toml", ".yml", ".yaml"))]
    every, found = list(rules()), 0
    for path in paths:
        if path.startswith(("fuzz/seeds/", "crates/model/tests/diagnosis/cases/")):
            continue
        is_docs = path.endswith(".md") and path not in GENERATED
        text = prose(path, pathlib.Path(path).read_text(encoding="utf-8"))
        if path == "docs/style.md":
            # Its table shows what not to write.
            text = re.sub(r"^\|.*$", "", text, flags=re.MULTILINE)
        for where, word, instead in every:
            if where == "docs" and not is_docs:
                continue
            for hit in word.finditer(text):
                line = text.count("\n", 0, hit.start()) + 1
                print(f"{path}:{line}: \"{hit.group()}\": {instead}", file=sys.stderr)
                found += 1
    print(f"{len(paths)} files, {len(every)} words, {found} found")
    return found > 0


sys.exit(main())
