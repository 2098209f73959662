# SPDX-License-Identifier: MIT
# The command line build/vmref. Included by the top Makefile, after it sets B, CC,
# CFLAGS and MODEL; the defaults are for `make -f harness/cli/cli.mk cli`.
B      ?= build
CFLAGS ?= -O2 -g
MODEL  ?= $(sort $(wildcard model/*.c))

# The rules by number, from the rows of spec/rules.tsv that have one.
# Anything that compiles harness/show.c depends on it and says -I$(B)/gen.
$(B)/gen/rules.inc: spec/rules.tsv harness/cli/cli.mk
	@mkdir -p $(@D)
	awk -F '\t' '$$1 ~ /^[0-9]+$$/ { gsub(/[\\"]/, "\\\\&"); \
	  printf "[%d] = { \"%s\", \"%s\", \"%s\", \"%s\" },\n", $$1, $$2, $$3, $$4, $$5 }' $< > $@.$$$$ \
	  && mv $@.$$$$ $@

# Of the comparison with Linux: what needs no kernel.
LINUX_CLI := $(patsubst %,harness/linux/lx_%.c,model print script trace replay)
CLI_SRC   := $(sort $(wildcard harness/cli/*.c harness/vectors/*.c)) harness/show.c harness/case.c \
             harness/mm.c harness/mm_huge.c harness/kmem.c harness/kmem_check.c harness/sequence_mm.c $(sort $(wildcard harness/script*.c)) \
             $(addprefix harness/, opinion.c opinion_control.c opinion_entry.c opinion_report.c opinion_span.c opinion_tlb.c) $(LINUX_CLI) $(MODEL) \
             $(addprefix harness/guest/, mm_peer.c mm_judge.c mm_host.c mm_drive.c mm_digest.c mm_lines.c mm_feed.c peer.c qemu.c bochs.c v86.c)
CLI_DEPS  := $(CLI_SRC) $(wildcard harness/cli/*.h harness/vectors/*.h harness/linux/*.h harness/*.h harness/guest/*.h model/*.h) $(B)/gen/rules.inc VERSION \
             harness/cli/cli.mk
CLI_FLAGS := -std=c11 -D_GNU_SOURCE= -Wall -Wextra -Wconversion -Imodel -Iharness -Iharness/cli -Iharness/guest -Iharness/vectors -Iharness/linux \
             -I$(B)/gen -DVMREF_VERSION='"$(shell cat VERSION)"'
# What the C compiler is told of jansson: pkg-config where it is, else the usual name.
JANSSON   := $(shell pkg-config --cflags --libs jansson 2>/dev/null || echo -ljansson)

.PHONY: cli test-cli jansson
cli: $(B)/vmref ## build the command line build/vmref

jansson:
	@echo '#include <jansson.h>' | $(CC) -E -x c - >/dev/null 2>&1 || { \
	  echo 'jansson is missing, which reads JSON for build/vmref: apt-get install libjansson-dev' >&2; \
	  exit 1; }

$(B)/vmref: $(CLI_DEPS) | jansson
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(CLI_FLAGS) $(CLI_SRC) -o $@ $(LDFLAGS) $(JANSSON)

# File by file: it takes as long as half of the tests, and -j2 halves it.
CLI_ASAN := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
$(B)/cli-asan/%.o: %.c $(filter-out %.c,$(CLI_DEPS)) | jansson
	@mkdir -p $(@D)
	$(CC) $(CLI_ASAN) $(CLI_FLAGS) -c $< -o $@
$(B)/vmref-asan: $(CLI_SRC:%.c=$(B)/cli-asan/%.o)
	$(CC) $(CLI_ASAN) $^ -o $@ $(LDFLAGS) $(JANSSON)

test-cli: $(B)/vmref $(B)/vmref-asan ## test the command line (build/results/cli.json)
	@mkdir -p $(B)/results
	python3 harness/test_cli.py --vmref $(B)/vmref --asan $(B)/vmref-asan --json $(B)/results/cli.json
