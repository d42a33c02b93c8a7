# syntax=docker/dockerfile:1
# The provider's agent. From the repository's root: docker build -f docker/agent.Dockerfile -t smart-agent .

FROM debian:12 AS build
WORKDIR /src
# The compiler alone first: it stays when the sources change.
COPY scripts/lib.sh scripts/
RUN --mount=type=cache,target=/root/.cache/smartchain,sharing=locked \
	--mount=type=cache,target=/root/.cargo/registry,sharing=locked \
	bash -c 'source scripts/lib.sh && toolchain'
COPY . .
# Without the features of tests; crates and build output stay in the builder's cache, beside the node's.
RUN --mount=type=cache,target=/root/.cache/smartchain,sharing=locked \
	--mount=type=cache,target=/root/.cargo/registry,sharing=locked \
	bash -c 'source scripts/lib.sh && toolchain && cargo build --release --locked --workspace --bin smart-agent \
		--bin smart-agent-plotter --bin smart-unit \
		&& install -D -t /out "$CARGO_TARGET_DIR"/release/{smart-agent,smart-agent-plotter,smart-unit}'

FROM debian:12-slim
# The plotter is C++.
RUN apt-get update -q && apt-get install -qy --no-install-recommends libstdc++6 ca-certificates \
	&& rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10002 --create-home --home-dir /data smart-agent
COPY --from=build /out/ /usr/local/bin/
COPY LICENSE NOTICE docs/licences.md Cargo.lock /usr/share/doc/smart-agent/
COPY --chmod=755 docker/agent-healthy /usr/local/bin/healthy
USER smart-agent
ENV SMART_AGENT_DATA=/data
# Keys, configuration, history and, unless another disk is mounted there, plots in /data/plots.
VOLUME /data
# The status page is on loopback: start the container in the host's network to see it, and to reach a node there.
HEALTHCHECK --interval=30s --timeout=5s --start-period=120s CMD ["healthy"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["smart-agent"]
CMD ["run"]
