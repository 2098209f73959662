# SPDX-License-Identifier: MIT
# The fuzz target of what the command line reads, harness/oracle/fuzz_parsers.c. Not only the model steers, but
# the parsers too; it links what the command line is made of, but its main. Read after harness/fuzz.mk and harness/cli/cli.mk.
PARSER_SRC   := $(wildcard harness/oracle/fuzz_*parsers.c) $(filter-out harness/cli/main.c model/%,$(CLI_SRC))
PARSER_DIRS  := -Wno-macro-redefined -Iharness/cli -Iharness/vectors -Iharness/linux -Iharness/guest
PARSER_HEADS := $(FUZZ_HEADS) harness/fuzz_parsers.mk $(wildcard $(addprefix harness/,oracle/*.h cli/*.h vectors/*.h linux/*.h guest/*.h))
PARSER_O     := $(B)/fuzz/obj-parsers
PARSER_SEEDS := $(B)/fuzz/seeds-parsers
PARSER_LF    := $(PARSER_SRC:%.c=$(PARSER_O)/lf/%.o) $(FUZZ_MODEL:%=$(FUZZ_O)/lf-model-%.o)
PARSER_AFL   := $(PARSER_SRC:%.c=$(PARSER_O)/afl/%.o) $(FUZZ_MODEL:%=$(FUZZ_AFL_O)/model-%.o) $(FUZZ_AFL_O)/fuzz_main.o
PARSER_CC     = $(FUZZ_CC) $(FUZZ_FLAGS) $(PARSER_DIRS) $(FUZZ_SAN) $(FUZZ_STEER)
PARSER_AFL_CC = AFL_QUIET=1 $(AFL_CC) $(FUZZ_FLAGS) $(PARSER_DIRS)

.PHONY: fuzz-parsers parser-seeds
.PRECIOUS: $(PARSER_O)/lf/%.o $(PARSER_O)/afl/%.o
$(PARSER_O)/lf/%.o: %.c $(PARSER_HEADS)
	@mkdir -p $(@D)
	$(PARSER_CC) -c $< -o $@
$(PARSER_O)/afl/%.o: %.c $(PARSER_HEADS)
	@mkdir -p $(@D)
	$(PARSER_AFL_CC) -c $< -o $@
$(B)/fuzz/lf-parsers: $(PARSER_LF) $(FUZZ_O)/lf-fuzz_main.o
	$(PARSER_CC) -fsanitize=fuzzer $^ -o $@ $(JANSSON)
$(B)/fuzz/replay-parsers: $(PARSER_LF) $(FUZZ_O)/fuzz_main.o
	$(PARSER_CC) $^ -o $@ $(JANSSON)
$(B)/fuzz/afl-parsers: $(PARSER_AFL)
	$(PARSER_AFL_CC) $^ -o $@ $(JANSSON)
# The same with a planted bug in the reader of packed vectors, which campaign-smoke must find.
PLANTED := $(B)/fuzz/planted
$(PLANTED)/lf-parsers: $(PARSER_LF) $(FUZZ_O)/lf-fuzz_main.o
	@mkdir -p $(@D)
	$(PARSER_CC) -fsanitize=fuzzer -DPLANT_PACKED harness/cli/vectors_packed.c $(filter-out %/vectors_packed.o,$^) -o $@ $(JANSSON)
$(PLANTED)/replay-parsers: $(PARSER_LF) $(FUZZ_O)/fuzz_main.o
	@mkdir -p $(@D)
	$(PARSER_CC) -DPLANT_PACKED harness/cli/vectors_packed.c $(filter-out %/vectors_packed.o,$^) -o $@ $(JANSSON)
$(PLANTED)/afl-parsers: $(PARSER_AFL)
	@mkdir -p $(@D)
	$(PARSER_AFL_CC) -DPLANT_PACKED harness/cli/vectors_packed.c $(filter-out %/vectors_packed.o,$^) -o $@ $(JANSSON)

parser-seeds:
	@rm -rf $(PARSER_SEEDS) && python3 harness/oracle/parser_seeds.py $(PARSER_SEEDS)
$(OUT)/parsers_seed_corpus.zip: parser-seeds
	@mkdir -p $(@D)
	rm -f $@
	zip -q -j -X -r $@ $(PARSER_SEEDS)
OSS_PARSERS := $(PARSER_SRC:harness/%.c=$(OSS_O)/parsers/%.o)
.PRECIOUS: $(OSS_O)/parsers/%.o
$(OSS_O)/parsers/%.o: harness/%.c $(B)/gen/rules.inc
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(OSS_FLAGS) $(PARSER_DIRS) -c $< -o $@
# Jansson goes in as a whole: where the fuzzers run there may be none.
$(OUT)/parsers: $(OSS_PARSERS) $(OSS_O)/fuzz_main.o $(FUZZ_MODEL:%=$(OSS_O)/model-%.o)
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS) $^ $(LIB_FUZZING_ENGINE) -l:libjansson.a -o $@

# LeakSanitizer too, which other targets go without: these allocate.
fuzz-parsers: $(call FUZZ_BIN_libfuzzer,parsers) $(if $(HAVE_RT),$(B)/fuzz/replay-parsers) parser-seeds ## fuzz what the command line reads: questions, vectors, scripts, traces, dumps, logs (TIME=20)
	@$(FUZZ_ENV) ASAN_OPTIONS=detect_leaks=1 harness/fuzz_run --build $(B) fuzz --name fuzz-parsers --time $(FUZZ_TIME) parsers
