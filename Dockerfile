# docker build -t grantcheck .
# docker run --rm --network host --user "$(id -u)" -v "$PWD:/work" grantcheck grantcheck run -t my-server.toml
FROM rust:1-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends build-essential cmake && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN cargo build --release --locked --bin grantcheck

# A shell and curl, because pipelines run scripts in their images; roots, because servers have certificates.
FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates curl && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 grantcheck
COPY --from=build /source/target/release/grantcheck /usr/local/bin/grantcheck
COPY --from=build /source/ci/gate /usr/local/bin/grantcheck-gate
# By number, so that a cluster sees that it is not root.
USER 1000
WORKDIR /work
CMD ["grantcheck", "--help"]
