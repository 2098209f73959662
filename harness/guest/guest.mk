# SPDX-License-Identifier: MIT
# The comparison with a bare-metal guest in QEMU and Bochs. Included by the top Makefile,
# which sets B, CC, CFLAGS and MODEL; the defaults are for
# `make -f harness/cli/cli.mk -f harness/guest/guest.mk guest`.
B      ?= build
CFLAGS ?= -O2 -g
MODEL  ?= $(wildcard model/*.c)
ACCEL  ?= auto
TIME   ?= 10

GUEST     := harness/guest
# Planning and judging, compiled for both sides.
GUEST_TWO := harness/case.c $(MODEL) $(addprefix $(GUEST)/, plan.c expect.c deviations.c entry.c access.c walk.c span.c)
GUEST_IN  := $(addprefix $(GUEST)/, guest.c steps.c cpu.c serial.c selftest.c)
GUEST_64  := $(addprefix $(GUEST)/, start.S trap.S access.S machine.c)
GUEST_32  := $(addprefix $(GUEST)/, start32.S trap32.S access.S machine32.c divide.c)
GUEST_RUN := $(addprefix $(GUEST)/, run.c campaign.c probe.c report.c rows.c control_names.c feed.c judge.c peer.c qemu.c bochs.c v86.c random.c \
  sequence.c sequence_judge.c sequence_deviations.c sequence_feed.c control.c tlb.c) harness/show.c
GUEST_H   := $(wildcard model/*.h harness/*.h $(GUEST)/*.h $(GUEST)/*/*.h) $(GUEST)/guest.mk
# Every guest is built with these: control.mk and matrix.mk use them too.
GUEST_BARE := -Wall -Wextra -O2 -g -ffreestanding -mgeneral-regs-only \
  -fno-pic -fno-pie -fno-stack-protector -fcf-protection=none -fno-asynchronous-unwind-tables \
  $(if $(findstring clang,$(CC)),,-fno-tree-loop-distribute-patterns) \
  -I$(GUEST)/bare -Imodel -Iharness -I$(GUEST)
GUEST_CFLAGS := -std=c11 -fno-builtin $(GUEST_BARE)
GUEST_LD := -nostdlib -static -no-pie -Wl,--build-id=none,-z,noexecstack,--no-warn-rwx-segments
guest_object = $(B)/guest$(1)/$(subst /,_,$(2)).o

# $(1): nothing or 32. $(2): flags. $(3): sources of its own, or one source.
define GUEST_OBJECT
$(call guest_object,$(1),$(3)): $(3) $$(GUEST_H)
	@mkdir -p $$(@D)
	$$(CC) $(2) $$(GUEST_CFLAGS) -c $$< -o $$@

endef
define GUEST_BUILD
$(foreach s,$(GUEST_IN) $(GUEST_TWO) $(3),$(call GUEST_OBJECT,$(1),$(2),$(s)))
$(B)/guest$(1).elf: $(foreach s,$(GUEST_IN) $(GUEST_TWO) $(3),$(call guest_object,$(1),$(s))) $(GUEST)/guest$(1).ld
	$$(CC) $(2) $$(GUEST_LD) -Wl,-T,$(GUEST)/guest$(1).ld -o $$@.tmp $$(filter %.o,$$^)
	mv $$@.tmp $$@
endef
$(eval $(call GUEST_BUILD,,-mcmodel=kernel -mno-red-zone,$(GUEST_64)))
$(eval $(call GUEST_BUILD,32,-m32 -march=i686 -DGUEST32,$(GUEST_32)))

$(B)/bochs-rom.bin: $(GUEST)/bochs_rom.S $(GUEST)/protocol.h
	@mkdir -p $(B)/guest
	$(CC) -m32 -I$(GUEST) -c $< -o $(B)/guest/bochs_rom.o
	objcopy -O binary -j .text $(B)/guest/bochs_rom.o $@

$(B)/guest-run: $(GUEST_RUN) $(GUEST_TWO) $(GUEST_H) $(B)/gen/rules.inc
	@mkdir -p $(B)
	$(CC) -std=c11 $(CFLAGS) -Wall -Wextra -Imodel -Iharness -I$(B)/gen -o $@.tmp $(GUEST_RUN) $(GUEST_TWO)
	mv $@.tmp $@

GUEST_QEMU := @command -v qemu-system-x86_64 >/dev/null || \
  { echo "no QEMU: apt-get install qemu-system-x86" >&2; exit 1; }
GUEST_GO   := $(B)/guest-run --elf $(B)/guest.elf --elf32 $(B)/guest32.elf --rom $(B)/bochs-rom.bin \
  --deviations harness/deviations.tsv
GUEST_BUILT := $(B)/guest-run $(B)/guest.elf $(B)/guest32.elf $(B)/bochs-rom.bin

.PHONY: guest guest-entry guest-access guest-walk guest-span guest-smoke guest-bench
guest: $(GUEST_BUILT) ## compare with guests in QEMU and Bochs: ACCEL=tcg|kvm|bochs|auto TIME=seconds
	$(GUEST_QEMU)
	@mkdir -p $(B)/results
	$(GUEST_GO) --accel $(ACCEL) --seconds $(TIME) --json $(B)/results/guest.json

guest-entry guest-access guest-walk guest-span: guest-%: $(GUEST_BUILT) ## one topic of it, its directed list in full
	$(GUEST_QEMU)
	@mkdir -p $(B)/results
	$(GUEST_GO) --accel $(ACCEL) --topic $* --seconds $(TIME) --json $(B)/results/guest-$*.json

# Fixed seed; every guest, and every way to boot; and planted errors, each of which must be
# found.
GUEST_PLANT = $(GUEST_GO) --plant $(1) --machines 1 --cases 4000 --thin 256 --shown 0 $(2) >/dev/null 2>&1; s=$$?; \
	  if [ $$s = 1 ]; then echo "planted $(1): found"; \
	  else echo "planted $(1): NOT FOUND (exit $$s)" >&2; exit 1; fi
guest-smoke: $(GUEST_BUILT) ## the comparison within 20 s under TCG and Bochs, and planted errors
	$(GUEST_QEMU)
	@mkdir -p $(B)/results
	$(GUEST_GO) --seed 1 --cases 60000 --thin 64 --machines 6 --json $(B)/results/guest-smoke.json
	@if command -v bochs-bin >/dev/null; then set -x; \
	  $(GUEST_GO) --accel bochs --seed 1 --cases 10000 --thin 256 --json $(B)/results/guest-smoke-bochs.json; \
	elif [ -n "$(CI_STRICT)" ]; then echo "no Bochs: apt-get install bochs" >&2; exit 1; \
	else echo "SKIPPED: no Bochs (apt-get install bochs)"; fi
	$(GUEST_GO) --selftest
	@for p in w-bit lost-a frame cr2 smap; do $(call GUEST_PLANT,$$p,--mode 4level --topic walk); done
	@for p in w-bit lost-d; do $(call GUEST_PLANT,$$p,--mode 32bit --topic walk); done
	@$(call GUEST_PLANT,stale,--mode 4level --topic tlb)

guest-bench: $(GUEST_BUILT) ## cases per second at batch 256 and 1000
	$(GUEST_QEMU)
	@mkdir -p $(B)/results
	$(GUEST_GO) --accel $(ACCEL) --bench --json $(B)/results/bench-guest.json
