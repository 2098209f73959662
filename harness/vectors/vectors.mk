# SPDX-License-Identifier: MIT
# The vectors of corpus/vectors: answers worked out by hand, asked of the command line and
# of $(B)/vectors. Included by the top Makefile, after it sets B, CC, CFLAGS and MODEL.
VECTORS_SRC := $(sort $(wildcard harness/vectors/*.c)) harness/cli/read.c harness/show.c harness/case.c $(MODEL)

.PHONY: test-vectors coverage-rules
$(B)/vectors: $(VECTORS_SRC) $(wildcard harness/vectors/*.h harness/cli/*.h harness/*.h model/*.h) \
              $(B)/gen/rules.inc harness/vectors/vectors.mk | jansson
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(CLI_FLAGS) -Iharness/vectors -fsanitize=address,undefined -fno-sanitize-recover=all \
	  $(VECTORS_SRC) -o $@ $(LDFLAGS) $(JANSSON)

test-vectors: $(B)/vmref $(B)/vectors ## ask every vector of corpus/vectors (build/results/vectors.json)
	@mkdir -p $(B)/results
	@python3 harness/test_vectors.py --vmref $(B)/vmref --vectors $(B)/vectors --json $(B)/results/vectors.json

coverage-rules: ## which rule is cited where: spec, model, tests, vectors; fails when one lacks any
	@ci/check-rules --coverage
