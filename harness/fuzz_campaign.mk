# SPDX-License-Identifier: MIT
# Campaigns over all fuzz targets, and the targets as OSS-Fuzz and ClusterFuzzLite build them.
# Read after harness/fuzz.mk, whose names of targets and parts it uses.
OUT          ?= $(B)/oss-fuzz/out
OSS_O        := $(B)/oss-fuzz/obj
CAMPAIGN     ?= $(B)/campaign
JOBS         ?= 2
CAMPAIGN_TIME = $(if $(filter command environment,$(firstword $(origin TIME))),$(TIME),10m)

.PHONY: oss-fuzz oss-fuzz-check campaign campaign-page campaign-smoke cov-gate detection mutants-afl
.PRECIOUS: $(OSS_O)/%.o $(OSS_O)/model-%.o

# ---- what the base image builds; CC, CXX, CFLAGS, CXXFLAGS, LIB_FUZZING_ENGINE and OUT are its own --
OSS_FLAGS := -std=c11 -D_GNU_SOURCE -DFUZZ_LIBFUZZER -Imodel -Iharness -I$(B)/gen
$(OSS_O)/%.o: harness/%.c $(B)/gen/rules.inc
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(OSS_FLAGS) -c $< -o $@
$(OSS_O)/model-%.o: model/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(OSS_FLAGS) -c $< -o $@
OSS_PARTS := $(patsubst %,$(OSS_O)/%.o,fuzz_main $(FUZZ_PARTS)) $(patsubst %,$(OSS_O)/model-%.o,$(FUZZ_MODEL))
# An engine is C++, and so is the linker.
$(OUT)/%: $(OSS_O)/fuzz_%.o $(OSS_PARTS)
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS) $^ $(LIB_FUZZING_ENGINE) -o $@
$(OUT)/%_seed_corpus.zip: harness/campaign/targets.tsv
	@mkdir -p $(@D)
	rm -f $@
	find corpus/$* $$(awk '$$1 == "$*" && $$2 == "vm2" { print "corpus/regress" }' harness/campaign/targets.tsv) \
	  -type f ! -name '*.*' | sort | zip -q -j -X $@ -@
$(OUT)/%.dict: corpus/walk.dict
	@mkdir -p $(@D)
	cp $(or $(wildcard corpus/$*.dict),$<) $@
$(OUT)/%.options: harness/campaign/targets.tsv
	@mkdir -p $(@D)
	awk '$$1 == "$*" { print "[libfuzzer]\nmax_len = " $$3 "\nlen_control = 0\ntimeout = 10"; n++ } END { exit n != 1 }' $< > $@
# The topics, and what the command line reads (harness/fuzz_parsers.mk).
FUZZ_TARGETS := $(FUZZ_TOPICS) parsers
oss-fuzz: $(foreach t,$(FUZZ_TARGETS),$(addprefix $(OUT)/$(t),_seed_corpus.zip .dict .options) $(OUT)/$(t)) ## fuzz targets, seeds, dictionaries and options as OSS-Fuzz wants them, in OUT

oss-fuzz-check: $(FUZZ_REPLAY) $(B)/fuzz/replay-parsers ## run .clusterfuzzlite/build.sh as the base image would, and look at what it made (ALL=1: every engine and sanitizer)
	@harness/campaign/check-build --build $(B) $(if $(ALL),--all)

# ---- campaigns -----------------------------------------------------------
CAMPAIGN_BIN := $(call FUZZ_BIN_libfuzzer,$(FUZZ_TARGETS)) $(call FUZZ_BIN_afl,$(FUZZ_TARGETS)) $(FUZZ_REPLAY) $(if $(HAVE_RT),$(B)/fuzz/replay-parsers)
campaign: $(CAMPAIGN_BIN) parser-seeds ## fuzz all targets with libFuzzer and AFL++ side by side (TIME=8h JOBS=N NODE=main SHARED=folder CAMPAIGN=build/campaign)
	@harness/campaign/campaign --bin $(B)/fuzz --dir $(CAMPAIGN) $(if $(SHARED),--shared $(SHARED)) $(if $(NODE),--node $(NODE)) \
	  --time $(CAMPAIGN_TIME) --jobs $(JOBS) $(if $(TOPIC),$(TOPIC),$(FUZZ_TARGETS))

