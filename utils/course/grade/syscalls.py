"""A filter of system calls for an answer: runs inside the box, and imports nothing of the course.

The walls are namespaces and limits. What no right answer ever asks of the kernel is refused besides, so that a fault in
one of its less used parts is out of reach, and so is memory that belongs to no process and that no limit counts: a
socket's buffers, semaphores, a queue of messages.

The filter is a program of classic BPF, as the kernel's Documentation/userspace-api/seccomp_filter.rst describes it. The
libraries that write such programs need a shared library of the system, which is not there wherever bubblewrap is.
"""

import ctypes
import errno
import os
import struct

REFUSED = {  # name -> number on x86_64, on aarch64; None where there is none
    "acct": (163, 89), "add_key": (248, 217), "adjtimex": (159, 171), "bpf": (321, 280), "chroot": (161, 51),
    "clock_adjtime": (305, 266), "clock_settime": (227, 112), "delete_module": (176, 106), "fanotify_init": (300, 262),
    "finit_module": (313, 273), "fsconfig": (431, 431), "fsmount": (432, 432), "fsopen": (430, 430),
    "fspick": (433, 433), "init_module": (175, 105), "io_setup": (206, 0), "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427), "io_uring_setup": (425, 425), "ioperm": (173, None), "iopl": (172, None),
    "kcmp": (312, 272), "kexec_file_load": (320, 294), "kexec_load": (246, 104), "keyctl": (250, 219),
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "modify_ldt": (154, None), "mount": (165, 40),
    "mount_setattr": (442, 442), "move_mount": (429, 429), "mq_open": (240, 180), "msgget": (68, 186),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "open_tree": (428, 428),
    "perf_event_open": (298, 241), "personality": (135, 92), "pidfd_getfd": (438, 438), "pivot_root": (155, 41),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "ptrace": (101, 117), "quotactl": (179, 60),
    "quotactl_fd": (443, 443), "reboot": (169, 142), "request_key": (249, 218), "semget": (64, 190),
    "setdomainname": (171, 162), "sethostname": (170, 161), "setns": (308, 268), "settimeofday": (164, 170),
    "shmget": (29, 194), "socket": (41, 198), "socketpair": (53, 199), "swapoff": (168, 225), "swapon": (167, 224),
    "syslog": (103, 116), "umount2": (166, 39), "unshare": (272, 97), "userfaultfd": (323, 282),
}  # fmt: skip
NOT_THERE = {"clone3": (435, 435)}  # its flags lie in memory, where no filter can look; the C library then uses clone
CLONE = (56, 220)
NEW_NAMESPACES = 0x7E020000  # flags of clone
ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column above, AUDIT_ARCH_…
X32 = 0x40000000  # other numbers for the same calls
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # BPF: a word, jumps, the end
NUMBER_AT, ARCHITECTURE_AT, FIRST_ARGUMENT_AT = 0, 4, 16  # in struct seccomp_data; the argument's lower half
ALLOW, KILL, ERROR = 0x7FFF0000, 0x80000000, 0x00050000


def program(machine: str) -> list[tuple[int, int, int, int]]:
    """The filter for a machine as `os.uname` names it: instructions (code, jump if true, if false, operand).

    Raises:
        OSError: its numbers of system calls are not known here.
    """
    if machine not in ARCHITECTURES:
        raise OSError(errno.ENOSYS, f"the box cannot be closed: no list of system calls for {machine}")
    column, architecture = ARCHITECTURES[machine]
    refuse, not_there = (RETURN, 0, 0, ERROR | errno.EPERM), (RETURN, 0, 0, ERROR | errno.ENOSYS)
    steps = [(LOAD, 0, 0, ARCHITECTURE_AT), (EQUAL, 1, 0, architecture), (RETURN, 0, 0, KILL), (LOAD, 0, 0, NUMBER_AT)]
    steps += [(AT_LEAST, 0, 1, X32), refuse]
    for names, answer in ((REFUSED, refuse), (NOT_THERE, not_there)):
        numbers = [numbers[column] for numbers in names.values()]
        steps += [step for n in numbers if n is not None for step in ((EQUAL, 0, 1, n), answer)]
    steps += [(EQUAL, 0, 3, CLONE[column]), (LOAD, 0, 0, FIRST_ARGUMENT_AT), (ANY_BIT, 0, 1, NEW_NAMESPACES), refuse]
    return [*steps, (RETURN, 0, 0, ALLOW)]


def refuse_calls() -> None:
    """Puts the filter on this process and all that it starts, for good. It must have forgone new privileges.

    Raises:
        OSError: it cannot be done here.
    """
    steps = b"".join(struct.pack("=HBBI", *step) for step in program(os.uname().machine))
    kept = ctypes.create_string_buffer(steps, len(steps))
    whole = struct.pack("@HP", len(steps) // 8, ctypes.addressof(kept))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(22, 2, whole, 0, 0) != 0:  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER
        number = ctypes.get_errno()
        raise OSError(number, f"the box cannot be closed, filter of system calls: {os.strerror(number)}")
