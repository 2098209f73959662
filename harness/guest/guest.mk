# SPDX-License-Identifier: MIT
# The comparison with a bare-metal guest in QEMU. Included by the top Makefile,
# which sets B, CC, CFLAGS and MODEL; the defaults are for
# `make -f harness/guest/guest.mk guest`.
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
  -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns

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
