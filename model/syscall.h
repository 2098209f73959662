/* SPDX-License-Identifier: MIT */
/* Topic syscall: what processes ask of Linux's address spaces, over the areas of topic vma and the
 * memory manager below, which holds the pages. State is the caller's; numbers are Linux's. */
#ifndef VMREF_SYSCALL_H
#define VMREF_SYSCALL_H
#include "fault_access.h"
#include "space_fork.h"
#include "space_range.h"
#include "vma_merge.h"

/* Results: a value or -errno, as the kernel returns them, or one of these. */
#define VMREF_ERRNO_PERM    1
#define VMREF_ERRNO_BADF    9
#define VMREF_ERRNO_AGAIN  11
#define VMREF_ERRNO_NOMEM  12
#define VMREF_ERRNO_ACCES  13
#define VMREF_ERRNO_FAULT  14
#define VMREF_ERRNO_BUSY   16
#define VMREF_ERRNO_EXIST  17
#define VMREF_ERRNO_INVAL  22
#define VMREF_ERRNO_FBIG   27
#define VMREF_ERRNO_OVERFLOW 75
#define VMREF_ERRNO_NOTSUPP  95
#define VMREF_RESULT_FULL       (-5001) /* no table, frame, space, object or file is left in what the caller gave */
#define VMREF_RESULT_UNMODELLED (-5002) /* Linux defines it, this model does not */
#define VMREF_RESULT_MISUSE     (-5003) /* no such task, or it waits for its vfork child */

/* One mm_struct. Its pages are those of the layer 2 space with the same number. */
struct vmref_mm {
  struct vmref_vmas vmas;
  uint64_t start_brk, brk; /* in bytes */
  uint32_t users;          /* tasks that have it, 0: free */
  uint32_t def_flags;      /* of mlockall(MCL_FUTURE) */
};

struct vmref_task {
  uint32_t mm;
  uint8_t  alive;
  uint32_t child;          /* 1 + the vfork child that it waits for, 0: it runs */
};

/* What is mapped: a memfd, shared anonymous memory, a System V segment. Its pages are those of the layer 2
 * file with number mms + its own. */
#define VMREF_OBJECT_FREE 0
#define VMREF_OBJECT_FILE 1
#define VMREF_OBJECT_ANON 2
#define VMREF_OBJECT_SHM  3
struct vmref_object {
  uint64_t size;    /* in bytes */
  uint8_t  kind, removed; /* removed: IPC_RMID */
};

/* An open file description. */
struct vmref_file {
  uint32_t object;
  uint8_t  used, writable;
  uint8_t  held;    /* a descriptor, its number here, refers to it */
};

#define VMREF_MMS     64
#define VMREF_TASKS   64
#define VMREF_OBJECTS 512
struct vmref_linux {
  struct vmref_sys s; /* the caller's arrays; its spaces: mms + objects */
  struct vmref_mm mm[VMREF_MMS];
  struct vmref_task task[VMREF_TASKS];
  struct vmref_object object[VMREF_OBJECTS];
  struct vmref_file file[VMREF_FILES];
  uint32_t mms, tasks, objects, files; /* how many of these there can be */
  uint64_t anon;             /* the newest anon_vma */
  uint64_t low, high;        /* pages between which mmap chooses a place, top down */
  uint64_t min;              /* mmap_min_addr, in pages */
  uint64_t lock_limit, stack_limit; /* RLIMIT_MEMLOCK (all ones: CAP_IPC_LOCK) and RLIMIT_STACK, in pages */
  uint64_t commit;           /* pages that overcommit mode 0 grants at once; all ones: mode 1 */
  uint64_t limit;            /* overcommit mode 2: all that is promised stays below so many pages; all ones: modes 0, 1 */
  uint32_t kernel;           /* as in struct vmref_vmas */
  uint8_t  raw_io;           /* CAP_SYS_RAWIO: below mmap_min_addr too */
  uint8_t  pku;              /* the CPU has protection keys */
  uint8_t  swap;             /* there is a swap device */
  uint8_t  dontunmap_apart;  /* MREMAP_DONTUNMAP keeps what it leaves apart from what it moves: Linux of mid 2026 on,
                                and stable versions of that time, 6.1.192 for one */
  uint8_t  no_zero_page;     /* a read fault of private memory takes a frame, as a write does: some
                                kernels that run as guests */
};

/* ---- numbers of the calls: those of x86-64 ---- */
#define VMREF_SYS_OPEN       2 /* of a descriptor anew, read-only: open("/proc/self/fd/N") */
#define VMREF_SYS_MMAP       9
#define VMREF_SYS_MPROTECT  10
#define VMREF_SYS_MUNMAP    11
#define VMREF_SYS_BRK       12
#define VMREF_SYS_MREMAP    25
#define VMREF_SYS_MSYNC     26
#define VMREF_SYS_MINCORE   27
#define VMREF_SYS_MADVISE   28
#define VMREF_SYS_SHMGET    29
#define VMREF_SYS_SHMAT     30
#define VMREF_SYS_SHMCTL    31
#define VMREF_SYS_CLONE     56
#define VMREF_SYS_FORK      57
#define VMREF_SYS_VFORK     58
#define VMREF_SYS_EXECVE    59
#define VMREF_SYS_EXIT      60
#define VMREF_SYS_SHMDT     67
#define VMREF_SYS_FTRUNCATE 77
#define VMREF_SYS_MLOCK    149
#define VMREF_SYS_MUNLOCK  150
#define VMREF_SYS_MLOCKALL 151
#define VMREF_SYS_MUNLOCKALL 152
#define VMREF_SYS_MEMFD    319
#define VMREF_SYS_MLOCK2   325

