# SPDX-License-Identifier: MIT
# vmref: `make verify` shows the product at work, `make test` checks it, `make help` lists the rest.
B      := build
MODEL  := $(sort $(wildcard model/*.c))
TOPICS := $(MODEL:model/%.c=%)
ifeq ($(origin CC),default)
CC := gcc
endif
CFLAGS ?= -O2 -g
ACCEL  ?= auto
PROOF  ?= cached
FUZZER ?= libfuzzer
PREFIX ?= /usr/local
V      ?= 0
VERSION := $(shell cat VERSION)
export CC CFLAGS ACCEL FUZZER V CI_STRICT
ifneq ($(V),1)
MAKEFLAGS += --no-print-directory
endif
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

.PHONY: help verify test check prove $(TOPICS:%=prove-%) prove-mutants bench clean deps
help: ## this list
	@echo 'make TARGET [VARIABLE=value ...]'
	@cat Makefile harness/*.mk harness/*/*.mk ci/*.mk | sed 's/^$$(TOPICS:%=\(.*\)-%): /\1-TOPIC:/' \
	  | grep -E '^[a-z][a-zA-Z0-9 -]*:.*## ' | sed 's/:.*## /\t/' \
	  | sort -u | awk -F '\t' '{ printf "  %-34s %s\n", $$1, $$2 }'
	@echo 'Variables:'
	@grep -hE '^## ' Makefile | sed 's/^## /  /'
## TIME=SECONDS          how long to fuzz, or to compare with the guest
## PROOF=cold|replay|cached  run the provers anew, look up every goal anew, or only what changed (verify: cold)
## FUZZER=libfuzzer|afl  the fuzzer of `make fuzz`
## ACCEL=tcg|kvm|auto    what runs the guest: QEMU's software CPU, KVM, or both where KVM works
## CI_STRICT=1           a missing tool is an error, not a skipped stage
## CC, CFLAGS, V=1, DESTDIR, PREFIX

verify: ## install, prove, fuzz and compare; summary here and in build/report/index.html
	@ci/stages verify

test: ## the checks of every push; ends with `N passed, N failed`
	@ci/stages test

deps: ## install the Debian packages that are missing
	@ci/deps.sh

check: ## the cheap checks: map, rules, trust, docs, proofs from the cache
	@ci/stages check

prove: ## prove every topic (PROOF=cold|replay|cached); one JSON a topic in build/proofs
	@proofs/run --mode $(PROOF)
$(TOPICS:%=prove-%): prove-%: ## prove one topic
	@proofs/run --mode $(PROOF) $*

prove-mutants: ## plant bugs of each kind and see that the proof breaks, with the goal that caught it (half an hour)
	@proofs/mutants

bench: ## walks, guest cases, fuzzer runs and proofs per second, with machine and versions
	@ci/bench

include $(sort $(wildcard harness/*.mk harness/*/*.mk)) ci/ci.mk

# ---- bench -------------------------------------------------------------
# One translation unit for the optimiser, as a user with -flto has it.
$(B)/bench_walk: harness/bench_walk.c $(MODEL) $(wildcard model/*.h)
	@mkdir -p $(@D)
	$(CC) -O2 -flto -std=gnu11 -Wall -Wextra -Imodel harness/bench_walk.c $(MODEL) -o $@

$(B)/bench_mm: harness/bench_mm.c harness/mm.c $(MODEL) $(wildcard model/*.h harness/mm.h)
	@mkdir -p $(@D)
	$(CC) -O2 -flto -std=gnu11 -Wall -Wextra -Imodel -Iharness harness/bench_mm.c harness/mm.c $(MODEL) -o $@

clean: ## remove build/
	rm -rf $(B)
