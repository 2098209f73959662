# SPDX-License-Identifier: MIT
# The comparison with a bare-metal guest in QEMU. Included by the top Makefile,
# which sets B, CC, CFLAGS and MODEL; the defaults are for
# `make -f harness/cli/cli.mk -f harness/guest/guest.mk guest`.
B      ?= build
CFLAGS ?= -O2 -g
MODEL  ?= model/entry.c model/access.c model/walk.c
ACCEL  ?= tcg
TIME   ?= 10

GUEST     := harness/guest
# Planning and judging, compiled for both sides.
GUEST_TWO := harness/case.c $(MODEL) $(addprefix $(GUEST)/, plan.c deviations.c entry.c access.c walk.c)
GUEST_IN  := $(addprefix $(GUEST)/, guest.c machine.c serial.c selftest.c)
GUEST_S   := $(addprefix $(GUEST)/, start.S trap.S access.S)
GUEST_RUN := $(addprefix $(GUEST)/, run.c campaign.c probe.c report.c feed.c judge.c qemu.c random.c) harness/show.c
GUEST_H   := $(wildcard model/*.h harness/*.h $(GUEST)/*.h) $(GUEST)/guest.mk
GUEST_CFLAGS := -std=c11 -Wall -Wextra -O2 -g -ffreestanding -fno-builtin -mcmodel=kernel -mno-red-zone \
  -mgeneral-regs-only -fno-pic -fno-pie -fno-stack-protector -fcf-protection=none \
  -fno-asynchronous-unwind-tables \
  $(if $(findstring clang,$(CC)),,-fno-tree-loop-distribute-patterns)

$(B)/guest.elf: $(GUEST_S) $(GUEST_IN) $(GUEST_TWO) $(GUEST_H) $(GUEST)/guest.ld
	@mkdir -p $(B)/guest
	@set -e; for s in $(GUEST_S) $(GUEST_IN) $(GUEST_TWO); do \
	  o=$(B)/guest/$$(echo $$s | tr / _).o; \
	  $(CC) $(GUEST_CFLAGS) -Imodel -Iharness -c $$s -o $$o; done
	$(CC) -nostdlib -static -no-pie -Wl,--build-id=none,-z,noexecstack,--no-warn-rwx-segments \
	  -T $(GUEST)/guest.ld -o $@.tmp $(foreach s,$(GUEST_S) $(GUEST_IN) $(GUEST_TWO),$(B)/guest/$(subst /,_,$(s)).o)
	mv $@.tmp $@

$(B)/guest-run: $(GUEST_RUN) $(GUEST_TWO) $(GUEST_H) $(B)/gen/rules.inc
	@mkdir -p $(B)
	$(CC) -std=c11 $(CFLAGS) -Wall -Wextra -Imodel -Iharness -I$(B)/gen -o $@.tmp $(GUEST_RUN) $(GUEST_TWO)
	mv $@.tmp $@

GUEST_QEMU := @command -v qemu-system-x86_64 >/dev/null || \
  { echo "no QEMU: apt-get install qemu-system-x86" >&2; exit 1; }
GUEST_GO   := $(B)/guest-run --elf $(B)/guest.elf --deviations harness/deviations.tsv
GUEST_BUILT := $(B)/guest-run $(B)/guest.elf

.PHONY: guest guest-entry guest-access guest-walk guest-smoke guest-bench
guest: $(GUEST_BUILT) ## compare with a guest in QEMU: ACCEL=tcg|kvm|auto TIME=seconds
	$(GUEST_QEMU)
	@mkdir -p $(B)/results
	$(GUEST_GO) --accel $(ACCEL) --seconds $(TIME) --json $(B)/results/guest.json

guest-entry guest-access guest-walk: guest-%: $(GUEST_BUILT) ## one topic of it, its directed list in full
	$(GUEST_QEMU)
	@mkdir -p $(B)/results
	$(GUEST_GO) --accel $(ACCEL) --topic $* --seconds $(TIME) --json $(B)/results/guest-$*.json

# Fixed seed; both ways to boot; and planted errors, each of which must be found.
guest-smoke: $(GUEST_BUILT) ## the comparison within 20 s under TCG, and planted errors
	$(GUEST_QEMU)
	@mkdir -p $(B)/results
	$(GUEST_GO) --seed 1 --cases 200000 --thin 4 --json $(B)/results/guest-smoke.json
	$(GUEST_GO) --selftest
	@for p in w-bit lost-a frame cr2 smap; do \
	  $(GUEST_GO) --plant $$p --machines 1 --cases 4000 --thin 64 >/dev/null 2>&1; s=$$?; \
	  if [ $$s = 1 ]; then echo "planted $$p: found"; \
	  else echo "planted $$p: NOT FOUND (exit $$s)" >&2; exit 1; fi; done

guest-bench: $(GUEST_BUILT) ## cases per second at batch 256 and 1000
	$(GUEST_QEMU)
	@mkdir -p $(B)/results
	$(GUEST_GO) --accel $(ACCEL) --bench --json $(B)/results/bench-guest.json
