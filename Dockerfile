# An image with the program and nothing that it does not need: no network at run time, no root, no compiler. The tests of
# this repository do not build it. Replace both tags by digests that you have looked at (`docker buildx imagetools inspect`).
#
#   docker build --tag techfile .
#   docker run --rm --network none --read-only --volume "$PWD:/work" --user "$(id -u):$(id -g)" techfile build
#
# Building fetches crates by Cargo.lock; running fetches nothing. The base has a shell, because services for continuous
# integration run scripts in the image.
FROM rust:1.92-slim-bookworm AS build
WORKDIR /source
COPY . .
RUN cargo install --locked --path . --root /usr/local

FROM debian:bookworm-slim
COPY --from=build /usr/local/bin/techfile /usr/local/bin/techfile
COPY LICENSE-APACHE LICENSE-MIT /usr/share/doc/techfile/
WORKDIR /work
USER 65532:65532
ENTRYPOINT ["techfile"]
CMD ["--help"]
