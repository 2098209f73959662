# SPDX-License-Identifier: MIT
# The comparison with the kernel that this runs on. Included by the top Makefile.
# but what only the command line needs
LINUX_SRC   := $(filter-out harness/linux/lx_trace.c harness/linux/lx_replay.c,$(sort $(wildcard harness/linux/lx_*.c))) harness/mm.c
LINUX_FLAGS := -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Wno-missing-field-initializers -Imodel -Iharness -Iharness/linux
LINUX_TIME   = $(if $(filter command environment,$(firstword $(origin TIME))),$(TIME),10)

.PHONY: linux
$(B)/linux/run: $(LINUX_SRC) $(MODEL) $(wildcard model/*.h harness/*.h harness/linux/*.h) harness/linux/linux.mk
	@mkdir -p $(@D)
	$(CC) -O2 -g -flto $(LINUX_FLAGS) $(LINUX_SRC) $(MODEL) -o $@

linux: $(B)/linux/run ## compare address spaces with this kernel (TIME=10)
	@mkdir -p $(B)/results
	$(B)/linux/run --time $(LINUX_TIME) --json $(B)/results/linux.json

# The unit tests of topic syscall use the model that the comparison has.
TEST_WITH_syscall := harness/linux/lx_model.c
$(B)/test/test_syscall: TEST_FLAGS += -Iharness/linux
$(B)/test/test_syscall: $(TEST_WITH_syscall) harness/linux/linux.h
