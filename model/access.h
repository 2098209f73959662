/* SPDX-License-Identifier: MIT */
/* Topic access: may this access be made under these rights, and how does it
 * fault? SDM 3A 4.6.1 and 4.7. */
#ifndef VMREF_ACCESS_H
#define VMREF_ACCESS_H
#include "entry.h"
#ifdef __FRAMAC__
#include "../spec/access.acsl"
#endif

/* May the model be asked about this access? 1 or 0. */
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> valid_access(access);
    ensures flag(\result); */
uint8_t vmref_access_valid(struct vmref_access access);

/* Do all its bytes lie in one 4-KiB page? 1 or 0. */
/*@ requires valid_access(access);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> one_page(access);
    ensures flag(\result); */
uint8_t vmref_access_one_page(struct vmref_access access);

/* Is it a user-mode access (RIGHTS.MODE); does it write; does it fetch? 1 or 0. */
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == user_mode(access);
    ensures flag(\result); */
uint8_t vmref_user_mode(struct vmref_access access);
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == writes(access);
    ensures flag(\result); */
uint8_t vmref_writes(struct vmref_access access);
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == fetches(access);
    ensures flag(\result); */
uint8_t vmref_fetches(struct vmref_access access);

/* The rule by which the access is denied, 0 when it is granted. rw, us: that
 * bit is 1 in every entry used; xd: it is 1 in any. SDM 3A 4.6.1; RIGHTS.WP,
 * RIGHTS.SMAP.FETCH. */
/*@ requires flag(rw) && flag(us) && flag(xd);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == denied(cpu, access, rw, us, xd); */
uint8_t vmref_denied(struct vmref_cpu cpu, struct vmref_access access,
                     uint8_t rw, uint8_t us, uint8_t xd);

/* The rule by which protection key `key` denies the access to the data of an address,
 * user-mode (us = 1) or not, whatever the other rights; 0 when it does not. 4.6.2; KEY.ON,
 * KEY.DATA, KEY.ADDRESS. */
/*@ requires flag(us) && key <= 15;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == denied_key(cpu, access, us, key); */
uint8_t vmref_denied_key(struct vmref_cpu cpu, struct vmref_access access, uint8_t us, uint8_t key);

/* Both together: the rule by which the access is refused, 0 when it is granted. */
/*@ requires flag(rw) && flag(us) && flag(xd) && key <= 15;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == refused(cpu, access, rw, us, xd, key); */
uint8_t vmref_refused(struct vmref_cpu cpu, struct vmref_access access,
                      uint8_t rw, uint8_t us, uint8_t xd, uint8_t key);

/* The vector that a rule leads to, of an access or of any other topic: 0, 6 (#UD),
 * 12 (#SS), 13 (#GP) or 14 (#PF). */
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == vector(rule); */
uint8_t vmref_vector(uint8_t rule);

/* The error code pushed with that vector; pk = 1: a page was found and its protection
 * key denies the access. SDM 3A 4.7; EC.P, EC.WR, EC.US, EC.RSVD, EC.ID, EC.PK. */
/*@ requires flag(cpu.smep) && flag(cpu.nxe) && flag(pk);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == error_code(cpu, access, rule, pk); */
uint32_t vmref_error_code(struct vmref_cpu cpu, struct vmref_access access, uint8_t rule, uint8_t pk);

#endif
