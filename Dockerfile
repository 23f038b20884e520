# The service alone: no MongoDB in it. `compose.yaml` runs it beside MongoDB and Redis.

FROM python:3.11-slim-bookworm AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src

# Dependencies first: this layer changes only when the lock does.
COPY requirements/app.lock requirements/build.lock requirements/
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --require-hashes -r requirements/app.lock

RUN python -m venv /opt/build \
    && /opt/build/bin/pip install --require-hashes -r requirements/build.lock

COPY pyproject.toml README.md LICENSE ./
COPY app app
COPY migrations migrations
COPY clients/js/src clients/js/src
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --no-index -w /tmp/wheel . \
    && /opt/venv/bin/pip install --no-deps --no-index /tmp/wheel/*.whl \
    && /opt/venv/bin/pip uninstall --yes pip setuptools


FROM python:3.11-slim-bookworm

ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Playledger" \
      org.opencontainers.image.description="Counts plays exactly once, live" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

# A fixed number, so that the owner of a mounted volume can be set before the first start.
RUN groupadd --gid 10001 playledger \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/playledger --shell /usr/sbin/nologin playledger \
    && install -d -o 10001 -g 10001 -m 0700 /var/lib/playledger

COPY --from=build /opt/venv /opt/venv

ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOST=0.0.0.0 \
    PORT=8000 \
    DATA_DIR=/var/lib/playledger \
    LOG_FORMAT=json

USER 10001:10001
WORKDIR /var/lib/playledger
VOLUME /var/lib/playledger
EXPOSE 8000

# The start waits up to 60 s for the database, so a check that fails before counts for nothing.
HEALTHCHECK --interval=15s --timeout=5s --start-period=90s --retries=3 \
    CMD ["python", "-c", "import http.client, os, sys; c = http.client.HTTPConnection('127.0.0.1', int(os.environ['PORT']), timeout=4); c.request('GET', '/health/live'); sys.exit(c.getresponse().status != 200)"]

STOPSIGNAL SIGTERM
ENTRYPOINT ["playledger"]
CMD ["serve"]
