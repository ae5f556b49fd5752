"""The filter of system calls: what no answer needs is refused, what programs need is not. Run as the kernel runs it."""

import ctypes
import errno
import os
import platform
import struct
import sys

import pytest

from utils.course.grade.syscalls import (
    ALLOW,
    ANY_BIT,
    ARCHITECTURES,
    AT_LEAST,
    CLONE,
    EQUAL,
    ERROR,
    KILL,
    LOAD,
    NEW_NAMESPACES,
    NOT_THERE,
    REFUSED,
    RETURN,
    X32,
    program,
    refuse_calls,
)

NEEDED = {"x86_64": {"read": 0, "openat": 257, "mmap": 9, "futex": 202, "exit_group": 231, "fork": 57, "prctl": 157},
          "aarch64": {"read": 63, "openat": 56, "mmap": 222, "futex": 98, "exit_group": 94, "prctl": 167}}  # fmt: skip
REFUSE = ERROR | errno.EPERM


def verdict(machine, number, first=0, architecture=None):
    """What the filter says of a call: its program, run step by step."""
    data = struct.pack("=IIQ", number, architecture or ARCHITECTURES[machine][1], 0) + struct.pack("=QQ", first, 0)
    steps, at, word = program(machine), 0, 0
    while True:
        code, yes, no, operand = steps[at]
        at += 1
        if code == RETURN:
            return operand
        if code == LOAD:
            (word,) = struct.unpack_from("=I", data, operand)
        else:
            holds = {EQUAL: word == operand, AT_LEAST: word >= operand, ANY_BIT: bool(word & operand)}[code]
            at += yes if holds else no


@pytest.mark.parametrize("machine", list(ARCHITECTURES))
def test_every_call_gets_its_verdict(machine):
    column = ARCHITECTURES[machine][0]
    for name, numbers in REFUSED.items():
        if numbers[column] is not None:
            assert verdict(machine, numbers[column]) == REFUSE, name
    for name, number in NEEDED[machine].items():
        assert verdict(machine, number, first=1) == ALLOW, name
    assert verdict(machine, NOT_THERE["clone3"][column]) == ERROR | errno.ENOSYS
    for family in (0, 1, 2, 10, 16, 17, 38, 40):
        assert verdict(machine, REFUSED["socket"][column], family) == REFUSE, family
    threads = 0x3D0F00  # what the C library starts a thread with
    assert verdict(machine, CLONE[column], threads) == ALLOW and verdict(machine, CLONE[column], 17) == ALLOW
    for bit in range(32):
        if NEW_NAMESPACES >> bit & 1:
            assert verdict(machine, CLONE[column], 1 << bit | threads) == REFUSE, bit
    assert verdict(machine, 0, architecture=0x40000003) == KILL  # 32 bits: other numbers
    assert verdict(machine, X32 + 1) == REFUSE


def test_a_machine_that_is_not_known_is_told():
    with pytest.raises(OSError, match="no list of system calls for riscv64"):
        program("riscv64")


@pytest.mark.skipif(sys.platform != "linux" or platform.machine() not in ARCHITECTURES, reason="a filter is Linux's")
def test_the_kernel_takes_it():
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:  # what happens here must not leave this process
        said = "no filter"
        try:
            libc = ctypes.CDLL(None, use_errno=True)
            libc.prctl(38, 1, 0, 0, 0)
            refuse_calls()
            number = REFUSED["memfd_create"][ARCHITECTURES[platform.machine()][0]]
            said = f"{libc.syscall(number, b'x', 0)} {errno.errorcode[ctypes.get_errno()]} {os.getpid() > 0}"
        except BaseException as error:  # noqa: B036
            said = repr(error)
        finally:
            os.write(writing, said.encode())
            os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading) as file:
        assert file.read() == "-1 EPERM True"
