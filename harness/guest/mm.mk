# SPDX-License-Identifier: MIT
# The memory manager in a guest of its own: the model's objects, unchanged, are the kernel's memory manager.
# Included by the top Makefile, after guest.mk.
MM       := harness/guest
MM_BOTH  := $(addprefix $(MM)/, mm_drive.c mm_digest.c mm_lines.c) $(addprefix harness/, mm.c script_do.c sequence_mm.c)
MM_IN    := $(addprefix $(MM)/, mm_main.c mm_suite.c mm_machine.c mm_cpu.c mm_user.c cpu.c serial.c start.S mm_trap.S)
MM_RUN   := $(addprefix $(MM)/, mm_run.c mm_campaign.c mm_report.c mm_shrink.c mm_state.c mm_judge.c mm_feed.c mm_peer.c mm_host.c peer.c qemu.c bochs.c v86.c) \
  harness/script_print.c
MM_TOPICS := cow compact fault frame replace smp space swap table check
MM_H     := $(wildcard model/*.h harness/*.h $(MM)/*.h $(MM)/*/*.h) $(MM)/mm.mk
MM_O      = $(B)/guest-mm.o/$(subst /,_,$(1)).o
# Calls of these go to the machine as well: model/ says when, mm_cpu.c does it.
MM_WRAP  := vmref_tlb_reset vmref_tlb_invlpg vmref_tlb_cr3
MM_FLAGS := -I$(B)/gen -mcmodel=kernel -mno-red-zone $(GUEST_CFLAGS)

