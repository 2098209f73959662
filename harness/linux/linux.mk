# SPDX-License-Identifier: MIT
# The comparison with the kernel that this runs on. Included by the top Makefile.
# but what only the command line needs
LINUX_SRC   := $(filter-out harness/linux/lx_trace.c harness/linux/lx_replay.c,$(sort $(wildcard harness/linux/lx_*.c))) harness/mm.c
LINUX_FLAGS := -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Wno-missing-field-initializers -Imodel -Iharness -Iharness/linux
LINUX_TIME   = $(if $(filter command environment,$(firstword $(origin TIME))),$(TIME),10)

.PHONY: linux
$(B)/linux/run: $(LINUX_SRC) $(MODEL) $(wildcard model/*.h harness/*.h harness/linux/*.h) harness/linux/linux.mk
	@mkdir -p $(@D)
	$(CC) -O2 -g -flto=auto -static $(LINUX_FLAGS) $(LINUX_SRC) $(MODEL) -o $@

# Coverage-guided: only the model is instrumented.
LINUX_HOST := $(filter-out $(addprefix harness/linux/lx_,run.c bench.c options.c report.c),$(LINUX_SRC))
$(B)/linux/fuzz: harness/linux/fuzz_host.c $(LINUX_SRC) $(MODEL) $(wildcard model/*.h harness/linux/*.h) harness/linux/linux.mk
	@mkdir -p $(@D)/fuzz-o
	for m in $(MODEL); do $(CLANG) -O1 -g -fsanitize=fuzzer-no-link $(LINUX_FLAGS) -c $$m -o $(@D)/fuzz-o/$$(basename $$m).o || exit 1; done
	$(CLANG) -O1 -g -fsanitize=fuzzer $(LINUX_FLAGS) harness/linux/fuzz_host.c $(LINUX_HOST) $(@D)/fuzz-o/*.o -o $@

.PHONY: linux-fuzz linux-check linux-mutants
linux-fuzz: $(B)/linux/fuzz ## the same, guided by coverage of the model (TIME=10)
	@mkdir -p $(B)/linux/corpus
	setarch -R $(B)/linux/fuzz -max_total_time=$(LINUX_TIME) -max_len=720 -len_control=0 $(B)/linux/corpus corpus/syscall

linux-check: $(B)/linux/run $(B)/vmref ## scripts of corpus/linux, traces, random sequences, planted bugs, in seconds
	@harness/linux/check

linux-mutants: ## plant each bug of harness/linux/mutants.py; writes docs/MUTANTS-LINUX.md
	@harness/linux/mutants_run --table docs/MUTANTS-LINUX.md

.PHONY: linux-qemu
$(B)/linux/qemu/root/run: $(LINUX_SRC) $(MODEL) $(wildcard model/*.h harness/linux/*.h)
	@mkdir -p $(@D)
	$(CC) -O2 -static $(LINUX_FLAGS) $(LINUX_SRC) $(MODEL) -o $@
linux-qemu: ## compare with Debian's cloud kernel in QEMU, by TCG (TIME=10)
	@harness/linux/qemu scripts && harness/linux/qemu overcommit && harness/linux/qemu --time $(LINUX_TIME) --fork 40 && harness/linux/qemu swap --time $(LINUX_TIME) --fork 40

linux: $(B)/linux/run ## compare address spaces with this kernel (TIME=10)
	@mkdir -p $(B)/results
	$(B)/linux/run --time $(LINUX_TIME) --json $(B)/results/linux-run.json

.PHONY: linux-campaign
linux-campaign: $(B)/linux/run ## a long comparison with this kernel, which goes on where it was ended (TIME=10)
	@mkdir -p $(B)/results
	$(B)/linux/run --time $(LINUX_TIME) --fork 2 --state $(B)/linux/campaign --reproducer $(B)/linux/campaign.c --json $(B)/results/linux-campaign.json

# The unit tests of topic syscall use the model that the comparison has.
TEST_WITH_syscall := harness/linux/lx_model.c
$(B)/test/test_syscall: TEST_FLAGS += -Iharness/linux
$(B)/test/test_syscall: $(TEST_WITH_syscall) harness/linux/linux.h
