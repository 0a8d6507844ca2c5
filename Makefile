# Everything a developer needs: Python 3.11 or newer, make, and a package registry that pip reaches.
#   make run | make test | make soak | make help
SHELL := /bin/sh
VENV ?= .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check
# The first Python that is new enough; `make PYTHON=/path/to/python3` chooses another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)

.PHONY: help run test soak lock clean
.DEFAULT_GOAL := help

help: ## 列出这些命令
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  make \1	\2/p' Makefile

run: $(VENV)/.runtime ## 装好依赖，启动机器人（网页、接口；设了 TELEGRAM_TOKEN 就连 Telegram）
	@$(PY) -m bot serve

test: $(VENV)/.dev ## 代码检查、类型检查、知识核对、全部测试
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(PY) -m bot check
	$(PY) -m pytest -q -n 2 --dist loadfile -m "not soak"

soak: $(VENV)/.dev ## 跑上几分钟的耐久测试
	$(PY) -m pytest -q -m soak || test $$? -eq 5

lock: $(VENV)/.dev ## 按 pyproject.toml 重新锁定依赖的版本
	$(PIP) install -q pip-tools
	$(COMPILE) --output-file=requirements.lock pyproject.toml
	$(COMPILE) --extra=dev --constraint=requirements.lock --output-file=requirements-dev.lock pyproject.toml

# No address of a registry in the locks: where packages come from is a matter of each machine.
COMPILE := CUSTOM_COMPILE_COMMAND="make lock" $(VENV)/bin/pip-compile -q --upgrade --allow-unsafe --generate-hashes \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options --strip-extras --no-annotate

clean: ## 删去虚拟环境和缓存（不动 data/）
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache

# The stamps are as old as the last install, so that a repeated run installs nothing.
$(VENV)/.runtime: requirements.lock | $(PY)
	@echo "正在安装依赖……"
	@$(PIP) install -q --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock | $(PY)
	@echo "正在安装开发依赖……"
	@$(PIP) install -q --require-hashes -r requirements-dev.lock
	@touch $@ $(VENV)/.runtime

$(PY):
	@test -n "$(PYTHON)" || { echo "找不到 Python 3.11 或更新的版本：请先安装，或用 make PYTHON=路径 指明。" >&2; exit 1; }
	@"$(PYTHON)" -m venv $(VENV) || { rm -rf $(VENV); \
		echo "建不了虚拟环境：请先安装 venv（Debian、Ubuntu 上是软件包 python3-venv），再运行一次。" >&2; exit 1; }
