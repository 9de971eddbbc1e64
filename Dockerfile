FROM python:3.11-slim-bookworm AS build
# Versions of packages are those of the image's release of Debian, which keeps old ones nowhere.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends build-essential default-libmysqlclient-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
RUN python -m venv /opt/packer
COPY requirements.txt requirements-mysql.txt requirements-s3.txt /build/
RUN /opt/packer/bin/pip install --no-cache-dir \
    -r /build/requirements.txt -r /build/requirements-mysql.txt -r /build/requirements-s3.txt

FROM python:3.11-slim-bookworm
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends djvulibre-bin ffmpeg libarchive-tools libmariadb3 tzdata unar \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 packer \
    && install -d -o 1000 -g 1000 /data
COPY --from=build /opt/packer /opt/packer
COPY --chown=root:root . /app
RUN /opt/packer/bin/pip install --no-cache-dir --no-deps --editable /app \
    && /opt/packer/bin/python -m compileall -q /app
WORKDIR /app
# Compose may run it as another (PUID, PGID): nothing below /app is written to.
USER 1000:1000
ENV PATH=/opt/packer/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp \
    DATA_DIR=/data PACKER_ENV_FILE=/dev/null
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["python", "-c", "import http.client as c; a = c.HTTPConnection('127.0.0.1', 8000, timeout=4); a.request('GET', '/livez'); raise SystemExit(a.getresponse().status != 200)"]
CMD ["packer", "serve", "--host", "0.0.0.0"]
