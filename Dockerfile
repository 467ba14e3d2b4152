# Leasegate's image: one program, a role by its first argument (`args: [authorizer]`).
#
#   docker build --tag leasegate/leasegate:0.1.0 .
#
# For a release, name both images below with their digests (NODE_IMAGE=…@sha256:…), or a mirror's: a tag can be moved.
# Nothing here writes a time of its own. The same bytes each time, file times as well:
#   SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) docker buildx build --output type=image,rewrite-timestamp=true …
ARG NODE_IMAGE=docker.io/library/node:24.21.0-trixie-slim
# Debian 13 as above: native code is installed there and loaded here. Node.js is at /nodejs/bin/node; there is no shell.
ARG RUNTIME_IMAGE=gcr.io/distroless/nodejs24-debian13:nonroot

FROM ${NODE_IMAGE} AS packages
WORKDIR /build/leasegate
# false leaves chdb out, three quarters of the image: the record then needs a ClickHouse server.
ARG EMBEDDED=true
COPY --chmod=0555 package.json package-lock.json ./
# Not `npm ci`: it refuses a lockfile without every optional package of every other platform. The next step is as strict.
# No package's own scripts run. The secret is for a private registry and stays out of the layers.
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc \
    case "$EMBEDDED" in true) omit= ;; false) omit=--omit=optional ;; *) echo "EMBEDDED is true or false" >&2; exit 1 ;; esac; \
    npm install --no-save --omit=dev $omit --ignore-scripts --no-audit --no-fund
# Every package is there by the lockfile's hash, or there is no image.
RUN node -e ' \
      const locked = require("./package-lock.json").packages; \
      const installed = require("./node_modules/.package-lock.json").packages; \
      const isLocked = path => Boolean(locked[path]?.integrity) && locked[path].integrity === installed[path].integrity; \
      const others = Object.keys(installed).filter(path => !isLocked(path)); \
      if (others.length > 0) throw new Error("not as in package-lock.json: " + others.join(", ")); \
    '
# What is installed, not what could be. npm calls left-out devDependencies missing, so they go first; random id and time go after.
RUN npm pkg delete devDependencies && npm sbom --sbom-format cyclonedx > sbom.cdx.json && node -e ' \
      const fs = require("node:fs"); \
      const bom = JSON.parse(fs.readFileSync("sbom.cdx.json", "utf8")); \
      delete bom.serialNumber; \
      delete bom.metadata.timestamp; \
      fs.writeFileSync("sbom.cdx.json", JSON.stringify(bom, null, 2) + "\n"); \
    '
# The program as a few files beside its source: an authorizer is ready with less than half of the CPU. What makes them is installed in the
# folder above, for it is none of the image's packages; by the lockfile's hash, it too.
RUN cp package-lock.json .. && cd .. && node -e ' \
      const { version } = require("./package-lock.json").packages["node_modules/rolldown"]; \
      require("node:fs").writeFileSync("package.json", JSON.stringify({ dependencies: { rolldown: version } })); \
    '
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc \
    cd .. && npm install --no-save --ignore-scripts --no-audit --no-fund && node -e ' \
      const locked = require("./package-lock.json").packages; \
      const installed = require("./node_modules/.package-lock.json").packages; \
      for (const path of Object.keys(installed)) \
        if (!locked[path]?.integrity || locked[path].integrity !== installed[path].integrity) throw new Error("not as in package-lock.json: " + path); \
    '
COPY --chmod=0555 local/release/bundle.ts local/release/program.ts ./local/release/
COPY --chmod=0555 envoy ./envoy
COPY --chmod=0555 src ./src
RUN node local/release/program.ts

FROM ${RUNTIME_IMAGE}
WORKDIR /opt/leasegate
# Everything belongs to root and nobody may write it. One mode for all: not every builder knows modes by kind (u=rwX).
COPY --from=packages --chmod=0555 /build/leasegate/sbom.cdx.json /usr/share/leasegate/sbom.cdx.json
COPY --chmod=0555 LICENSE /usr/share/leasegate/LICENSE
COPY --from=packages --chmod=0555 /build/leasegate/node_modules ./node_modules
COPY --chmod=0555 protos ./protos
# Envoy's configuration, which `leasegate envoy config` writes, and the rules by which `leasegate doctor` examines it.
COPY --chmod=0555 envoy ./envoy
COPY --chmod=0555 src ./src
COPY --chmod=0555 package.json ./package.json
COPY --from=packages --chmod=0555 /build/leasegate/program ./program
# nonroot, as a number: Kubernetes cannot tell of a name whether it is root.
USER 65532:65532
# Not src/cli/launch.mjs: that one looks for a Node.js and starts it as a child. This one is process 1 and gets the signals.
ENTRYPOINT ["/nodejs/bin/node", "/opt/leasegate/program/leasegate.cjs"]
CMD ["--help"]
# Last: with another revision only what changed is a new layer.
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="leasegate" \
      org.opencontainers.image.description="Production access to Kubernetes for AI agents, by task leases" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
