"""A kernel in bubblewrap: it sees the system, Python, and a copy of one submission; nothing that it writes outlives it.

No folder of the machine can be written, not even the one of the kernel's sockets: the grader reaches them through
``/proc``. There is no network, no other process to see, and none can be started; so the limit on the kernel's memory
is one on all that it does.
"""

import errno
import functools
import json
import os
import platform
import queue
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import matplotlib
import zmq
from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager

import ibnotes
from ibnotes.course import INPUTS as INPUTS_VARIABLE

UNCONFINED = "IBNOTES_UNCONFINED"  # the environment variable by which `nbgrader_config.py` knows
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store")
SYSTEM += ("/etc/alternatives", "/etc/fonts", "/etc/ld.so.cache", "/etc/localtime")
POLL = 5  # milliseconds between two looks whether the kernel is there, or gone; Jupyter's are 100
HERE = Path(__file__).resolve().parent.parent
HOME, WORK, SOCKETS, PACKAGES = "/tmp/home", "/tmp/work", "/tmp/kernel", "/packages"  # inside
CONNECTION, HANDED_IN, INPUTS = f"{SOCKETS}/connection.json", "/handed-in", "/inputs.json"
START = f"""
import gc, runpy, shutil, sys
gc.set_threshold(10_000, 20, 20)  # at 700 objects, a sixth of what torch takes to import is a search for garbage
sys.modules["debugpy"] = None  # nobody debugs here, and to import it takes a quarter of the start
shutil.copytree({HANDED_IN!r}, ".", dirs_exist_ok=True)
runpy.run_module("ipykernel_launcher", run_name="__main__", alter_sys=True)
"""


ENVIRONMENT = {
    "PATH": f"{sys.prefix}/bin:/usr/bin:/bin",
    "HOME": HOME,
    "USER": "student",
    "LANG": "C.UTF-8",
    "PYTHONPATH": PACKAGES,
    "PYTHONDONTWRITEBYTECODE": "1",
    "MPLCONFIGDIR": f"{HOME}/matplotlib",
    INPUTS_VARIABLE: INPUTS,
}


def bubblewrap(shown: dict[str, str], disk: int, command: list[str]) -> list[str]:
    """The command, confined.

    Args:
        shown: files and folders of the machine that it can read besides system and Python, and where it sees them.
        disk: bytes that it may write, in memory, into its temporary folder and into shared memory.
    """
    places = {path: ("--ro-bind-try", path, path) for path in (*SYSTEM, *pythons())}
    places |= {path: ("--size", "4096", "--tmpfs", path) for path in hidden()}
    shown = {**shown, str(Path(ibnotes.__file__).parent): f"{PACKAGES}/ibnotes"}
    shown |= {str(fonts): f"{HOME}/matplotlib/{fonts.name}" for fonts in font_lists()}
    options = [
        ("--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session"),
        ("--uid", "1000", "--gid", "1000", "--hostname", "grader", "--cap-drop", "ALL"),
        ("--unsetenv", "JPY_PARENT_PID"),  # a kernel whose parent has number 1 would think it dead
        (
            "--proc",
            "/proc",
            "--remount-ro",
            "/proc",
            "--dev",
            "/dev",
            "--size",
            str(disk),
            "--tmpfs",
            "/dev/shm",
            "--remount-ro",
            "/dev",
        ),
        ("--size", str(disk), "--tmpfs", "/tmp", *(word for path in (HOME, WORK, SOCKETS) for word in ("--dir", path))),
        *(places[path] for path in sorted(places)),  # a folder before what lies in it
        *(("--ro-bind", path, where) for path, where in shown.items()),
        *(("--remount-ro", path) for path in ("/", *hidden())),
        ("--chdir", WORK),
    ]
    return [shutil.which("bwrap"), *(word for option in options for word in option), *command]


def pythons() -> Iterator[str]:
    """Folders of the Python that runs this, and of its packages."""
    yield from {sys.base_prefix, sys.prefix} - {"/"}
    yield from (path for path in sys.path if Path(path).name in {"site-packages", "dist-packages"})


def hidden() -> Iterator[str]:
    """Folders that must not be seen even where they lie in one that is: this course, and the clone that it is in."""
    yield str(HERE)
    yield from (str(folder) for folder in HERE.parents if (folder / ".git").exists())


def font_lists() -> Iterable[Path]:
    """What Matplotlib would otherwise take a second to make anew."""
    return Path(matplotlib.get_cachedir()).glob("fontlist-*.json")


@functools.cache
def missing() -> str:
    """Why kernels cannot be confined here, found by trying; empty where they can."""
    if not shutil.which("bwrap"):
        return "bubblewrap (bwrap) is not installed"
    with filtered() as rules:
        trial = bubblewrap({}, 2**20, [sys.executable, "-c", ""])
        trial[1:1] = ["--seccomp", str(rules.fileno())]
        tried = subprocess.run(
            trial, env=ENVIRONMENT, capture_output=True, text=True, pass_fds=[rules.fileno()], check=False
        )
    return f"bubblewrap does not work here ({tried.stderr.strip()[-200:]})" if tried.returncode else ""