# The fixed suite: the fuzzers' corpus, each in every way.
$(B)/gen/mm_suite.inc: $(MM)/mm_suite.py $(wildcard $(MM_TOPICS:%=corpus/%/*))
	@mkdir -p $(@D)
	python3 $< $(MM_TOPICS:%=corpus/%) > $@.tmp
	mv $@.tmp $@
$(B)/guest-mm.o/harness_guest_mm_suite.c.o: $(B)/gen/mm_suite.inc

define MM_OBJECT
$(call MM_O,$(1)): $(1) $$(MM_H)
	@mkdir -p $$(@D)
	$$(CC) $$(MM_FLAGS) -c $$< -o $$@

endef
$(eval $(foreach s,$(MM_IN) $(MM_BOTH) $(MODEL),$(call MM_OBJECT,$(s))))
$(B)/guest-mm.elf: $(foreach s,$(MM_IN) $(MM_BOTH) $(MODEL),$(call MM_O,$(s))) $(MM)/guest.ld
	$(CC) $(MM_FLAGS) $(GUEST_LD) $(MM_WRAP:%=-Wl,--wrap=%) -Wl,-T,$(MM)/guest.ld -o $@.tmp $(filter %.o,$^)
	mv $@.tmp $@

$(B)/guest-mm: $(MM_RUN) $(MM_BOTH) $(MODEL) $(MM_H)
	@mkdir -p $(B)
	$(CC) -std=gnu11 $(CFLAGS) -Wall -Wextra -Imodel -Iharness -I$(MM) -o $@.tmp $(MM_RUN) $(MM_BOTH) $(MODEL)
	mv $@.tmp $@

MM_BUILT := $(B)/guest-mm $(B)/guest-mm.elf
MM_GO    := $(B)/guest-mm --elf $(B)/guest-mm.elf --accel $(if $(filter kvm,$(ACCEL)),kvm,tcg)
MM_CORPUS := $(MM_TOPICS:%=--corpus corpus/%)
# A planted fault is to be found: exit 1. One processor that keeps what it has cached sees all of them.
MM_PLANT = $(MM_GO) --single --processors 1 --as one --sequences 100 --shown 0 --plant $(1) >/dev/null 2>&1; s=$$?; \
	  if [ $$s = 1 ]; then echo "planted $(1): found"; \
	  else echo "planted $(1): NOT FOUND (exit $$s)" >&2; exit 1; fi

# Was found by a campaign: the stub's page and a store's took each other's frame, as the fetch was not noted.
MM_THRASH := mm1-320a0827fb630201135962101128c434021006e033000101d93418120644381012187a18181307da791a1326a0681a120113730a02230821111e267534111108e1391111064a

.PHONY: guest-mm guest-mm-examples guest-campaign
guest-mm: $(MM_BUILT) $(B)/vmref ## the model as a guest's memory manager: corpus, generator, examples, planted faults
	$(GUEST_QEMU)
	@mkdir -p $(B)/results
ifeq ($(ACCEL),kvm)
	$(MM_GO) --processors 0 --as base --seed 2 --sequences 60 --json $(B)/results/guest-mm.json
	$(MM_GO) --processors 1 --as one --seed 3 --sequences 20
else
	$(MM_GO) --single $(MM_CORPUS) --sequences 1200 --json $(B)/results/guest-mm.json
	$(MM_GO) --processors 0 --as base --seed 2 --sequences 100
	$(MM_GO) --processors 2 --as smp --seed 3 --sequences 2
	$(MM_GO) --single --processors 2 --as one --policy lru --token $(MM_THRASH) >/dev/null
	@for p in invlpg:1 a:1 free:1 cr2:1 d:1; do $(call MM_PLANT,$$p); done
	@$(MAKE) guest-mm-examples
	@if command -v grub-mkrescue >/dev/null; then $(MAKE) test-iso; \
	elif [ -n "$(CI_STRICT)" ]; then echo "no GRUB: apt-get install grub-common grub-pc-bin xorriso mtools" >&2; exit 1; \
	else echo "SKIPPED: the CD image (apt-get install grub-common grub-pc-bin xorriso mtools)"; fi
endif

# Some expect what the stub's page frame makes otherwise; the comparison is made all the same.
guest-mm-examples: $(MM_BUILT) $(B)/vmref ## examples/*.vm on the guest
	@for f in examples/*.vm; do \
	  e=$$($(B)/vmref run --quiet --on guest $$(sed -n '1s/^# vmref run//p' $$f) $$f 2>&1); s=$$?; \
	  case "$$s $$e" in 0*) echo "$$f: as the model says";; \
	  "1 "*"machine and model agree on it"*) echo "$$f: as the model says; $$(echo "$$e" | head -1)";; \
	  "4 "*"not run on the guest"*) echo "$$f: the kernel's own memory, not run on the guest";; \
	  *) echo "$$f: exit $$s: $$e" >&2; exit 1;; esac; done

guest-campaign: $(MM_BUILT) ## its generator for TIME=SECONDS (60), from where the last one ended; findings in build/guest-campaign
	$(GUEST_QEMU)
	@mkdir -p $(B)/guest-campaign $(B)/results
	$(MM_GO) --single --seconds $(if $(filter command environment,$(firstword $(origin TIME))),$(TIME),60) \
	  --state $(B)/guest-campaign/state --findings $(B)/guest-campaign --json $(B)/results/guest-campaign.json

# A CD image for bare metal and any hypervisor: the fixed suite, told on COM1 and the text screen.
.PHONY: iso test-iso
iso: $(B)/vmref-guest.iso ## the fixed suite as a bootable CD image; its log is for build/vmref guest-log
$(B)/vmref-guest.iso: $(B)/guest-mm.elf $(MM)/mm_grub.cfg
	@command -v grub-mkrescue xorriso mformat >/dev/null || { echo "make iso: apt-get install grub-common grub-pc-bin xorriso mtools" >&2; exit 1; }
	@rm -rf $(B)/iso && mkdir -p $(B)/iso/boot/grub
	cp $(B)/guest-mm.elf $(B)/iso/boot/ && cp $(MM)/mm_grub.cfg $(B)/iso/boot/grub/grub.cfg
	grub-mkrescue -d /usr/lib/grub/i386-pc -o $@.tmp $(B)/iso 2> $(B)/iso.log || { cat $(B)/iso.log >&2; exit 1; }
	mv $@.tmp $@

# Booted in QEMU, or in Bochs: minutes; then logs that are spoilt or not whole.
ISO_PEER ?= qemu
test-iso: $(B)/vmref-guest.iso $(B)/vmref ## boot that image in an emulator, and compare its log: ISO_PEER=qemu|bochs
	$(MM)/mm_boot.py $(ISO_PEER) $(B)/vmref-guest.iso $(B)/iso.log $(if $(filter bochs,$(ISO_PEER)),1200 1,240 3)
	$(B)/vmref guest-log $(B)/iso.log
	@awk '/^mm op/ && ++n == 100 { $$NF = "1" } { print }' $(B)/iso.log | $(B)/vmref guest-log --quiet - >/dev/null; \
	  [ $$? = 1 ] && echo "a log with another state: found" || { echo "a log with another state: NOT FOUND" >&2; exit 1; }
	@head -n 1000 $(B)/iso.log | $(B)/vmref guest-log --quiet - >/dev/null 2>&1; \
	  [ $$? = 3 ] && echo "a log that is not whole: refused" || { echo "a log that is not whole: NOT REFUSED" >&2; exit 1; }