campaign-smoke: $(addprefix $(B)/fuzz/,lf-cow lf-footprint afl-cow afl-footprint replay-cow replay-footprint replay-parsers $(patsubst %,planted/%-parsers,lf afl replay)) parser-seeds ## campaigns of seconds: planted bugs, killed fuzzers, two machines
	@$(FUZZ_ENV) harness/campaign/test-campaign --build $(B)

mutants-afl: $(call FUZZ_BIN_afl,$(FUZZ_TOPICS)) $(FUZZ_REPLAY) $(FUZZ_PLAIN)/fuzz_main.o ## plant each bug of harness/mutants and see whether AFL++ finds it (UNTIL=HH:MM; goes on where it ended)
	@$(FUZZ_ENV) harness/mutants/afl --build $(B) $(if $(UNTIL),--until $(UNTIL)) $(MUTANT)

# ---- coverage ------------------------------------------------------------
cov-gate: $(if $(HAVE_RT),$(patsubst %,$(B)/fuzz/cov-%,$(FUZZ_TOPICS))) $(FUZZ_REPLAY) ## 98 % of the lines and branches of model/, and each branch not taken explained
	@$(FUZZ_ENV) harness/campaign/cov-gate --build $(B) $(FUZZ_TOPICS)

# Where optimised code has no branch of its own for each condition, a fuzzer does not see one: libFuzzer
# over the model as it is written, for inputs that take the branches that are left.
FUZZ_O0 := $(B)/fuzz/obj-o0
.PRECIOUS: $(FUZZ_O0)/model-%.o
$(FUZZ_O0)/model-%.o: model/%.c $(FUZZ_HEADS)
	@mkdir -p $(@D)
	$(CLANG) $(FUZZ_FLAGS) -O0 -fsanitize=fuzzer-no-link -c $< -o $@
$(FUZZ_O0)/fuzz_main.o: harness/fuzz_main.c $(FUZZ_HEADS)
	@mkdir -p $(@D)
	$(CLANG) $(FUZZ_FLAGS) -DFUZZ_LIBFUZZER -c $< -o $@
$(B)/fuzz/o0-%: $(FUZZ_PLAIN)/fuzz_%.o $(FUZZ_O0)/fuzz_main.o $(FUZZ_REST) $(patsubst %,$(FUZZ_O0)/model-%.o,$(FUZZ_MODEL))
	$(CLANG) -fsanitize=fuzzer $^ -o $@
cov-fuzz: $(patsubst %,$(B)/fuzz/o0-%,$(FUZZ_TOPICS)) $(FUZZ_REPLAY) ## look for inputs that take more branches, TIME seconds a target (20), into corpus/ (TOPIC=one)
	@for t in $(or $(TOPIC),$(FUZZ_TOPICS)); do \
	  mkdir -p $(B)/fuzz/o0/$$t && set -- $$($(B)/fuzz/replay-$$t --form); \
	  $(B)/fuzz/o0-$$t -max_total_time=$(if $(filter command environment,$(firstword $(origin TIME))),$(TIME),20) -max_len=$$2 -len_control=0 -entropic=0 -dict=corpus/walk.dict \
	    -artifact_prefix=$(B)/fuzz/o0/ $(B)/fuzz/o0/$$t corpus/$$t 2>&1 | tail -1; done
	@$(FUZZ_ENV) harness/fuzz_run --build $(B) --binary o0 merge $(or $(TOPIC),$(FUZZ_TOPICS))

# ---- planted bugs against detectors --------------------------------------
detection: ## is docs/DETECTION.md up to date, and has each planted bug a detector?
	@harness/detection/table --check --build $(B)
