FROM python:3.13-slim AS build

# gunicorn's C parser comes as source; the compiler stays in this stage, so its version is nobody's concern.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends gcc libc6-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY requirements.txt .
# The interpreter of both stages is the same, so the environment can be copied; it needs no pip.
RUN python -m venv --without-pip /venv \
    && pip --python /venv/bin/python install --no-cache-dir --disable-pip-version-check -r requirements.txt


FROM python:3.13-slim

ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    ENVIRONMENT=production \
    PORT=7860

# Without a volume there too the database file has a place that its user can write. No VOLUME line:
# some hosts refuse it, and with PostgreSQL it would leave an unused volume behind each container.
# The group of root may write there too: hosts that choose a user of their own (OpenShift) give it that group.
RUN useradd --uid 1000 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin todo \
    && install --directory --owner=todo --group=root --mode=0770 /data

COPY --from=build /venv /venv
WORKDIR /app
COPY . .
# The default SQLite file is /app/db.sqlite3. A link, unlike a DATABASE_URL set here, also holds for
# `docker exec` and does not outrank NEON_DB_URL. The key and the host are this line's alone.
RUN ln -s /data/db.sqlite3 /app/db.sqlite3 \
    && SECRET_KEY="$(python -c 'import secrets; print(secrets.token_hex(32))')" ALLOWED_HOSTS=build \
       python manage.py collectstatic --noinput --verbosity 0 \
    && python -m compileall -q /app

# Last, so that another commit rebuilds nothing above: docker build --build-arg GIT_COMMIT="$(git rev-parse HEAD)" .
ARG GIT_COMMIT=
ENV GIT_COMMIT=$GIT_COMMIT

USER 1000:1000
EXPOSE 7860
# The start period covers the wait for the database. No proxy: the environment may name one.
HEALTHCHECK --interval=30s --timeout=5s --start-period=90s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.build_opener(u.ProxyHandler({})).open('http://127.0.0.1:' + os.environ['PORT'] + '/health', timeout=4)"]
ENTRYPOINT ["/app/deploy/entrypoint.sh"]
