# shellcheck shell=bash
# What every script here begins with. Source it; `root` is the repository.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck disable=SC2034 # for those who source this, like the next ones
lib=$root/scripts/lib

# What is kept between clones: may vanish at any time, and is named after the versions that it depends on.
# shellcheck disable=SC2034
cache=${HUBREACH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/hubreach}
# shellcheck disable=SC2034
built=${CARGO_TARGET_DIR:-$root/target}

die() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

# `need PROGRAM PACKAGE...`: ends with the command that installs the packages of Debian.
need() {
    command -v "$1" >/dev/null || die "$1 is missing. On Debian: apt-get install ${*:2}"
}

# The version of every package of the workspace.
version() {
    sed -n 's/^version = "\(.*\)"/\1/p' "$root/Cargo.toml" | head -1
}

# Other tools know this target by another name.
target_of() {
    case $1 in
    armv7-unknown-linux-musl) echo armv7-unknown-linux-musleabihf ;;
    *) echo "$1" ;;
    esac
}

# Where releases are published: the one place that names it.
repository() {
    sed -n 's/^repository = "\(.*\)"/\1/p' "$root/Cargo.toml" | head -1
}
