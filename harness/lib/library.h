/* ---- the library itself: names for what the model answers with numbers ---- */

/* The version that the library was built from, as VERSION has it: "0.1.0". A program that was compiled
 * against another header compares it with VMREF_HEADER_VERSION. */
const char *vmref_version(void);

/* A status (VMREF_OK, VMREF_EINVAL, ...) in words; never NULL. */
const char *vmref_strerror(int status);

/* A row of spec/rules.tsv that has a number, VMREF_RULE_*. */
struct vmref_rule {
  const char *id;      /* "PF.NP" */
  const char *manual;  /* "SDM 3A" */
  const char *section; /* "4.7" */
  const char *text;    /* what is said there, in our words */
};
/* The row of a number; one without a row has the id "NONE" and empty strings. Never NULL. */
const struct vmref_rule *vmref_rule_of(uint8_t rule);
