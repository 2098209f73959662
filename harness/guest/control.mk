# SPDX-License-Identifier: MIT
# Topic control in a guest of its own. Included by the top Makefile.
CONTROL      := harness/guest
CONTROL_IN   := $(addprefix $(CONTROL)/, start32.S control_trap.S control_guest.c control_machine.c serial.c divide.c)
CONTROL_RUN  := $(addprefix $(CONTROL)/, control_run.c control_cases.c control_judge.c control_deviations.c control_names.c \
  control_report.c rows.c peer.c qemu.c bochs.c v86.c) harness/show.c harness/case.c
CONTROL_H    := $(wildcard model/*.h $(CONTROL)/*.h) $(CONTROL)/control.mk
# i586: a Pentium has no CMOV.
CONTROL_FLAGS = -m32 -march=i586 -DGUEST32 $(GUEST_CFLAGS)

$(B)/control.elf: $(CONTROL_IN) $(MODEL) $(CONTROL_H) $(CONTROL)/guest32.ld
	@mkdir -p $(B)
	$(CC) $(CONTROL_FLAGS) $(GUEST_LD) -Wl,-T,$(CONTROL)/guest32.ld -o $@.tmp $(CONTROL_IN) $(MODEL)
	mv $@.tmp $@

$(B)/guest-control: $(CONTROL_RUN) $(MODEL) $(CONTROL_H) $(B)/gen/rules.inc
	@mkdir -p $(B)
	$(CC) -std=gnu11 $(CFLAGS) -Wall -Wextra -Imodel -Iharness -I$(B)/gen -o $@.tmp $(CONTROL_RUN) $(MODEL)
	mv $@.tmp $@

CONTROL_GO := $(B)/guest-control --build $(B)

.PHONY: guest-control
guest-control: $(B)/guest-control $(B)/control.elf $(B)/bochs-rom.bin ## writes of control registers, and planted faults: ACCEL=tcg|bochs
	@mkdir -p $(B)/results
	@for p in high reads loads keeps changes; do \
	  $(CONTROL_GO) --accel $(if $(filter bochs,$(ACCEL)),bochs,tcg) --plant $$p --machines 1 >/dev/null 2>&1; s=$$?; \
	  if [ $$s = 1 ]; then echo "planted $$p: found"; else echo "planted $$p: NOT FOUND (exit $$s)" >&2; exit 1; fi; done
	$(CONTROL_GO) $(if $(filter tcg bochs,$(ACCEL)),--accel $(ACCEL))
