# The commands of the README. Everything a bare Debian 12 lacks is installed here.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

PREFIX ?= /usr
DESTDIR ?=

BUILD_PACKAGES := pkg-config libgpiod-dev libusb-1.0-0-dev libsqlite3-dev \
  libcurl4-openssl-dev zlib1g-dev libpng-dev libfreetype-dev libharfbuzz-dev libzint-dev libpq-dev \
  fonts-wqy-microhei
TEST_PACKAGES := zbar-tools openssl sqlite3 postgresql-15 iproute2
RIG_PACKAGES := qemu-system-x86 busybox-static kmod xz-utils cpio gpiod usbutils udev dbus \
  systemd gcc make e2fsprogs sqlite3 linux-headers-amd64 linux-source-6.1

# Debug builds link the toolchain's libraries; what is installed carries Swift's with it.
RELEASE := swift build -c release --static-swift-stdlib

.PHONY: demo smoke test unit lint fuzz faults simulate rig rig-gpiod2 bench build install packages rig-packages help

help:
	@echo 'make demo     a whole station on simulated devices, driven from the keyboard'
	@echo 'make smoke    the same, scripted, without a terminal'
	@echo 'make test     all tests, the smoke run, the fuzzing and the rig'
	@echo 'make faults   station and hub killed and cut off; CYCLES=1000 for a long run'
	@echo 'make simulate station, network and hub on virtual time; SEEDS=1000, MINUTES=60, SEED=… for one'
	@echo 'make fuzz     every codec under libFuzzer; more in Tests/Fuzz/run'
	@echo 'make bench    speed and size, as ratios'
	@echo 'make install  build and install for systemd (PREFIX, DESTDIR)'

# $(1): Debian packages. Says what is missing when it may not install it.
define need
  missing=(); for package in $(1); do \
    dpkg-query -W -f '$${db:Status-Status}' $$package 2>/dev/null | grep -qx installed \
      || missing+=($$package); \
  done; \
  if [ $${#missing[@]} -gt 0 ]; then \
    if [ "$$(id -u)" -ne 0 ]; then \
      echo "These Debian packages are missing: $${missing[*]}" >&2; \
      echo "Run as root: apt-get install --no-install-recommends $${missing[*]}" >&2; exit 1; \
    fi; \
    echo "Installing: $${missing[*]}"; \
    apt-get update -qq; \
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
      "$${missing[@]}" >/dev/null; \
  fi; \
  command -v swift >/dev/null || { \
    echo 'No Swift toolchain found: install Swift 6.2 or newer (swift.org) and put it on PATH' >&2; \
    exit 1; }
endef

packages:
	@$(call need,$(BUILD_PACKAGES))

rig-packages:
	@$(call need,$(BUILD_PACKAGES) $(TEST_PACKAGES) $(RIG_PACKAGES))

demo: packages
	@echo 'Building the demo; the first time this takes some minutes.'
	@swift build --product yizhan-sim 2>&1 | tail -n 3
	@.build/debug/yizhan-sim demo $(DEMO)

smoke: packages
	@swift build --product yizhan-sim
	@.build/debug/yizhan-sim smoke

test: rig-packages lint unit simulate smoke faults fuzz rig

lint:
	@swift format lint --strict --recursive Sources Tests Benchmarks Package.swift

unit:
	@$(call need,$(BUILD_PACKAGES) $(TEST_PACKAGES))
	@# A few at a time: a thousand at once starve those that wait for real sockets and processes.
	@SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=6 swift test

CYCLES ?= 8

SEEDS ?= 1000

# So many SEEDS, or as many as MINUTES allow, or the one SEED that a failure printed.
simulate: packages
	@YIZHAN_SEEDS=$(SEEDS) YIZHAN_MINUTES=$(MINUTES) YIZHAN_SEED=$(SEED) \
	  swift test --filter CountySimulationTests 2>&1 | grep -aE '✘|↳|simulated:|Test run|error:'

faults: packages
	@swift build
	@Tests/Faults/kill --cycles $(CYCLES)
	@Tests/Faults/fork
	@Tests/Faults/held
	@Tests/Faults/network

fuzz:
	@Tests/Fuzz/run

rig: rig-packages
	@swift build --build-tests
	@Tests/Rig/build-gpiod2
	@Tests/Rig/run

bench: packages
	@Benchmarks/run

build: packages
	@for program in yizhand yizhan yizhan-hub; do $(RELEASE) --product $$program; done

install: build
	@systemd/install "$(DESTDIR)" "$(PREFIX)" "$$($(RELEASE) --show-bin-path)"
