# `make run` opens the window on a demo slice, `make test` checks everything. Both set up what they
# need: .venv with the libraries, and on Debian and Ubuntu as root the system packages.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCK := resources/installer/requirements.txt
PIP := $(BIN)/python -m pip --disable-pip-version-check

# What Qt's wheels load from the system for its offscreen, X11 and Wayland platforms, and a font:
# the wheels bring none.
QT_PACKAGES := libegl1 libgl1 libglib2.0-0 libdbus-1-3 libfontconfig1 libxkbcommon0 \
	libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-randr0 libxcb-shape0 \
	libwayland-cursor0 libwayland-egl1 fonts-dejavu-core
QT_PLATFORMS = $(VENV)/lib/python3*/site-packages/PySide6/Qt/plugins/platforms
APT_INSTALL := apt-get update && \
	DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends
CAN_APT := [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null

.NOTPARALLEL:
.PHONY: train run test lint messages picture features window-pictures benchmark dicom-table dicom-mutants fuzz fuzz-guided audit faults installer reproduce lock qt qt-packages clean windows-check

run: qt
	$(BIN)/python -m braintumor_desktop demo

test: lint $(VENV)/.test qt
	$(BIN)/python -m pytest

# No cache for ruff: it would not notice that a module came or went, which decides the import order.
lint: $(VENV)/.test
	$(BIN)/ruff check --no-cache .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tests/house.py

# What is to be translated, into resources/translations; then the catalogues are compiled.
messages: $(VENV)/.test
	$(BIN)/python resources/translations/messages.py

picture: qt
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m braintumor_desktop demo --screenshot docs/window.png

features: qt
	$(BIN)/python tests/benchmarks/picture_features.py docs/features

# Every window in both languages and themes, at 100 and 200 %; fails where a text is cut off.
window-pictures: $(VENV)/.test qt
	$(BIN)/python tests/benchmarks/picture_windows.py build/window-pictures

benchmark: $(VENV)/.test qt
	$(BIN)/python tests/benchmarks/bench_start.py
	$(BIN)/python tests/benchmarks/bench_answer.py

# What is read of DICOM: each kind of pixels held against other readers, and damage by the thousand.
dicom-table: $(VENV)/.test
	$(BIN)/python -W ignore tests/benchmarks/dicom_table.py

dicom-mutants: $(VENV)/.test
	$(BIN)/python tests/benchmarks/dicom_mutants.py --count 10000

# Damage by the ten thousand, a second reader beside the first; then docs/faults.md is written anew.
fuzz: $(VENV)/.test
	$(BIN)/python tests/fuzz/fuzz_readers.py raster --count 40000
	$(BIN)/python tests/fuzz/fuzz_readers.py dicom --count 50000

# The same led by coverage, for some minutes a target; what ends it is kept in fuzz-found.
fuzz-guided: $(VENV)/.test
	$(BIN)/python tests/fuzz/guided.py all --seconds 260

faults: $(VENV)/.test
	$(BIN)/python tests/faults/inject.py --write

# From the data folder to the bundle. After a kill the same command goes on where it was.
DATA ?= ../shared/data
RUNS ?= runs
# Runs side by side, each on its share of the cores. Two need 16 GB of memory.
AT_ONCE ?= 2
# With OFFICIAL=1 the same recipe is also trained on the official Training split alone, for the card.
OFFICIAL ?=

train: $(if $(OFFICIAL),$(RUNS)/records/manifest.json) $(RUNS)/packed-160.npz $(RUNS)/packed-224.npz
	$(BIN)/python -m training folds $(RUNS)/coarse --packed $(RUNS)/packed-160.npz --everything \
		$(if $(OFFICIAL),--official) --classes-alone --at-once $(AT_ONCE)
	$(BIN)/python -m training folds $(RUNS)/app --packed $(RUNS)/packed-224.npz \
		--start $(RUNS)/coarse --everything $(if $(OFFICIAL),--official) --at-once $(AT_ONCE)
	$(BIN)/python -m training export $(RUNS)/app --volumes "$(DATA)/volumes" --abstain-on T1 \
		$(if $(OFFICIAL),--records $(RUNS)/records)
	$(BIN)/python -m training assess-external "$(DATA)/volumes" --keep > $(RUNS)/external.md
	$(BIN)/python -m training card

$(RUNS)/records/manifest.json: | $(VENV)/.test
	$(BIN)/python -m training records "$(DATA)/brain-tumor-mri" --out $(RUNS)/records

$(RUNS)/packed-%.npz: | $(VENV)/.test
	$(BIN)/python -m training pack "$(DATA)" --size $* --out $@

# The frozen app and its packages in dist/, from dependencies pinned with their hashes.
installer: qt $(VENV)/.installer
	@[ "$$(uname)" = Linux ] || exit 0; \
	shared=$$($(VENV)/installer/bin/python -c 'import sys; print( \
		"libpython%d.%d" % sys.version_info[:2] if sys.base_prefix == "/usr" else "")'); \
	{ command -v gcc && command -v objdump && ldconfig -p | grep -q libwayland-egl \
		&& ldconfig -p | grep -q "$$shared"; } >/dev/null \
		|| { $(CAN_APT) && $(APT_INSTALL) binutils gcc libc6-dev $$shared \
			$(QT_PACKAGES); } \
		|| { echo "Install binutils, gcc, $$shared and $(strip $(QT_PACKAGES))"; exit 1; }
	$(VENV)/installer/bin/python resources/installer/build.py

# Two builds from one commit, each in a folder of its own: 0 where no file differs.
reproduce: installer
	rm -rf build/again
	git clone --quiet . build/again/elsewhere
	$(MAKE) -C build/again/elsewhere installer
	$(VENV)/installer/bin/python resources/installer/compare_builds.py dist build/again/elsewhere/dist

# The Windows build, its self-test and its installer, made and run under Wine on Debian as root.
windows-check:
	bash resources/installer/windows/under_wine.sh . build/windows

# Known weaknesses of what is pinned: by the service, else by ADVISORIES, osv.dev's list as a ZIP.
audit: $(VENV)/.installer
	$(VENV)/installer/bin/python resources/installer/audit.py

# Pins what the installer is built from, for every system and Python, with hashes.
lock: $(VENV)/.run
	$(PIP) install uv
	$(BIN)/uv pip compile --universal --generate-hashes --upgrade --python-version 3.11 \
		--quiet --custom-compile-command 'make lock' --output-file $(LOCK) \
		pyproject.toml resources/installer/requirements.in

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

# The stamps: which of pyproject.toml's requirements the environment has. Two rules, so that the
# window does not wait for TensorFlow, which only training needs.
$(VENV)/.run: pyproject.toml $(VENV)/.made
	$(PIP) install -e .
	@touch $@

$(VENV)/.test: pyproject.toml $(VENV)/.made
	$(PIP) install -e '.[dev,screening,train]'
	@touch $(VENV)/.run $@

$(VENV)/.installer: $(LOCK) pyproject.toml braintumor_desktop/__init__.py $(VENV)/.made
	$(PYTHON) -m venv --clear $(VENV)/installer
	$(VENV)/installer/bin/python -m pip --disable-pip-version-check install --require-hashes \
		-r $(LOCK)
	$(VENV)/installer/bin/python -m pip --disable-pip-version-check install --no-deps \
		--no-build-isolation .
	@touch $@

$(VENV)/.made:
	@if ! $(PYTHON) -c 'import ensurepip' 2>/dev/null && $(CAN_APT); then \
		$(APT_INSTALL) $(notdir $(PYTHON)) $(notdir $(PYTHON))-venv; \
	fi
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON): install Python 3.11," \
		"3.12 or 3.13, or name one, as in: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { \
		echo "$$($(PYTHON) --version) does not fit: Python 3.11, 3.12 or 3.13 is needed." \
		"Name one, as in: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "$(PYTHON) cannot make virtual" \
		"environments. On Debian and Ubuntu: sudo apt-get install $(notdir $(PYTHON))-venv"; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	@touch $@

qt: $(VENV)/.run
	@[ "$$(uname)" = Linux ] || exit 0; \
	missing=$$(ldd $(QT_PLATFORMS)/libqoffscreen.so $(QT_PLATFORMS)/libqxcb.so 2>/dev/null \
		| awk '/not found/ { print $$1 }' | sort -u | tr '\n' ' '); \
	[ -n "$$(find /usr/share/fonts /usr/local/share/fonts ~/.fonts ~/.local/share/fonts \
		\( -name '*.[ot]tf' -o -name '*.ttc' \) 2>/dev/null | head -n 1)" ] \
		|| missing="$$missing(any font)"; \
	[ -n "$$missing" ] || exit 0; \
	if $(CAN_APT); then $(APT_INSTALL) $(QT_PACKAGES); exit; fi; \
	echo "The system lacks what Qt needs for a window: $$missing"; \
	echo "On Debian and Ubuntu: sudo apt-get install $(strip $(QT_PACKAGES))"; \
	$(BIN)/python -c 'import PySide6.QtWidgets' 2>/dev/null

qt-packages:
	@echo $(QT_PACKAGES)