def filtered():
    """An open file with the rules for the kernel's system calls."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 (for its user to close)
    file.write(no_new_processes())
    file.seek(0)
    return file


def no_new_processes() -> bytes:
    """A seccomp filter (classic BPF) that lets threads be made and no processes; empty on an unknown machine."""
    known = {
        "x86_64": (0xC000003E, 56, (57, 58)),
        "aarch64": (0xC00000B7, 220, ()),
    }  # AUDIT_ARCH, clone, fork and vfork
    if platform.machine() not in known:
        return b""
    architecture, clone, forks = known[platform.machine()]
    load, equal, at_least, any_bit, end = 0x20, 0x15, 0x35, 0x45, 0x06
    kill, allow, refuse = 0x80000000, 0x7FFF0000, 0x00050000
    number, its_architecture, flags, thread, clone3, x32 = 0, 4, 16, 0x10000, 435, 0x40000000
    lines = [
        (load, 0, 0, its_architecture),
        (equal, 1, 0, architecture),
        (end, 0, 0, kill),
        (load, 0, 0, number),
        (at_least, 0, 1, x32),
        (end, 0, 0, kill),
        (equal, 0, 1, clone3),
        (end, 0, 0, refuse | errno.ENOSYS),  # its flags lie in memory; libc then takes `clone`
        *(line for fork in forks for line in ((equal, 0, 1, fork), (end, 0, 0, refuse | errno.EPERM))),
        (equal, 1, 0, clone),
        (end, 0, 0, allow),
        (load, 0, 0, flags),
        (any_bit, 1, 0, thread),
        (end, 0, 0, refuse | errno.EPERM),
        (end, 0, 0, allow),
    ]
    return b"".join(struct.pack("HBBI", *line) for line in lines)


def limits(memory: int, file_size: int) -> Callable[[], None]:
    """What sets a process's own limits; bytes of its address space, and of the largest file that it may write."""
    most = {resource.RLIMIT_AS: memory, resource.RLIMIT_FSIZE: file_size, resource.RLIMIT_CORE: 0}
    return lambda: [resource.setrlimit(which, (value, value)) for which, value in most.items()]


class Client(AsyncKernelClient):
    """Goes on as soon as its kernel has answered; jupyter_client's then listens for .2 s whether there is more."""

    async def wait_for_ready(self, timeout: float) -> None:
        end = time.monotonic() + timeout
        while True:
            self.kernel_info()
            try:
                await self.shell_channel.get_msg(timeout=1)
                return await self.iopub_channel.get_msg(timeout=0.2)  # this channel is connected as well
            except queue.Empty:
                if time.monotonic() > end or not await self.is_alive():
                    raise RuntimeError("the kernel did not start") from None


class ConfinedKernel(AsyncKernelManager):
    """Starts its kernel in bubblewrap. The folder in which it should work is copied for it."""

    def __init__(self, **traits) -> None:
        super().__init__(transport="ipc", client_factory=Client, **traits)
        self.context.setsockopt(zmq.RECONNECT_IVL, POLL)  # until the kernel has made its sockets
        self.ip = f"{SOCKETS}/socket"  # as the kernel sees it
        self.kernel_spec.interrupt_mode = "message"  # a signal would end bubblewrap

    def confine(self, inputs: str, variables: dict[str, str], limit: Callable[[], None], disk: int) -> None:
        """Say what the kernel may read and write; ``inputs`` is a file, ``disk`` a number of bytes."""
        self.inputs, self.variables, self.limit, self.disk = inputs, variables, limit, disk

    async def _async_wait(self, pollinterval: float = POLL / 1000) -> None:
        await super()._async_wait(pollinterval)

    async def _async_launch_kernel(self, kernel_cmd: list[str], cwd: str, **options) -> None:
        shown = {self.connection_file: CONNECTION, self.inputs: INPUTS, cwd: HANDED_IN}
        python = [sys.executable, "-c", START, "-f", CONNECTION, "--HistoryManager.hist_file=:memory:"]
        told, tell = os.pipe()
        with filtered() as rules, os.fdopen(told) as information:
            command = bubblewrap(shown, self.disk, python)
            command[1:1] = ["--seccomp", str(rules.fileno()), "--info-fd", str(tell)]
            options |= {
                "env": ENVIRONMENT | self.variables,
                "pass_fds": [rules.fileno(), tell],
                "preexec_fn": self.limit,
            }
            await super()._async_launch_kernel(command, **options)
            os.close(tell)
            self.ip = f"/proc/{json.load(information)['child-pid']}/root{self.ip}"
