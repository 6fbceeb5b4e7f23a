# shellcheck shell=bash disable=SC2154 # `root`, `out`, `work`, `share`, `version` and `tree` are scripts/package's
# .deb and .rpm, by the tools of Debian.

summary="Outbound port connectivity checker for IoT hubs"
# The reserved name of the examples: whoever publishes puts their own here.
maintainer=${HUBREACH_MAINTAINER:-The hubreach developers <hubreach@example.org>}
# Both order a tilde before the release itself.
package_version=${version/-/\~}

make_deb() {
    local program=$1 arch=$2 to=$work/deb-$2 doc
    doc=$to/usr/share/doc/hubreach
    tree "$program" "$to"
    install -Dm644 "$share/completions/_hubreach" "$to/usr/share/zsh/vendor-completions/_hubreach"
    cp "$share/THIRD-PARTY-LICENSES.txt" "$doc/"
    {
        printf 'hubreach (%s) unstable; urgency=medium\n\n  * Release %s: see CHANGELOG.md.gz.\n\n -- %s  %s\n' \
            "$package_version" "$version" "$maintainer" "$(date -u -R -d "@$SOURCE_DATE_EPOCH")"
    } >"$doc/changelog"
    gzip -9n "$doc/changelog" "$doc/THIRD-PARTY-LICENSES.txt"
    deb_copyright >"$doc/copyright"
    mkdir "$to/DEBIAN"
    (cd "$to" && find usr -type f | sort | xargs md5sum) >"$to/DEBIAN/md5sums"
    # No dependency: the program is static. Without the CA certificates there is no trust store to test with.
    cat >"$to/DEBIAN/control" <<CONTROL
Package: hubreach
Version: $package_version
Architecture: $arch
Maintainer: $maintainer
Section: net
Priority: optional
Installed-Size: $(du -sk --apparent-size "$to/usr" | cut -f1)
Recommends: ca-certificates
Homepage: $(repository)
Description: $summary
 hubreach tells which protocols of an IoT hub (MQTT, AMQP, HTTPS, and the first
 two over WebSocket) this network lets out, what stops the others, where on the
 path, and who has to change what. It needs no credentials and no root.
CONTROL
    normalise "$to"
    # Compressed as the oldest release in use can read it, by one thread: how many there are shows in the bytes.
    DPKG_DEB_THREADS_MAX=1 dpkg-deb --root-owner-group -Zxz --build "$to" "$out/hubreach-$arch.deb" >/dev/null
}

deb_copyright() {
    cat <<COPYRIGHT
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: hubreach
Source: $(repository)
Comment: The program is linked with crates that have licences of their own: THIRD-PARTY-LICENSES.txt.gz in this folder.

Files: *
Copyright: $(sed -n 's/^Copyright (c) //p' "$root/LICENSE-MIT")
License: Expat or Apache-2.0

License: Expat
$(sed -n '/^Permission/,$p' "$root/LICENSE-MIT" | sed 's/^$/./; s/^/ /')

License: Apache-2.0
 On Debian systems the full text is in /usr/share/common-licenses/Apache-2.0.
COPYRIGHT
}

make_rpm() {
    local program=$1 arch=$2 to=$work/rpm-$2 top=$work/rpmbuild-$2
    tree "$program" "$to"
    install -Dm644 "$share/completions/_hubreach" "$to/usr/share/zsh/site-functions/_hubreach"
    install -d "$to/usr/share/licenses/hubreach"
    cp "$root"/LICENSE-* "$share/THIRD-PARTY-LICENSES.txt" "$to/usr/share/licenses/hubreach/"
    normalise "$to"
    mkdir -p "$top"/{BUILD,RPMS,SPECS}
    cat >"$top/SPECS/hubreach.spec" <<SPEC
%global __os_install_post %{nil}
%global debug_package %{nil}
%global _build_id_links none
%global _binary_payload w9.xzdio
%global source_date_epoch_from_changelog 0
%global use_source_date_epoch_as_buildtime 1
%global clamp_mtime_to_source_date_epoch 1
Name: hubreach
Version: $package_version
Release: 1
Summary: $summary
License: MIT OR Apache-2.0
URL: $(repository)
AutoReqProv: no
Recommends: ca-certificates
%description
hubreach tells which protocols of an IoT hub (MQTT, AMQP, HTTPS, and the first
two over WebSocket) this network lets out, what stops the others, where on the
path, and who has to change what. It needs no credentials and no root.
%install
cp -a $to/. %{buildroot}/
%files
%defattr(-,root,root)
/usr/bin/hubreach
%doc /usr/share/doc/hubreach
%license /usr/share/licenses/hubreach
%doc /usr/share/man/man1/*
# Shells own these folders, where they are installed.
/usr/share/bash-completion
/usr/share/fish
/usr/share/zsh
SPEC
    rpmbuild --quiet --target "$arch-linux" --define "_topdir $top" --define "_buildhost reproducible" \
        -bb "$top/SPECS/hubreach.spec" >"$top/log" 2>&1 || { cat "$top/log" >&2; die "rpmbuild failed for $arch"; }
    mv "$top"/RPMS/*/*.rpm "$out/hubreach-$arch.rpm"
}

# Rights and times that do not come from this machine.
normalise() {
    find "$1" -type d -exec chmod 755 {} +
    find "$1" -type f ! -path '*/bin/*' -exec chmod 644 {} +
    find "$1" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
}