struct vmref_call {
  uint32_t nr;
  uint64_t arg[6];
};

#ifdef __FRAMAC__
#include "../spec/syscall.acsl"
/* Two steps make one: what is between Pre and L, and L and here, of pages. */
#define CHAIN(s, L) \forall integer b, p; same_page{Pre, L}(s, b, p) && same_page{L, Here}(s, b, p) ==> same_page{Pre, Here}(s, b, p)
/* An outcome that Linux has, and what the model adds: a value, or an errno that the kernel may give. */
#define ERRNO(r) (-VMREF_ERRNO_NOTSUPP <= (r) < 0)
#define RESULT(r) ((r) == VMREF_RESULT_FULL || (r) == VMREF_RESULT_UNMODELLED || (r) == VMREF_RESULT_MISUSE)
/* What a call of mm a may change of it, and of no other. */
#define MM(l, a) (l)->mm[a], (l)->anon, PAGES((l)->s)
/* And what a call that may make open files and objects, or end them, may. */
#define MM_FILES(l, a) MM(l, a), (l)->file[0 .. VMREF_FILES - 1], (l)->object[0 .. VMREF_OBJECTS - 1]
/* What layer 2 may change. */
#define PAGES(s) (s).tab[0 .. entries(s) - 1], (s).level[0 .. (s).tables - 1], (s).owner[0 .. (s).tables - 1], \
  (s).parent[0 .. (s).tables - 1], (s).rc[0 .. objects(s) - 1], (s).shared[0 .. objects(s) - 1], \
  (s).hint[0 .. hints(s) - 1], (s).data[0 .. 4096 * objects(s) - 1]
#endif

/* Begin: task 0 with an empty address space; s has been booted. Sizes and limits are the caller's to set
 * before. VMREF_EINVAL: layer 2 refuses, or has too few spaces. */
/*@ requires \valid(l) && inv(l->s);
    requires l->mms <= VMREF_MMS && l->tasks <= VMREF_TASKS && l->objects <= VMREF_OBJECTS && l->files <= VMREF_FILES;
    requires 1 <= l->low <= VMREF_TASK_PAGES && l->high <= VMREF_TASK_PAGES;
    requires \forall integer a; 0 <= a < l->mms ==> l->mm[a].vmas.room <= VMREF_AREAS;
    terminates \true; exits \false;
    assigns l->mm[0 .. VMREF_MMS - 1], l->task[0 .. VMREF_TASKS - 1], l->object[0 .. VMREF_OBJECTS - 1],
            l->file[0 .. VMREF_FILES - 1], l->anon, PAGES(l->s);
    ensures status: \result == VMREF_OK || \result == VMREF_EINVAL;
    ensures fine: \result == VMREF_OK ==> linux_fine(*l); */
int vmref_linux_boot(struct vmref_linux *l);

/* A call by task t. A new task has the lowest free number, which clone, fork and vfork return. */
/*@ requires \valid(l) && \valid_read(c) && linux_fine(*l);
    terminates \true; exits \false;
    assigns l->mm[0 .. VMREF_MMS - 1], l->task[0 .. VMREF_TASKS - 1], l->object[0 .. VMREF_OBJECTS - 1],
            l->file[0 .. VMREF_FILES - 1], l->anon, PAGES(l->s);
    ensures fine: linux_fine(*l);
    ensures result: \result >= 0 || ERRNO(\result) || RESULT(\result);
    ensures apart: of_memory(c->nr) && t < l->tasks ==> apart{Pre, Post}(l->s, l->mms, l->task[t].mm);
    ensures areas: of_memory(c->nr) && t < l->tasks ==> \forall integer b; 0 <= b < l->mms && b != l->task[t].mm ==> l->mm[b] == \old(l->mm[b]); */
int64_t vmref_syscall(struct vmref_linux *l, uint32_t t, const struct vmref_call *c);

/* An access of task t to one byte: VMREF_READ, WRITE or FETCH. */
#define VMREF_SIGBUS    7
#define VMREF_SIGSEGV  11
#define VMREF_SEGV_MAPERR 1
#define VMREF_SEGV_ACCERR 2
#define VMREF_SEGV_PKUERR 4
#define VMREF_BUS_ADRERR  2
#define VMREF_SI_KERNEL 128
struct vmref_touched {
  int64_t result;  /* 0, or VMREF_RESULT_... */
  uint8_t signal, code, byte;
};
/*@ requires \valid(l) && linux_fine(*l);
    terminates \true; exits \false;
    assigns l->mm[0 .. VMREF_MMS - 1], l->anon, PAGES(l->s);
    ensures fine: linux_fine(*l);
    ensures result: \result.result == 0 || \result.result == VMREF_RESULT_FULL || \result.result == VMREF_RESULT_MISUSE;
    ensures mms: \forall integer b; 0 <= b < l->mms && (t >= l->tasks || b != l->task[t].mm) ==> l->mm[b] == \old(l->mm[b]);
    ensures reads: kind == VMREF_READ || kind == VMREF_FETCH ==> apart{Pre, Post}(l->s, l->mms, t < l->tasks ? l->task[t].mm : -1);
    ensures private: t < l->tasks && prot_S(prot(leaf_at(l->s, l->task[t].mm, va))) == 0 ==> apart{Pre, Post}(l->s, l->mms, l->task[t].mm); */
struct vmref_touched vmref_task_access(struct vmref_linux *l, uint32_t t, uint64_t va, uint8_t kind, uint8_t byte);
#endif
