# shellcheck shell=bash
# The standard library for another target. Source it after common.sh.
#
# `choose_std TARGET CRATES` finds the way and puts what cargo needs into the environment and into `std_arguments`:
#   1. what the toolchain has; 2. what rustup can add to it; 3. made from source by cargo, in a copy of the toolchain.
# HUBREACH_STD=source goes the third way at once.

std_arguments=()
# In a toolchain: there if the source is.
std_source=lib/rustlib/src/rust/library/Cargo.lock

choose_std() {
    local target=$1 crates=$2 sysroot copy
    sysroot=$(rustc --print sysroot)
    [ "${HUBREACH_STD:-}" = source ] || ! compgen -G "$sysroot/lib/rustlib/$target/lib/libstd-*.rlib" >/dev/null || return 0
    copy=$(toolchain_copy)
    # What rustup could not add once is not asked for again while the copy is there.
    if [ ! -e "$copy/$std_source" ] && [ "${HUBREACH_STD:-}" != source ] && rustup_adds "$target"; then
        echo "rustup has added the standard library for $target"
        return 0
    fi
    echo "cargo makes the standard library for $target from source"
    if [ ! -e "$sysroot/$std_source" ]; then
        [ -e "$copy/$std_source" ] || copy_toolchain "$sysroot" "$copy"
        sysroot=$copy
        PATH=$sysroot/bin:$PATH
    fi
    # An unstable option, which a stable cargo takes with this.
    export RUSTC_BOOTSTRAP=1
    std_arguments=("-Zbuild-std=$crates")
    case $target in
    *-musl*)
        # rustc looks for the start files of musl here. cargo-zigbuild leaves them out of the link: zig has its own.
        local self=$sysroot/lib/rustlib/$target/lib/self-contained object
        mkdir -p "$self"
        for object in crt1.o crti.o crtbegin.o crtend.o crtn.o rcrt1.o; do
            [ -e "$self/$object" ] || : >"$self/$object"
        done
        ;;
    esac
}

# Without an answer rustup asks again for minutes; macOS has no `timeout`.
rustup_adds() {
    command -v rustup >/dev/null || return 1
    local limit=""
    ! command -v timeout >/dev/null || limit="timeout 60"
    $limit rustup target add "$1" >/dev/null 2>&1
}

# The copy of the toolchain with the source of std in it, named after the compiler.
toolchain_copy() {
    rustc -vV | awk -v cache="$cache" '/^commit-hash:/ { hash = $2 } /^release:/ { print cache "/rust-" $2 "-" substr(hash, 1, 9) }'
}

# Makes it (of links, where the file system can): the toolchain itself stays as it is.
copy_toolchain() {
    local sysroot=$1 copy=$2 version work
    version=$(rustc --version | cut -d' ' -f2)
    mkdir -p "$cache"
    # In a folder of its own until it is whole: two builds may do this at once.
    work=$(mktemp -d "$cache/rust.XXXXXX")
    debian_rust_source "$version" "$work" >&2
    cp -al "$sysroot" "$work/toolchain" 2>/dev/null || cp -a "$sysroot" "$work/toolchain"
    mkdir -p "$work/toolchain/lib/rustlib/src/rust"
    mv "$work/library" "$work/toolchain/lib/rustlib/src/rust/library"
    mv -T "$work/toolchain" "$copy" 2>/dev/null || [ -e "$copy/$std_source" ]
    rm -rf "$work"
}

# The source of std of one version, from the archive that this machine's apt is set up for. apt checks it with Debian's key.
debian_rust_source() {
    local version=$1 work=$2 archive found
    need apt-get apt
    # shellcheck disable=SC2016 # apt's own field
    archive=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -v security | head -1)
    mkdir -p "$work/apt/lists/partial"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $archive trixie-backports main" >"$work/apt/list"
    # The machine's own lists stay as they are.
    local options=(-q -o "Dir::Etc::SourceList=$work/apt/list" -o Dir::Etc::SourceParts=/dev/null
        -o "Dir::State::Lists=$work/apt/lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=root)
    apt-get "${options[@]}" update
    found=$(apt-cache "${options[@]}" madison rust-src | awk -v v="$version+" 'index($3, v) == 1 { print $3; exit }')
    [ -n "$found" ] || die "Debian has no rust-src of $version. With rustup: rustup target add, or rustup component add rust-src"
    (cd "$work" && apt-get "${options[@]}" download "rust-src=$found")
    dpkg-deb --fsys-tarfile "$work"/rust-src_*.deb |
        tar -x -C "$work" --strip-components=4 "./usr/src/rustc-$version/library"
}
