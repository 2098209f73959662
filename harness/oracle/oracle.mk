# SPDX-License-Identifier: MIT
# vmref for other programs: serve, vectors, check, audit. Included by the top Makefile.
.PHONY: test-oracle
test-oracle: $(B)/vmref $(B)/vmref-asan ## test vmref serve, vectors, check and audit (build/results/oracle.json)
	@mkdir -p $(B)/results
	@$(MAKE) -s -j2 fuzz-parsers TIME=5
	python3 harness/oracle/test_oracle.py --vmref $(B)/vmref --asan $(B)/vmref-asan --json $(B)/results/oracle.json

# ---- adapters to real implementations ----
GUEST_VECTORS := $(addprefix harness/oracle/, guest_vectors.c guest_sequences.c places.c say.c) $(wildcard harness/vectors/*.c) \
  $(addprefix harness/guest/, peer.c qemu.c bochs.c v86.c plan.c expect.c deviations.c rows.c sequence.c sequence_judge.c sequence_deviations.c control.c) \
  harness/cli/read.c harness/cli/lines.c harness/show.c harness/case.c
$(B)/guest-vectors: $(GUEST_VECTORS) $(MODEL) $(wildcard model/*.h harness/*.h harness/cli/*.h harness/guest/*.h harness/oracle/*.h harness/vectors/*.h) $(B)/gen/rules.inc | jansson
	$(CC) $(CFLAGS) -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Imodel -Iharness -Iharness/cli -Iharness/guest -Iharness/vectors -I$(B)/gen \
	  $(GUEST_VECTORS) $(MODEL) -o $@ $(JANSSON)
UNICORN_VECTORS := $(addprefix harness/oracle/, unicorn_vectors.c unicorn_sequences.c say.c) $(wildcard harness/vectors/*.c) harness/cli/read.c harness/cli/lines.c harness/show.c harness/case.c
$(B)/unicorn-vectors: $(UNICORN_VECTORS) $(MODEL) $(wildcard model/*.h harness/*.h harness/cli/*.h harness/oracle/*.h harness/vectors/*.h) $(B)/gen/rules.inc | jansson
	$(CC) $(CFLAGS) -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Imodel -Iharness -Iharness/cli -Iharness/vectors -I$(B)/gen \
	  $(UNICORN_VECTORS) $(MODEL) -o $@ $(JANSSON) -lunicorn

# v86 by the npm client, into build/ alone.
V86_VERSION := 0.5.462
V86_SHA256  := 1384ad8bbe80aa4f6cd43f43bd16ddbd7495931df833f038a27fcdc8b9a31351
.PHONY: v86 conform
# Generated vectors for each mode of each peer.
CONFORM ?= 500
v86: $(B)/v86/package/package.json
$(B)/v86/package/package.json:
	@command -v npm >/dev/null || { echo 'no npm: apt-get install npm' >&2; [ -z "$(CI_STRICT)" ]; exit; }; \
	rm -rf $(B)/v86 && mkdir -p $(B)/v86 && cd $(B)/v86 && npm pack --silent v86@$(V86_VERSION) >/dev/null \
	&& echo '$(V86_SHA256)  v86-$(V86_VERSION).tgz' | sha256sum -c --quiet && tar xzf v86-$(V86_VERSION).tgz \
	|| { rm -rf $(CURDIR)/$(B)/v86; echo 'v86 cannot be had: its comparison is skipped' >&2; [ -z "$(CI_STRICT)" ]; }
HAVE_UNICORN := $(wildcard /usr/include/unicorn/unicorn.h)

conform: $(B)/vmref $(B)/guest-vectors $(if $(HAVE_UNICORN),$(B)/unicorn-vectors) $(B)/guest.elf $(B)/guest32.elf $(B)/bochs-rom.bin v86 ## conformance vectors through QEMU, Bochs, v86 and Unicorn, by rule
	@mkdir -p $(B)/results
	@for a in '--peer bochs --count 100 --plant' '--peer bochs --count 600 --without DEV-BOCHS-PKU-AD' '--peer bochs --kind sequence --plant' \
	    '--peer v86 --kind sequence --plant' '--peer unicorn --kind sequence --plant' '--peer unicorn --kind sequence --without DEV-UNICORN-PF-STALE' \
	    '--peer tcg --kind sequence --without DEV-TCG-PF-STALE'; do \
	  harness/oracle/conform $$a >$(B)/conform-must-fail.log 2>&1; s=$$?; \
	  if [ $$s != 1 ] && ! grep -q ^SKIPPED $(B)/conform-must-fail.log; then echo "conform $$a: must fail (exit $$s)" >&2; exit 1; fi; done
	harness/oracle/conform --count $(CONFORM) --json $(B)/results/conform.json

.PHONY: dump-compare
dump-compare: $(B)/vmref ## audit a dump of Debian's kernel in QEMU TCG against QEMU's monitor, page for page
	@mkdir -p $(B)/results
	harness/oracle/dump_compare --json $(B)/results/dump.json
