# SPDX-License-Identifier: MIT
# Contracts of model/ checked while the fuzz targets run. Read after harness/fuzz_campaign.mk.
.PHONY: fuzz-eacsl
EACSL_O := $(addprefix $(FUZZ_PLAIN)/fuzz_,access.o entry.o walk.o span.o control.o memtype.o) $(FUZZ_O0)/fuzz_main.o $(FUZZ_REST) \
           $(patsubst %,$(FUZZ_O0)/model-%.o,$(FUZZ_MODEL)) $(addprefix $(B)/fuzz/replay-,access entry walk span control memtype)
fuzz-eacsl: $(if $(HAVE_RT),$(EACSL_O)) ## contracts checked at run time by E-ACSL: the corpus, TIME=S of fuzzing a target (0), a planted bug
	@$(FUZZ_ENV) harness/eacsl/run --build $(B) --time $(if $(filter command environment,$(firstword $(origin TIME))),$(TIME),0)
