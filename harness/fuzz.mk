# SPDX-License-Identifier: MIT
# Fuzzing of the model: a target for each harness/fuzz_TOPIC.c. Included by the top
# Makefile, which sets B, CC, CFLAGS, MODEL and TOPICS and includes harness/cli/cli.mk too
# (it makes $(B)/gen/rules.inc). Alone: make -f harness/cli/cli.mk -f harness/fuzz.mk fuzz
B      ?= build
MODEL  ?= $(sort $(wildcard model/*.c))
TOPICS ?= $(MODEL:model/%.c=%)
FUZZER ?= libfuzzer

FUZZ_TOPICS := $(foreach t,$(TOPICS),$(if $(wildcard harness/fuzz_$(t).c),$(t)))
# Seconds for all topics together. Other parts have a default TIME of their own.
FUZZ_TIME   = $(if $(filter command environment,$(firstword $(origin TIME))),$(TIME),20)
CLANG      ?= clang
AFL_CC     ?= afl-clang-fast
# What is installed; a target that lacks its tool says so and is skipped (CI_STRICT=1: fails).
HAVE_CLANG := $(shell command -v $(CLANG) 2>/dev/null)
HAVE_RT    := $(if $(HAVE_CLANG),$(wildcard $(shell $(CLANG) -print-resource-dir)/lib/linux/libclang_rt.fuzzer-*.a))
HAVE_AFL   := $(shell command -v $(AFL_CC) 2>/dev/null)

FUZZ_CC    := $(if $(HAVE_RT),$(CLANG),$(CC))
FUZZ_FLAGS := -std=c11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Imodel -Iharness -I$(B)/gen
FUZZ_SAN   := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
# Edges steer well enough here; tracing every comparison of flags costs a quarter of the speed.
FUZZ_STEER := -fsanitize=fuzzer-no-link -fno-sanitize-coverage=trace-cmp
# These loop over a TLB's slots and pass structs by value: AddressSanitizer would take two
# thirds of the time. Under replay it watches them too.
FUZZ_NO_ASAN := allows tlb
FUZZ_HEADS := $(wildcard model/*.h harness/*.h) harness/fuzz.mk $(B)/gen/rules.inc
FUZZ_KMEM  := kmem kmem_check sequence_kmem engine_kmem engine_kmem_map engine_kmem_ops engine_kmem_check
FUZZ_HUGE  := mm_huge clauses_huge sequence_huge engine_huge engine_huge_account engine_huge_access engine_huge_merge engine_huge_refuse engine_huge_check
# The parts that each target links. Only model/ is instrumented for libFuzzer: its
# coverage is what steers, and the harness would slow it down three times.
FUZZ_PARTS := fuzz_relations mutate case show mm script_print reference look clauses clauses_smp sequence_mm engine_mm engine_compact engine_replace engine_smp engine_smp_check engine_refuse linux/lx_model linux/lx_decode $(FUZZ_KMEM) $(FUZZ_HUGE) $(basename $(notdir $(sort $(wildcard \
              harness/opinion*.c harness/relations_*.c $(FUZZ_TOPICS:%=harness/%_*.c)))))
FUZZ_MODEL := $(basename $(notdir $(MODEL)))
FUZZ_O     := $(B)/fuzz/obj-$(notdir $(firstword $(FUZZ_CC)))
FUZZ_ENV   := FUZZ_CC='$(FUZZ_CC)' FUZZ_FLAGS='$(FUZZ_FLAGS)' FUZZ_SAN='$(FUZZ_SAN)' \
              FUZZ_MODEL='$(MODEL)' FUZZ_PARTS='$(FUZZ_PARTS)' FUZZ_O='$(FUZZ_O)' \
              FUZZ_STEER='$(FUZZ_STEER)' FUZZ_NO_ASAN='$(FUZZ_NO_ASAN)' CLANG='$(CLANG)' AFL_CC='$(AFL_CC)'
FUZZ_RUN   := $(FUZZ_ENV) harness/fuzz_run --build $(B)

.PHONY: fuzz $(TOPICS:%=fuzz-%) fuzz-smoke fuzz-bench fuzz-merge replay mutants cov
.PRECIOUS: $(FUZZ_O)/%.o $(FUZZ_O)/model-%.o $(FUZZ_O)/lf-model-%.o

$(FUZZ_O)/%.o: harness/%.c $(FUZZ_HEADS)
	@mkdir -p $(@D)
	$(FUZZ_CC) $(FUZZ_FLAGS) $(FUZZ_SAN) -c $< -o $@
$(FUZZ_O)/lf-fuzz_main.o: harness/fuzz_main.c $(FUZZ_HEADS)
	@mkdir -p $(@D)
	$(FUZZ_CC) $(FUZZ_FLAGS) $(FUZZ_SAN) -DFUZZ_LIBFUZZER -c $< -o $@
# libFuzzer refuses a target in which nothing is instrumented.
$(FUZZ_O)/fuzz_bench.o: harness/fuzz_bench.c $(FUZZ_HEADS)
	@mkdir -p $(@D)
	$(FUZZ_CC) $(FUZZ_FLAGS) $(FUZZ_SAN) -fsanitize=fuzzer-no-link -c $< -o $@
$(FUZZ_O)/model-%.o: model/%.c $(FUZZ_HEADS)
	@mkdir -p $(@D)
	$(FUZZ_CC) $(FUZZ_FLAGS) $(FUZZ_SAN) -c $< -o $@
$(FUZZ_O)/lf-model-%.o: model/%.c $(FUZZ_HEADS)
	@mkdir -p $(@D)
	$(FUZZ_CC) $(FUZZ_FLAGS) $(FUZZ_SAN) $(FUZZ_STEER) $(if $(filter $*,$(FUZZ_NO_ASAN)),-fno-sanitize=address) -c $< -o $@

FUZZ_SHARED := $(patsubst %,$(FUZZ_O)/%.o,$(FUZZ_PARTS))
$(B)/fuzz/replay-%: $(FUZZ_O)/fuzz_%.o $(FUZZ_O)/fuzz_main.o $(FUZZ_SHARED) $(patsubst %,$(FUZZ_O)/model-%.o,$(FUZZ_MODEL))
	$(FUZZ_CC) $(FUZZ_SAN) $^ -o $@
$(B)/fuzz/lf-%: $(FUZZ_O)/fuzz_%.o $(FUZZ_O)/lf-fuzz_main.o $(FUZZ_SHARED) $(patsubst %,$(FUZZ_O)/lf-model-%.o,$(FUZZ_MODEL))
	$(FUZZ_CC) $(FUZZ_SAN) -fsanitize=fuzzer $^ -o $@
# AFL++ and coverage: of these too only model/ is instrumented, the rest is made once for both.
FUZZ_PLAIN := $(B)/fuzz/obj-plain
FUZZ_AFL_O := $(B)/fuzz/obj-afl
FUZZ_COV_O := $(B)/fuzz/obj-cov
.PRECIOUS: $(FUZZ_PLAIN)/%.o $(FUZZ_AFL_O)/fuzz_main.o $(FUZZ_AFL_O)/model-%.o $(FUZZ_COV_O)/model-%.o
$(FUZZ_PLAIN)/%.o: harness/%.c $(FUZZ_HEADS)
	@mkdir -p $(@D)
	$(CLANG) $(FUZZ_FLAGS) -c $< -o $@
$(FUZZ_AFL_O)/model-%.o: model/%.c $(FUZZ_HEADS)
	@mkdir -p $(@D)
	AFL_QUIET=1 $(AFL_CC) $(FUZZ_FLAGS) -c $< -o $@
$(FUZZ_AFL_O)/fuzz_main.o: harness/fuzz_main.c $(FUZZ_HEADS)
	@mkdir -p $(@D)
	AFL_QUIET=1 $(AFL_CC) $(FUZZ_FLAGS) -c $< -o $@
$(FUZZ_COV_O)/model-%.o: model/%.c $(FUZZ_HEADS)
	@mkdir -p $(@D)
	$(CLANG) $(FUZZ_FLAGS) -O0 -fprofile-instr-generate -fcoverage-mapping -c $< -o $@
FUZZ_REST := $(patsubst %,$(FUZZ_PLAIN)/%.o,$(FUZZ_PARTS))
$(B)/fuzz/afl-%: $(FUZZ_PLAIN)/fuzz_%.o $(FUZZ_AFL_O)/fuzz_main.o $(FUZZ_REST) $(patsubst %,$(FUZZ_AFL_O)/model-%.o,$(FUZZ_MODEL))
	AFL_QUIET=1 $(AFL_CC) $^ -o $@
$(B)/fuzz/cov-%: $(FUZZ_PLAIN)/fuzz_%.o $(FUZZ_PLAIN)/fuzz_main.o $(FUZZ_REST) $(patsubst %,$(FUZZ_COV_O)/model-%.o,$(FUZZ_MODEL))
	$(CLANG) -fprofile-instr-generate -fcoverage-mapping $^ -o $@

# Without its tool a binary is not asked for; fuzz_run then tells what is missing.
FUZZ_REPLAY   = $(patsubst %,$(B)/fuzz/replay-%,$(FUZZ_TOPICS))
FUZZ_BIN_libfuzzer = $(if $(HAVE_RT),$(patsubst %,$(B)/fuzz/lf-%,$(1)))
FUZZ_BIN_afl  = $(if $(HAVE_AFL),$(patsubst %,$(B)/fuzz/afl-%,$(1)))

fuzz: $(call FUZZ_BIN_$(FUZZER),$(FUZZ_TOPICS)) $(FUZZ_REPLAY) ## fuzz all topics (FUZZER=libfuzzer|afl, TIME=20 in all)
	@$(FUZZ_RUN) fuzz --fuzzer $(FUZZER) --time $(FUZZ_TIME) $(FUZZ_TOPICS)

$(TOPICS:%=fuzz-%): fuzz-%: $(call FUZZ_BIN_$(FUZZER),%) $(B)/fuzz/replay-% ## fuzz one topic
	@$(FUZZ_RUN) fuzz --fuzzer $(FUZZER) --time $(FUZZ_TIME) $*

fuzz-smoke: $(call FUZZ_BIN_libfuzzer,$(FUZZ_TOPICS)) $(call FUZZ_BIN_afl,walk) $(FUZZ_REPLAY) ## fuzz a few seconds with both fuzzers
	@$(FUZZ_RUN) smoke $(FUZZ_TOPICS)

replay: $(FUZZ_REPLAY) ## replay corpus/, or one case: FILE=path or TOKEN=vm2-... (TOPIC=walk)
	@$(if $(FILE)$(TOKEN),$(B)/fuzz/replay-$(or $(TOPIC),walk) $(FILE) $(TOKEN),$(FUZZ_RUN) replay $(FUZZ_TOPICS))

fuzz-merge: $(call FUZZ_BIN_libfuzzer,$(FUZZ_TOPICS)) $(FUZZ_REPLAY) ## take what runs have found new into corpus/
	@$(FUZZ_RUN) merge $(FUZZ_TOPICS)

mutants: $(call FUZZ_BIN_libfuzzer,$(FUZZ_TOPICS)) $(FUZZ_REPLAY) ## plant each bug of harness/mutants and see that it is found
	@$(FUZZ_ENV) harness/mutants/run --build $(B) $(MUTANT)

cov: $(if $(HAVE_RT),$(patsubst %,$(B)/fuzz/cov-%,$(FUZZ_TOPICS))) $(FUZZ_REPLAY) ## lines and branches of model/ that corpus/ covers
	@$(FUZZ_RUN) cov $(FUZZ_TOPICS)

fuzz-bench: $(call FUZZ_BIN_libfuzzer,walk bench) $(call FUZZ_BIN_afl,walk bench) $(B)/fuzz/replay-walk $(B)/fuzz/replay-bench ## executions per second, beside an empty target
	@$(FUZZ_RUN) bench
