# SPDX-License-Identifier: MIT
# Unit tests with cmocka. Included by the top Makefile, which sets B, CC, CFLAGS and
# MODEL; the defaults are for `make -f harness/test.mk unit`.
B      ?= build
MODEL  ?= $(sort $(wildcard model/*.c))

TEST_TOPICS := $(sort $(patsubst harness/test_%.c,%,$(wildcard harness/test_*.c)))
TEST_BINS   := $(patsubst %,$(B)/test/test_%,$(TEST_TOPICS))
TEST_FLAGS  := -std=c11 -g -O1 -Wall -Wextra -Wno-missing-field-initializers -Werror -Imodel -Iharness \
               -fsanitize=address,undefined -fno-sanitize-recover=all
.PHONY: unit unit-cmocka

# What a test needs beside the model.
TEST_WITH_script := $(sort $(wildcard harness/script*.c))
$(B)/test/test_script: $(TEST_WITH_script)
TEST_WITH_buddy := harness/kmem.c harness/kmem_check.c
TEST_WITH_slab := $(TEST_WITH_buddy)
TEST_WITH_vmalloc := $(TEST_WITH_buddy)
$(B)/test/test_buddy $(B)/test/test_slab $(B)/test/test_vmalloc: $(TEST_WITH_buddy)
TEST_WITH_huge := harness/mm_huge.c
TEST_WITH_huge_device := harness/mm_huge.c
TEST_WITH_huge_split := harness/mm_huge.c
$(B)/test/test_huge $(B)/test/test_huge_device $(B)/test/test_huge_split: harness/mm_huge.c
TEST_WITH_guest_mm := $(addprefix harness/guest/mm_,drive.c digest.c host.c feed.c lines.c) harness/sequence_mm.c $(sort $(wildcard harness/script*.c))
$(B)/test/test_guest_mm: $(TEST_WITH_guest_mm) $(wildcard harness/guest/mm_*.h)

# An old result must not outlive a build that fails.
unit-cmocka:
	@rm -f $(B)/results/unit.json
	@printf '#include <stdarg.h>\n#include <stddef.h>\n#include <setjmp.h>\n#include <stdint.h>\n#include <cmocka.h>\n' \
	  | $(CC) -fsyntax-only -x c - 2>/dev/null \
	  || { echo 'unit: cmocka.h is missing: apt-get install libcmocka-dev' >&2; exit 2; }

# The model and what the tests share, once for all of them.
TEST_OBJ := $(patsubst %.c,$(B)/test/obj/%.o,$(notdir $(MODEL)) case.c mm.c)
.SECONDARY: $(TEST_OBJ)
TEST_HEADS := $(wildcard model/*.h harness/*.h) harness/test.mk
$(B)/test/obj/%.o: model/%.c $(TEST_HEADS)
	@mkdir -p $(@D)
	$(CC) $(TEST_FLAGS) -c $< -o $@
$(B)/test/obj/%.o: harness/%.c $(TEST_HEADS)
	@mkdir -p $(@D)
	$(CC) $(TEST_FLAGS) -c $< -o $@
$(B)/test/test_%: harness/test_%.c $(TEST_OBJ) $(TEST_HEADS) | unit-cmocka
	@mkdir -p $(@D)
	$(CC) $(TEST_FLAGS) $< $(TEST_WITH_$*) $(TEST_OBJ) -lcmocka -o $@

# cmocka speaks TAP: the plan, then a line a test. What the plan has and no line
# reports (a crash), and a program without any plan, count as failed.
unit: $(TEST_BINS) ## run the unit tests
	@mkdir -p $(B)/results; : > $(B)/test/log; \
	for t in $(TEST_BINS); do \
	  CMOCKA_MESSAGE_OUTPUT=TAP $$t > $$t.tap 2> $$t.err; rc=$$?; \
	  awk -v t=$$(basename $$t) -v rc=$$rc -v err=$$t.err ' \
	    /^1\.\.[0-9]/ { plan = substr($$0, 4) + 0 } /^ok / { ok++ } \
	    /^not ok / { bad++; print t ": FAILED  " $$0 > "/dev/stderr"; said = 1; next } \
	    said && /^# / { print "  " substr($$0, 3) > "/dev/stderr" } { said = 0 } \
	    END { ok += 0; bad += 0; lost = plan - ok - bad; \
	      if (lost > 0) print t ": ended early, exit code " rc ": " lost " tests did not report" > "/dev/stderr"; \
	      if (plan == 0) { lost = 1; print t ": no tests, exit code " rc > "/dev/stderr" } \
	      if (rc != 0 && bad + lost == 0) lost = 1; \
	      if (bad + lost > 0) while ((getline line < err) > 0) print "  " line > "/dev/stderr"; \
	      print ok, bad + lost }' $$t.tap >> $(B)/test/log; \
	done; \
	awk '{ p += $$1; f += $$2 } END { p += 0; f += 0; \
	  printf "{\"name\":\"unit\",\"passed\":%d,\"failed\":%d}\n", p, f > "$(B)/results/unit.json"; \
	  printf "unit: %d passed, %d failed\n", p, f; exit f > 0 || p == 0 }' $(B)/test/log
