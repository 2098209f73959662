# SPDX-License-Identifier: MIT
"""Small traces, by hand, of what strace -f does to lines, each with the layout that it must end with; and each
with a change that must be seen."""
HEAD = """P1 execve("/x", ["x"], 0x0) = 0
P1 brk(NULL) = 0x555555561000
P1 mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7ffff7ff0000
"""
RW = "7ffff7ff0000-7ffff7ff2000 rw-p 00000000 00:00 0\n"
# name, lines, maps of the first process, [what to change in the lines, into what: then they disagree]
CASES = [
    ("a call that another process's lines cut in two",
     HEAD + """P1 clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x1) = 77
P1 mprotect(0x7ffff7ff0000, 4096, PROT_READ <unfinished ...>
77 munmap(0x7ffff7ff0000, 8192 <unfinished ...>
P1 <... mprotect resumed>) = 0
77 <... munmap resumed>) = 0
77 +++ exited with 0 +++
P1 exit_group(0) = ?
P1 +++ exited with 0 +++
""", "7ffff7ff0000-7ffff7ff1000 r--p 00000000 00:00 0\n7ffff7ff1000-7ffff7ff2000 rw-p 00000000 00:00 0\n",
     ("4096, PROT_READ <un", "4096, PROT_NONE <un")),
    ("an end that nobody saw begin", HEAD + "P1 <... mprotect resumed>) = 0\n", RW, None),
    ("a child's lines before its parent's clone returns",
     HEAD + """P1 clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x1 <unfinished ...>
78 munmap(0x7ffff7ff0000, 4096) = 0
78 mprotect(0x7ffff7ff0000, 8192, PROT_READ) = -1 ENOMEM (Cannot allocate memory)
P1 <... clone resumed>) = 78
P1 mprotect(0x7ffff7ff0000, 8192, PROT_READ) = 0
P1 exit_group(0) = ?
P1 +++ exited with 0 +++
""", "7ffff7ff0000-7ffff7ff2000 r--p 00000000 00:00 0\n", ("flags=CLONE_CHILD_SETTID|SIGCHLD", "flags=CLONE_VM|SIGCHLD")),
    ("a thread's lines before its creator's clone3 returns",
     HEAD + """P1 clone3({flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD, child_tid=0x1}, 88 <unfinished ...>
79 munmap(0x7ffff7ff1000, 4096) = 0
P1 <... clone3 resumed> => {parent_tid=[79]}, 88) = 79
P1 exit_group(0) = ?
P1 +++ exited with 0 +++
""", "7ffff7ff0000-7ffff7ff1000 rw-p 00000000 00:00 0\n", ("flags=CLONE_VM|", "flags=")),
    ("vfork, and its child executes something",
     HEAD + """P1 vfork( <unfinished ...>
80 execve("/y", ["y"], 0x0) = 0
80 brk(NULL) = 0x555555571000
P1 <... vfork resumed>) = 80
80 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7ffff7ff0000
80 +++ exited with 0 +++
P1 munmap(0x7ffff7ff0000, 4096) = 0
P1 exit_group(0) = ?
P1 +++ exited with 0 +++
""", "7ffff7ff1000-7ffff7ff2000 rw-p 00000000 00:00 0\n", ("P1 munmap(0x7ffff7ff0000, 4096", "P1 munmap(0x7ffff7ff0000, 8192")),
    ("calls that fail",
     HEAD + """P1 mmap(0x7ffff7ff0000, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED_NOREPLACE, -1, 0) = -1 EEXIST (File exists)
P1 mmap(NULL, 0, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = -1 EINVAL (Invalid argument)
P1 munmap(0x7ffff7ff0001, 4096) = -1 EINVAL (Invalid argument)
P1 mprotect(0x7ffff7ff1000, 8192, PROT_READ) = -1 ENOMEM (Cannot allocate memory)
P1 mremap(0x7ffff7ff3000, 4096, 8192, MREMAP_MAYMOVE) = -1 EFAULT (Bad address)
P1 exit_group(0) = ?
P1 +++ exited with 0 +++
""", "7ffff7ff0000-7ffff7ff1000 rw-p 00000000 00:00 0\n7ffff7ff1000-7ffff7ff2000 r--p 00000000 00:00 0\n", ("-1 EEXIST", "-1 EINVAL")),
    ("System V segments, by two processes",
     HEAD + """P1 shmget(IPC_PRIVATE, 8192, IPC_CREAT|0600) = 32805
P1 shmget(0x1234, 4096, IPC_CREAT|0600) = 32806
P1 shmat(32805, NULL, 0) = 0x7ffff7fee000
P1 shmat(32806, NULL, SHM_RDONLY) = 0x7ffff7fed000
P1 shmget(IPC_PRIVATE, 0, IPC_CREAT|0600) = -1 EINVAL (Invalid argument)
P1 shmctl(32806, IPC_STAT, {shm_perm={uid=0}}) = 0
P1 shmctl(32805, IPC_RMID, NULL) = 0
P1 fork() = 81
81 shmdt(0x7ffff7fee000) = 0
81 shmdt(0x7ffff7fee000) = -1 EINVAL (Invalid argument)
81 +++ exited with 0 +++
P1 shmat(32806, NULL, 0) = 0x7ffff7fec000
P1 shmdt(0x7ffff7fec000) = 0
P1 exit_group(0) = ?
P1 +++ exited with 0 +++
""", "7ffff7fed000-7ffff7fee000 r--s 00000000 00:01 2 /SYSV00001234 (deleted)\n"
     "7ffff7fee000-7ffff7ff0000 rw-s 00000000 00:01 1 /SYSV00000000 (deleted)\n" + RW, ("shmat(32806, NULL, SHM_RDONLY)", "shmat(32806, NULL, 0)")),
]


def check(run, vmref):
    """run(*command, code=, text=) says whether a command ends so; here with files."""
    import tempfile
    for name, lines, maps, change in CASES:
        versions = [(lines, 3 if change is None else 0)]
        if change:
            assert lines.count(change[0]) == 1, name
            versions.append((lines.replace(*change), 1))
        for text, code in versions:
            with tempfile.NamedTemporaryFile("w", suffix=".strace") as t, tempfile.NamedTemporaryFile("w", suffix=".maps") as m:
                t.write(text), t.flush(), m.write(maps), m.flush()
                run(vmref, "replay", t.name, "--maps", m.name, code=code)
