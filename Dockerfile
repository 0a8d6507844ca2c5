# Any base with Python 3.11 or newer: docker build --build-arg BASE=… -t policy-bot .
ARG BASE=python:3.11-slim

FROM ${BASE} AS build
WORKDIR /src
RUN python3 -m venv /opt/bot
COPY requirements.lock ./
RUN /opt/bot/bin/python -m pip install --no-cache-dir --no-compile --require-hashes -r requirements.lock
COPY pyproject.toml README.md ./
COPY bot ./bot
COPY knowledge ./knowledge
# Nothing in the image installs packages, so what does it goes too.
RUN /opt/bot/bin/python -m pip install --no-cache-dir --no-compile --no-deps . \
    && /opt/bot/bin/python -m pip uninstall --yes --quiet setuptools pip \
    && /opt/bot/bin/python -m compileall -q /opt/bot/lib

FROM ${BASE}
ENV PATH=/opt/bot/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONUTF8=1 \
    BOT_HOST=0.0.0.0 \
    BOT_PORT=8000 \
    BOT_DATA=/data \
    MPLCONFIGDIR=/tmp/matplotlib
COPY --from=build /opt/bot /opt/bot
# Numbers, so that a platform which demands a non-root user can see that it is one.
RUN mkdir -m 700 /data && chown 10001:10001 /data
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"BOT_PORT\"]}/healthz', timeout=4)"]
CMD ["python", "-m", "bot", "serve"]
