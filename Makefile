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

.PHONY: help verify test check prove $(TOPICS:%=prove-%) prove-mutants bench lib install clean deps
help: ## this list
	@echo 'make TARGET [VARIABLE=value ...]'
	@cat Makefile harness/*.mk harness/*/*.mk | sed 's/^$$(TOPICS:%=\(.*\)-%): /\1-TOPIC:/' \
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

include $(sort $(wildcard harness/*.mk harness/*/*.mk))

# ---- the library -------------------------------------------------------
LIB_FLAGS := -std=c11 -ffreestanding -fPIC -fvisibility=default -Wall -Wextra -Wconversion
LIB_OBJ   := $(MODEL:model/%.c=$(B)/lib/%.o)
SOVERSION := 0

$(B)/lib/%.o: model/%.c $(wildcard model/*.h)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LIB_FLAGS) -c $< -o $@
$(B)/libvmref.a: $(LIB_OBJ)
	rm -f $@ && ar rcs $@ $^
$(B)/libvmref.so: $(LIB_OBJ)
	$(CC) -shared -nostdlib -Wl,-soname,libvmref.so.$(SOVERSION) -o $@ $^
# The public header in one file: the model's headers in the order of their includes,
# without the parts that only Frama-C reads.
$(B)/include/vmref.h: $(wildcard model/*.h) ci/one-header
	@mkdir -p $(@D)
	ci/one-header > $@
# PREFIX may differ from the last time.
.PHONY: FORCE
$(B)/vmref.pc: FORCE
	@printf 'prefix=%s\nlibdir=$${prefix}/lib\nincludedir=$${prefix}/include\n\nName: vmref\nDescription: reference model of x86-64 virtual memory\nVersion: %s\nLibs: -L$${libdir} -lvmref\nCflags: -I$${includedir}\n' '$(PREFIX)' '$(VERSION)' > $@

lib: $(B)/libvmref.a $(B)/libvmref.so $(B)/include/vmref.h ## the library: build/libvmref.a, .so, include/vmref.h

install: lib $(B)/vmref $(B)/vmref.pc ## install library, header, vmref.pc and the command line (DESTDIR, PREFIX)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/pkgconfig $(DESTDIR)$(PREFIX)/include
	install -m 755 $(B)/vmref $(DESTDIR)$(PREFIX)/bin/
	install -m 644 $(B)/include/vmref.h $(DESTDIR)$(PREFIX)/include/
	install -m 644 $(B)/libvmref.a $(DESTDIR)$(PREFIX)/lib/
	install -m 755 $(B)/libvmref.so $(DESTDIR)$(PREFIX)/lib/libvmref.so.$(VERSION)
	ln -sf libvmref.so.$(VERSION) $(DESTDIR)$(PREFIX)/lib/libvmref.so.$(SOVERSION)
	ln -sf libvmref.so.$(SOVERSION) $(DESTDIR)$(PREFIX)/lib/libvmref.so
	install -m 644 $(B)/vmref.pc $(DESTDIR)$(PREFIX)/lib/pkgconfig/

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
