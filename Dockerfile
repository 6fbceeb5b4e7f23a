# A static hubreach in an image with nothing else but the CA certificates.
#
#     docker build -t hubreach .
#     docker run --rm hubreach contoso.azure-devices.net
#
# As the health check of another image, copy the binary: see examples/containers/Dockerfile.device.

# Both base images can be a site's own.
ARG RUST_IMAGE=rust:1.95-slim-bookworm
ARG RUNTIME_IMAGE=scratch

FROM ${RUST_IMAGE} AS build
WORKDIR /src
COPY . .
# Static even where the final image has no libc; an explicit target keeps that from procedural macros, which cannot be.
# Relative relocations are packed (DT_RELR, glibc 2.36 or newer).
RUN set -eu; \
    target="$(rustc -vV | sed -n 's/^host: //p')"; \
    export RUSTFLAGS="-C target-feature=+crt-static -C link-arg=-Wl,-z,pack-relative-relocs"; \
    cargo build --locked --release --bin hubreach --target "$target"; \
    mkdir -p /image/etc/ssl/certs; \
    cp "target/$target/release/hubreach" /image/hubreach; \
    cp /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ca-certificates.crt

FROM ${RUNTIME_IMAGE}
LABEL org.opencontainers.image.title="hubreach" \
      org.opencontainers.image.description="Outbound port connectivity checker for IoT hubs" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
COPY --from=build /image/ /
# Nobody's; needs no capability and writes no file.
USER 65532:65532
# The hub comes from HUBREACH_HUB, what is required of it from HUBREACH_REQUIRE. The probe ends by itself after 12 s:
# silent name servers take 10 s to be known as such.
HEALTHCHECK --interval=60s --timeout=15s --start-period=15s --retries=3 CMD ["/hubreach", "health"]
ENTRYPOINT ["/hubreach"]
CMD ["--help"]
