"""A process takes rights away from itself, for good: files, network, system calls, resources. Linux only.

Nothing here needs root, a helper program or a library: Landlock limits which files can be opened, seccomp which
system calls are answered, namespaces what can be seen, and resource limits how much can be used. Each is applied
where the system has it, and `available` says which those are.
"""

import ctypes
import errno
import os
import platform
import resource
import signal
import socket
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
libc.prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4

# prctl
PDEATHSIG, DUMPABLE, NO_NEW_PRIVS, SECCOMP = 1, 4, 38, 22


def end_with_parent() -> None:
    """This process is killed when the one that has started it ends, however that ends."""
    libc.prctl(PDEATHSIG, signal.SIGKILL, 0, 0, 0)


# --- namespaces -----------------------------------------------------------------------------------

NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = 0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REC, MS_PRIVATE = 2, 4, 8, 0x4000, 0x40000
MOST_FILES = 20_000  # an empty one takes memory too, and no limit of size counts it


def unshare() -> bool:
    """Enter own namespaces of users, processes, network, files and messages; False where that is forbidden.

    The calling process sees the new processes' namespace only in its children.
    """
    user, group = os.geteuid(), os.getegid()
    if libc.unshare(NEWUSER | NEWNS | NEWPID | NEWNET | NEWIPC | NEWUTS) != 0:
        return False
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    return libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None) == 0


def mount_scratch(folder: str, size: int) -> bool:
    """A file system in memory in the folder's place, gone with the namespace, and no larger than `size` bytes."""
    flags = MS_NOSUID | MS_NODEV
    options = f"size={size},nr_inodes={MOST_FILES},mode=700"
    return libc.mount(b"tmpfs", folder.encode(), b"tmpfs", flags, options.encode()) == 0


def mount_proc() -> bool:
    """/proc of the own processes: the others are not even names any more. Call in the namespace's first process."""
    return libc.mount(b"proc", b"/proc", b"proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, None) == 0


# --- root -----------------------------------------------------------------------------------------

DROP_FROM_BOUNDS, AMBIENT, CLEAR_ALL = 24, 47, 4  # prctl
READ_ALL_FILES = 2  # a capability: Landlock says which files those are; the interpreter may be in a user's own folder
CAPABILITIES_VERSION = 0x20080522


def drop_capabilities() -> None:
    """Give up for good what root may do beyond others; what a user in a namespace of its own may do there, as well."""
    for number in range(64):
        libc.prctl(DROP_FROM_BOUNDS, number, 0, 0, 0)  # fails for those that are not there
    libc.prctl(AMBIENT, CLEAR_ALL, 0, 0, 0)
    kept = 1 << READ_ALL_FILES if os.geteuid() == 0 else 0
    before = ctypes.create_string_buffer(24)
    header = struct.pack("=Ii", CAPABILITIES_VERSION, 0)
    libc.capget(header, before)
    effective, permitted = (word & kept for word in struct.unpack_from("=II", before.raw))
    if libc.capset(header, struct.pack("=IIIIII", effective, permitted, 0, 0, 0, 0)) != 0:
        raise OSError(ctypes.get_errno(), "capset")


def may_become(user: int, paths: Iterable[str]) -> bool:
    """Whether this process may turn into another user, and that one may read these; tried in a child."""

    def tried() -> bool:
        existing = [path for path in paths if os.path.exists(path)]
        become(user)
        return all(map(_is_readable, existing))

    return _in_a_child(tried)


def may_read_apart(paths: Iterable[str]) -> bool:
    """Whether root can read these in namespaces of its own, too, where it is nobody to the files of other users."""

    def tried() -> bool:
        existing = [path for path in paths if os.path.exists(path)]
        return unshare() and all(map(_is_readable, existing))

    return _in_a_child(tried)


def _is_readable(path: str) -> bool:
    return os.access(path, os.R_OK | (os.X_OK if os.path.isdir(path) else 0))


def become(user: int) -> None:
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


# --- Landlock -------------------------------------------------------------------------------------

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same on every architecture
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
TRUNCATE, IOCTL_DEVICE = 1 << 14, 1 << 15
MAKE_CHARACTER_DEVICE, MAKE_BLOCK_DEVICE = 1 << 6, 1 << 11
ON_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEVICE
BIND_AND_CONNECT_TCP = 3
ABSTRACT_SOCKETS_AND_SIGNALS = 3
RIGHTS_OF_VERSION = {1: 13, 2: 14, 3: 15, 4: 15}  # later ones have 16


def landlock_version() -> int:
    """0 where the kernel has no Landlock."""
    return max(0, libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint(1)))


