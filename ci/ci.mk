# SPDX-License-Identifier: MIT
# Release, the report, what watches the proofs, and the bench beside peers. Included by the top Makefile.
.PHONY: dist test-dist report test-report prove-offline prove-shard prove-canary prove-cost prove-nightly test-proof bench-peers
dist: ## the release of HEAD: sources, vectors, proof JSON, tool lock, checksums (OUT=build/dist)
	@ci/dist $(OUT)
test-dist: ## a release is the same bytes wherever it is made, builds and installs by itself
	@ci/test-dist
report: ## build/report/index.html from the last results
	@ci/report
test-report: ## look at the report in a real browser: links, width, console, text; screenshots in build/report/shots
	@ci/test-report
prove-offline: ## all proofs from what is stored, with no solver to be found
	@ci/proof offline
prove-shard: ## one part of the proofs for a job of its own: SHARD=K/N (PROOF=cold|replay|cached)
	@ci/proof shard $(SHARD) --mode $(PROOF)
prove-cost: ## solver steps by function beside the last record; warns of drift
	@ci/proof cost
prove-canary: ## prove a sample of units with cvc5, which the proofs do not rest on
	@ci/proof canary
prove-nightly: ## what the schedule runs: the tools, all proofs cold, their cost, the canary
	@ci/proof tools && proofs/run --mode cold && ci/proof cost --strict && ci/proof canary --sample 6
test-proof: ## sharding, drift, canary, tool lock and offline proofs: each check can fail
	@ci/test-proof
bench-peers: $(B)/vmref $(B)/linux/run $(B)/guest-vectors $(if $(HAVE_UNICORN),$(B)/unicorn-vectors) $(B)/guest.elf $(B)/guest32.elf $(B)/guest-run ## our walk beside Unicorn and QEMU TCG, address spaces beside this kernel, proofs, instructions; writes docs/BENCH.md
	@ci/bench-peers
