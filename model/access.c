/* SPDX-License-Identifier: MIT */
#include "access.h"

uint8_t vmref_access_valid(struct vmref_access access)
{
  if (access.kind > VMREF_FETCH || access.size < 1 || access.size > 64) return 0;
  if (access.cpl > 3 || access.implicit > 1 || access.ac > 1) return 0;
  if (access.seg > VMREF_SEG_SS) return 0;
  if (access.kind == VMREF_FETCH && access.implicit == 1) return 0;
  if (access.seg == VMREF_SEG_SS && (access.kind == VMREF_FETCH || access.implicit == 1)) return 0;
  return 1;
}

uint8_t vmref_access_one_page(struct vmref_access access)
{
  return access.va % 0x1000 + access.size <= 0x1000;
}

uint8_t vmref_user_mode(struct vmref_access access)
{
  return access.cpl == 3 && access.implicit == 0;
}

uint8_t vmref_writes(struct vmref_access access)
{
  return access.kind == VMREF_WRITE || access.kind == VMREF_RMW;
}

uint8_t vmref_fetches(struct vmref_access access)
{
  return access.kind == VMREF_FETCH;
}

/* User-mode access: every entry must say user; CR0.WP plays no part. */
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == denied_user(access, rw, us, xd); */
static uint8_t denied_to_user(struct vmref_access access, uint8_t rw, uint8_t us, uint8_t xd)
{
  if (us == 0) return VMREF_RULE_PF_USER;
  if (vmref_writes(access) && rw == 0) return VMREF_RULE_PF_USER_WRITE;
  if (vmref_fetches(access) && xd == 1) return VMREF_RULE_PF_XD;
  return VMREF_RULE_NONE;
}

/* Supervisor-mode data access: SMAP first, then CR0.WP. */
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == denied_data(cpu, access, rw, us); */
static uint8_t denied_data_access(struct vmref_cpu cpu, struct vmref_access access,
                                  uint8_t rw, uint8_t us)
{
  if (us == 1 && cpu.smap == 1 && (access.implicit == 1 || access.ac == 0))
    return VMREF_RULE_PF_SMAP;
  if (vmref_writes(access) && rw == 0 && cpu.wp == 1) return VMREF_RULE_PF_WP;
  return VMREF_RULE_NONE;
}

/* Supervisor-mode fetch. With NXE = 0 an entry with XD = 1 is reserved, so xd
 * is 0 here. */
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == denied_fetch(cpu, us, xd); */
static uint8_t denied_to_fetch(struct vmref_cpu cpu, uint8_t us, uint8_t xd)
{
  if (us == 1 && cpu.smep == 1) return VMREF_RULE_PF_SMEP;
  if (xd == 1) return VMREF_RULE_PF_XD;
  return VMREF_RULE_NONE;
}

uint8_t vmref_denied(struct vmref_cpu cpu, struct vmref_access access,
                     uint8_t rw, uint8_t us, uint8_t xd)
{
  if (vmref_user_mode(access)) return denied_to_user(access, rw, us, xd);
  if (vmref_fetches(access)) return denied_to_fetch(cpu, us, xd);
  return denied_data_access(cpu, access, rw, us);
}

/* Bit n of PKRU or PKRS, 1 or 0. */
/*@ requires n <= 31;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == bit_of(rights, n); ensures flag(\result); */
static uint8_t bit(uint32_t rights, uint8_t n) { return (uint8_t)((rights >> n) % 2); }

/*@ requires key <= 15;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == denied_pkru(cpu, access, key); */
static uint8_t denied_by_pkru(struct vmref_cpu cpu, struct vmref_access access, uint8_t key)
{
  if (bit(cpu.pkru, (uint8_t)(2 * key)) == 1) return VMREF_RULE_PF_PKU_AD;
  if (!vmref_writes(access) || bit(cpu.pkru, (uint8_t)(2 * key + 1)) == 0) return VMREF_RULE_NONE;
  return vmref_user_mode(access) || cpu.wp == 1 ? VMREF_RULE_PF_PKU_WD : VMREF_RULE_NONE;
}

/*@ requires key <= 15;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == denied_pkrs(cpu, access, key); */
static uint8_t denied_by_pkrs(struct vmref_cpu cpu, struct vmref_access access, uint8_t key)
{
  if (bit(cpu.pkrs, (uint8_t)(2 * key)) == 1) return VMREF_RULE_PF_PKS_AD;
  if (!vmref_writes(access) || bit(cpu.pkrs, (uint8_t)(2 * key + 1)) == 0) return VMREF_RULE_NONE;
  return cpu.wp == 1 ? VMREF_RULE_PF_PKS_WD : VMREF_RULE_NONE;
}

uint8_t vmref_denied_key(struct vmref_cpu cpu, struct vmref_access access, uint8_t us, uint8_t key)
{
  if (!vmref_long_mode(cpu.mode) || vmref_fetches(access)) return VMREF_RULE_NONE;
  if (us == 1) return cpu.pke == 1 ? denied_by_pkru(cpu, access, key) : VMREF_RULE_NONE;
  return cpu.pks == 1 && !vmref_user_mode(access) ? denied_by_pkrs(cpu, access, key) : VMREF_RULE_NONE;
}

uint8_t vmref_refused(struct vmref_cpu cpu, struct vmref_access access,
                      uint8_t rw, uint8_t us, uint8_t xd, uint8_t key)
{
  uint8_t rule = vmref_denied(cpu, access, rw, us, xd);
  return rule != VMREF_RULE_NONE ? rule : vmref_denied_key(cpu, access, us, key);
}

uint8_t vmref_vector(uint8_t rule)
{
  if (rule == VMREF_RULE_NONE || rule == VMREF_RULE_OK) return VMREF_VECTOR_NONE;
  if (rule == VMREF_RULE_SS_CANON) return VMREF_VECTOR_SS;
  if (rule == VMREF_RULE_UD_PKE) return VMREF_VECTOR_UD;
  if (rule == VMREF_RULE_GP_CANON || rule >= VMREF_RULE_GP_CR0_HIGH) return VMREF_VECTOR_GP;
  return VMREF_VECTOR_PF;
}

/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == ec_RSVD(rule); ensures flag(\result); */
static uint8_t rsvd_flag(uint8_t rule)
{
  if (rule >= VMREF_RULE_PF_RSVD_ADDR && rule <= VMREF_RULE_PF_RSVD_2M_ADDR) return 1;
  return rule >= VMREF_RULE_PF_RSVD_4M_ADDR && rule <= VMREF_RULE_PF_RSVD_PML5E_G;
}

/*@ requires flag(cpu.smep) && flag(cpu.nxe);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == ec_ID(cpu, access); ensures flag(\result); */
static uint8_t id_flag(struct vmref_cpu cpu, struct vmref_access access)
{
  if (!vmref_fetches(access)) return 0;
  return cpu.smep == 1 || (cpu.nxe == 1 && cpu.mode != VMREF_MODE_32BIT);
}

uint32_t vmref_error_code(struct vmref_cpu cpu, struct vmref_access access, uint8_t rule, uint8_t pk)
{
  if (vmref_vector(rule) != VMREF_VECTOR_PF) return 0;
  uint32_t error = rule == VMREF_RULE_PF_NP ? 0 : 1;
  if (vmref_writes(access)) error += 2;
  if (vmref_user_mode(access)) error += 4;
  error += 8 * (uint32_t)rsvd_flag(rule);
  error += 16 * (uint32_t)id_flag(cpu, access);
  return error + 32 * (uint32_t)pk;
}
