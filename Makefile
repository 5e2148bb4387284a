# The whole loop of a day. `make demo` is all a new machine needs: Python 3.11 with venv, and make.
PY ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(VENV)/.installed
DEV := $(VENV)/.installed-dev
PYTEST := TEXTUAL_ANIMATIONS=none $(BIN)/python -m pytest -q

.PHONY: demo test check snapshots pictures bench rivals soak machine clean
.DEFAULT_GOAL := demo

$(RUN): pyproject.toml
	test -x $(BIN)/python || $(PY) -m venv $(VENV)
	@echo "installing hostdeck into $(VENV) ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check -e . 
	@touch $@

$(DEV): pyproject.toml
	test -x $(BIN)/python || $(PY) -m venv $(VENV)
	@echo "installing hostdeck and what its tests need into $(VENV) ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[dev]'
	@touch $@ $(RUN)

demo: $(RUN)          ## a simulated fleet, a worker and the console, in a throwaway home
	@$(BIN)/hostdeck demo

# Five at once on two cores: a console's test mostly waits until its screen is at rest.
test: $(DEV)          ## the tests, five at once
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || \
		echo "no PostgreSQL here (Debian: apt install postgresql): the store's tests run on SQLite only"
	@test -x /usr/sbin/sshd || echo "no sshd here (Debian: apt install openssh-server): the guard's tests over OpenSSH are left out"
	@test -x /usr/sbin/mariadbd || \
		echo "no MariaDB here (Debian: apt install mariadb-server-core mariadb-client): its tests are left out"
	@test -x /usr/sbin/pdns_server || \
		echo "no PowerDNS here (Debian: apt install pdns-server pdns-backend-sqlite3): its tests are left out"
	@$(PYTEST) -n 5 --dist loadgroup -m "not soak and not machine" tests

check: $(DEV)         ## style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

snapshots: $(DEV)     ## accept the screens as they are now
	@$(PYTEST) tests/screens --snapshot-update

pictures: $(DEV)      ## the pictures in the README, drawn from the console as it is
	@TEXTUAL_ANIMATIONS=none $(BIN)/python -m bench.pictures

soak: $(DEV)          ## the long runs
	@$(PYTEST) -m soak tests

# As root, and over the network the first time (Debian: apt install debootstrap qemu-system-x86 e2fsprogs).
machine: $(DEV)       ## what only a whole machine with a systemd can show, in a virtual one
	@$(PYTEST) -m machine tests/machine

bench: $(DEV)         ## the figures in the README
	@$(BIN)/python -m bench

rivals: $(DEV)        ## the same work by other tools beside ours; installs them
	@$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[rivals]'
	@cd bench/rivals && ../../$(BIN)/python run.py --work c,c2 --nap-ms $(or $(NAP_MS),100)

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache
