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

uint8_t vmref_vector(uint8_t rule)
{
  if (rule == VMREF_RULE_NONE || rule == VMREF_RULE_OK) return VMREF_VECTOR_NONE;
  if (rule == VMREF_RULE_SS_CANON) return VMREF_VECTOR_SS;
  if (rule == VMREF_RULE_GP_CANON) return VMREF_VECTOR_GP;
  return VMREF_VECTOR_PF;
}

uint32_t vmref_error_code(struct vmref_cpu cpu, struct vmref_access access, uint8_t rule)
{
  if (vmref_vector(rule) != VMREF_VECTOR_PF) return 0;
  uint32_t error = rule == VMREF_RULE_PF_NP ? 0 : 1;
  if (vmref_writes(access)) error += 2;
  if (vmref_user_mode(access)) error += 4;
  if (rule >= VMREF_RULE_PF_RSVD_ADDR && rule <= VMREF_RULE_PF_RSVD_2M_ADDR) error += 8;
  if (vmref_fetches(access) && (cpu.smep == 1 || cpu.nxe == 1)) error += 16;
  return error;
}
