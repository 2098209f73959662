# SPDX-License-Identifier: MIT
# The full matrix of flags, in a guest of its own. Included by the top Makefile.
MATRIX     := harness/guest
MATRIX_MODEL := model/entry.c model/access.c model/walk.c
MATRIX_TWO := $(addprefix $(MATRIX)/, matrix_space.c matrix_place.c matrix_names.c)
MATRIX_IN  := $(addprefix $(MATRIX)/, matrix_guest.c matrix_machine.c matrix_judge.c matrix_plant.c matrix_deviations.c cpu.c)
MATRIX_S   := $(addprefix $(MATRIX)/, start.S matrix_trap.S serial.c)
MATRIX_RUN := $(addprefix $(MATRIX)/, matrix_run.c matrix_state.c matrix_report.c rows.c peer.c qemu.c bochs.c v86.c) \
  harness/show.c harness/case.c
MATRIX_H   := $(wildcard model/*.h harness/*.h $(MATRIX)/*.h) $(MATRIX)/matrix.mk
# -flto: the model hands its control state on by value, and copies cost under emulation.
MATRIX_FLAGS = -std=gnu11 -mcmodel=kernel -mno-red-zone $(GUEST_BARE)

$(B)/matrix4.elf $(B)/matrix5.elf: $(B)/matrix%.elf: $(MATRIX_IN) $(MATRIX_TWO) $(MATRIX_S) $(MATRIX_MODEL) $(MATRIX_H) $(MATRIX)/guest.ld
	@mkdir -p $(B)/matrix/o$*
	@set -e; for s in $(MATRIX_S); do \
	  $(CC) $(MATRIX_FLAGS) -fno-builtin -DLEVELS=$* -c $$s -o $(B)/matrix/o$*/$$(basename $$s).o; done
	$(CC) $(MATRIX_FLAGS) -DLEVELS=$* $(if $(findstring clang,$(CC)),,-flto) $(GUEST_LD) \
	  -T $(MATRIX)/guest.ld -o $@.tmp \
	  $(MATRIX_IN) $(MATRIX_TWO) $(MATRIX_MODEL) $(foreach s,$(MATRIX_S),$(B)/matrix/o$*/$(notdir $(s)).o)
	mv $@.tmp $@

$(B)/guest-matrix: $(MATRIX_RUN) $(MATRIX_TWO) $(MODEL) $(MATRIX_H) $(B)/gen/rules.inc
	@mkdir -p $(B)
	$(CC) -std=gnu11 $(CFLAGS) -Wall -Wextra -DLEVELS=5 -Imodel -Iharness -I$(B)/gen -o $@.tmp $(MATRIX_RUN) $(MATRIX_TWO) $(MODEL)
	mv $@.tmp $@

MATRIX_BUILT := $(B)/guest-matrix $(B)/matrix4.elf $(B)/matrix5.elf $(B)/bochs-rom.bin
MATRIX_GO    := $(B)/guest-matrix --build $(B) --accel $(if $(filter tcg kvm bochs,$(ACCEL)),$(ACCEL),tcg)

.PHONY: guest-matrix guest-matrix-sample
guest-matrix: $(MATRIX_BUILT) ## every combination of the walk's flags, to the end; goes on after a kill: ACCEL=tcg|bochs|kvm
	@mkdir -p $(B)/results
	$(MATRIX_GO)

guest-matrix-sample: $(MATRIX_BUILT) ## a sample of it, about 10 s, and planted faults
	@mkdir -p $(B)/results
	@for p in w-bit p-bit i-bit lost-a lost-d frame cr2 key one-case; do \
	  $(MATRIX_GO) --levels 4 --plant $$p --sample 300000 >/dev/null 2>&1; s=$$?; \
	  if [ $$s = 1 ]; then echo "planted $$p: found"; else echo "planted $$p: NOT FOUND (exit $$s)" >&2; exit 1; fi; done
	$(MATRIX_GO) --sample $(if $(filter bochs,$(ACCEL)),2000000,5000000)