def landlock(readable: Iterable[str], writable: Iterable[str], *, signals: bool = False) -> None:
    """From now on only these files and folders can be opened, and no TCP connection.

    signals: whether processes that are not confined with this one may still be sent any.
    """
    version = landlock_version()
    if not version:
        return
    files = (1 << RIGHTS_OF_VERSION.get(version, 16)) - 1
    attributes = struct.pack(
        "=QQQ",
        files,
        BIND_AND_CONNECT_TCP if version >= 4 else 0,
        ABSTRACT_SOCKETS_AND_SIGNALS if version >= 6 and not signals else 0,
    )
    attributes = attributes[: 24 if version >= 6 else 16 if version >= 4 else 8]
    rules = _system_call(CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint(0))
    writing = files & ~(EXECUTE | MAKE_CHARACTER_DEVICE | MAKE_BLOCK_DEVICE | IOCTL_DEVICE)
    for paths, rights in ((readable, EXECUTE | READ_FILE | READ_DIR), (writable, writing)):
        for path in paths:
            try:
                place = os.open(path, os.O_PATH | os.O_CLOEXEC)
            except FileNotFoundError:
                continue
            allowed = rights & files & (-1 if os.path.isdir(path) else ON_FILES)
            _system_call(ADD_RULE, rules, 1, struct.pack("=Qi", allowed, place), ctypes.c_uint(0))
            os.close(place)
    libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0)
    _system_call(RESTRICT_SELF, rules, ctypes.c_uint(0))
    os.close(rules)


def _system_call(number: int, *arguments: object) -> int:
    result: int = libc.syscall(ctypes.c_long(number), *arguments)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


# --- seccomp --------------------------------------------------------------------------------------

# What no notebook needs and what has opened sandboxes before: x86-64 and arm64 numbers. Landlock knows nothing of
# modes, owners and attributes, and the older ones nothing of truncate() and of signals: they are refused here.
REFUSED: dict[str, tuple[int | None, int | None]] = {
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "pidfd_getfd": (438, 438), "pidfd_open": (434, 434), "pidfd_send_signal": (424, 424),
    "kexec_load": (246, 104), "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "setns": (308, 268),
    "unshare": (272, 97), "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "add_key": (248, 217), "request_key": (249, 218),
    "keyctl": (250, 219), "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "quotactl": (179, 60),
    "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225), "acct": (163, 89), "syslog": (103, 116),
    "settimeofday": (164, 170), "clock_settime": (227, 112), "adjtimex": (159, 171), "sethostname": (170, 161),
    "vmsplice": (278, 75), "memfd_secret": (447, 447), "shmget": (29, 194), "msgget": (68, 186), "semget": (64, 190),
    "mq_open": (240, 180), "personality": (135, 92), "connect": (42, 203), "sendto": (44, 206), "sendmsg": (46, 211),
    "bind": (49, 200), "listen": (50, 201), "fork": (57, None), "vfork": (58, None), "execve": (59, 221),
    "execveat": (322, 281), "sendmmsg": (307, 269), "kill": (62, 129), "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240), "chmod": (90, None), "fchmod": (91, 52),
    "fchmodat": (268, 53), "fchmodat2": (452, 452), "chown": (92, None), "fchown": (93, 55), "lchown": (94, None),
    "fchownat": (260, 54), "utime": (132, None), "utimes": (235, None), "futimesat": (261, None),
    "utimensat": (280, 88), "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7),
    "setxattrat": (463, 463), "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16),
    "removexattrat": (466, 466), "file_setattr": (469, 469), "truncate": (76, 45), "memfd_create": (319, 279),
    "inotify_init": (253, None), "inotify_init1": (294, 26), "fanotify_init": (300, 262), "sync": (162, 81),
    "syncfs": (306, 267), "setpriority": (141, 140), "ioprio_set": (251, 30), "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119), "sched_setattr": (314, 274), "sched_setaffinity": (203, 122),
    "shmat": (30, 196), "shmctl": (31, 195), "msgsnd": (69, 189), "msgrcv": (70, 188), "msgctl": (71, 187),
    "semop": (65, 193), "semctl": (66, 191), "semtimedop": (220, 192), "mq_unlink": (241, 181),
    "clock_adjtime": (305, 266), "setdomainname": (171, 162), "iopl": (172, None), "ioperm": (173, None),
    "modify_ldt": (154, None), "vhangup": (153, 58), "kexec_file_load": (320, 294), "quotactl_fd": (443, 443),
    "process_mrelease": (448, 448), "statmount": (457, 457), "listmount": (458, 458), "open_tree_attr": (467, 467),
    "migrate_pages": (256, 238), "move_pages": (279, 239), "process_madvise": (440, 440),
}  # fmt: skip
SOCKET, CLONE, CLONE3 = (41, 198), (56, 220), (435, 435)
TGKILL, PRLIMIT, PRCTL, SOCKETPAIR = (234, 131), (302, 261), (157, 167), (53, 199)
IOCTL, FCNTL, MMAP = (16, 29), (72, 25), (9, 222)
ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
THREAD = 0x10000
TERMINAL_INPUT = 0x5412  # pushes characters into the teacher's terminal
SIGNAL_TO = [0x8901, 0x8902]  # by ioctl: whom the kernel sends a signal when there is something to read …
SIGNAL_TO_BY_FCNTL = [8, 10, 15]  # … and by fcntl, and which signal
LOAD, EQUAL, ANY_BIT, AT_LEAST, RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
ALLOW, KILL, FAIL = 0x7FFF0000, 0x80000000, 0x00050000
CALL, ARCHITECTURE, FIRST, SECOND, FOURTH = 0, 4, 16, 24, 40  # where the kernel puts them
MAP_SHARED, MAP_ANONYMOUS = 1, 0x20


