# shellcheck shell=bash
# The C compiler and linker for other targets: zig, by way of cargo-zigbuild. Source it after common.sh.

# Puts cargo-zigbuild and its zig on the path, from the path or from the cache.
choose_zig() {
    local venv
    venv=$(zig_venv)
    if ! command -v cargo-zigbuild >/dev/null; then
        PATH=$venv/bin:$PATH
        command -v cargo-zigbuild >/dev/null || die "cargo-zigbuild and zig are missing. From PyPI, 440 MB:
    python3 -m venv '$venv' && '$venv/bin/pip' install -r '$root/scripts/requirements.txt'"
    fi
    # For zig-cc and zig-ar: the words before zig's own.
    if command -v zig >/dev/null; then
        HUBREACH_ZIG=zig
    else
        HUBREACH_ZIG="$(dirname "$(command -v cargo-zigbuild)")/python -m ziglang"
    fi
    export HUBREACH_ZIG
}

# Where the cache has them, named after what is asked for.
zig_venv() {
    echo "$cache/zig-$(sed -n 's/^ziglang==//p' "$root/scripts/requirements.txt")"
}
