# SPDX-License-Identifier: MIT
# The vectors of corpus/vectors: answers worked out by hand, asked of the command line. Included by the top Makefile,
# after it sets B.
.PHONY: test-vectors coverage-rules
test-vectors: $(B)/vmref-asan ## ask every vector of corpus/vectors (build/results/vectors.json)
	@mkdir -p $(B)/results
	@python3 harness/test_vectors.py --vmref $(B)/vmref-asan --json $(B)/results/vectors.json

coverage-rules: ## which rule is cited where: spec, model, tests, vectors; fails when one lacks any
	@ci/check-rules --coverage