def seccomp() -> bool:
    """Refuse the system calls above, sockets and new processes; False where the machine is not known."""
    if platform.machine() not in ARCHITECTURES:
        return False
    column, architecture = ARCHITECTURES[platform.machine()]
    program: list[tuple[int, int, int, int]] = [
        (LOAD, 0, 0, ARCHITECTURE), (EQUAL, 1, 0, architecture), (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, CALL),
    ]  # fmt: skip
    if column == 0:  # the second table of x86-64 would pass by all that follows
        program += [(AT_LEAST, 0, 1, 0x40000000), (RETURN, 0, 0, FAIL | errno.ENOSYS)]
    # the C library then uses clone, whose flags can be read here
    program += [(EQUAL, 0, 1, CLONE3[column]), (RETURN, 0, 0, FAIL | errno.ENOSYS)]
    for numbers in (*REFUSED.values(), SOCKET):
        if (number := numbers[column]) is not None:
            program += [(EQUAL, 0, 1, number), (RETURN, 0, 0, FAIL | errno.EPERM)]
    program += [
        # threads may be made, processes not
        (EQUAL, 0, 4, CLONE[column]), (LOAD, 0, 0, FIRST), (ANY_BIT, 1, 0, THREAD),
        (RETURN, 0, 0, FAIL | errno.EPERM), (RETURN, 0, 0, ALLOW),
    ]  # fmt: skip
    # Signals and limits are for oneself alone (0 is one's own limits); abort() and raise() send themselves a signal.
    program += only(TGKILL[column], [os.getpid()]) + only(PRLIMIT[column], [0, os.getpid()])
    program += only(SOCKETPAIR[column], [socket.AF_UNIX])
    program += all_but(PRCTL[column], FIRST, [PDEATHSIG])  # with it goes whoever outlives the notebook
    program += all_but(IOCTL[column], SECOND, [TERMINAL_INPUT, *SIGNAL_TO])
    program += all_but(FCNTL[column], SECOND, SIGNAL_TO_BY_FCNTL)
    # Such memory stays when it is mapped nowhere, and so no longer counts as the process's.
    program += [
        (EQUAL, 0, 5, MMAP[column]), (LOAD, 0, 0, FOURTH), (ANY_BIT, 0, 2, MAP_ANONYMOUS), (ANY_BIT, 0, 1, MAP_SHARED),
        (RETURN, 0, 0, FAIL | errno.EPERM), (RETURN, 0, 0, ALLOW),
    ]  # fmt: skip
    program += [(RETURN, 0, 0, ALLOW)]
    code = b"".join(struct.pack("=HBBI", *step) for step in program)
    memory = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("@HP", len(program), ctypes.addressof(memory))
    place = ctypes.create_string_buffer(header, len(header))
    libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.prctl(SECCOMP, 2, ctypes.addressof(place), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "seccomp")
    return True


def only(call: int, values: Sequence[int]) -> list[tuple[int, int, int, int]]:
    """Steps that answer this system call for these values of its first argument alone."""
    steps = [(EQUAL, len(values) - place, 0, value) for place, value in enumerate(values)]
    refuse = (RETURN, 0, 0, FAIL | errno.EPERM)
    return [(EQUAL, 0, len(steps) + 3, call), (LOAD, 0, 0, FIRST), *steps, refuse, (RETURN, 0, 0, ALLOW)]


def all_but(call: int, argument: int, values: Sequence[int]) -> list[tuple[int, int, int, int]]:
    """Steps that answer this system call for all values of the argument but these."""
    steps = [(EQUAL, len(values) - place, 0, value) for place, value in enumerate(values)]
    refuse = (RETURN, 0, 0, FAIL | errno.EPERM)
    return [(EQUAL, 0, len(steps) + 3, call), (LOAD, 0, 0, argument), *steps, (RETURN, 0, 0, ALLOW), refuse]


# --- resources --------------------------------------------------------------------------------------


def limit(limits: Mapping[str, int]) -> None:
    """Set resource limits ("AS": bytes, …) that cannot be raised again."""
    for name, value in limits.items():
        kind = getattr(resource, f"RLIMIT_{name}")
        _, most = resource.getrlimit(kind)
        value = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(kind, (value, value))


def available() -> list[str]:
    """The names of the measures that this system has, strongest first."""
    found = []
    if os.path.exists("/proc/self/ns/user") and _in_a_child(unshare):
        found.append("namespaces")
    if landlock_version():
        found.append(f"landlock {landlock_version()}")
    if platform.machine() in ARCHITECTURES:
        found.append("seccomp")
    return found


def _in_a_child(function: Callable[[], bool]) -> bool:
    """What the function says in a process of its own; False where it fails."""
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if function() else 1)
        except BaseException:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
