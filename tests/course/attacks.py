"""What a kernel could do with the rights of the user who grades, were it not confined; each does no lasting harm here.

Each prints its name, and REACHED or why it failed. What it was after, the tests look at themselves.
"""

import os
import socket
import sys
from pathlib import Path

import ibnotes

TRY = """
def attack():
{code}
    return "REACHED"
try:
    print({name!r}, attack())
except BaseException as error:
    print({name!r}, "failed:", type(error).__name__, error)
"""


def opened(path, how):
    """Code that opens a file, and changes nothing in it."""
    return f"open({str(path)!r}, {how!r}).close()"


def written(path, text):
    return f"open({str(path)!r}, 'w').write({text!r})"


def attacks(root: Path, home: Path, canary: Path, port: int) -> dict[str, str]:
    """By name, the code; ``root`` is the course, ``canary`` a file in the machine's temporary folder."""
    honest = root / "submitted" / "honest" / "ps0" / "small.ipynb"
    packages = next(path for path in sys.path if path.endswith("site-packages"))
    code = {
        "answers read": f"open({str(root / 'grading' / 'answers' / 'ps0.py')!r}).read()",
        "source read": opened(root / "source" / "ps0" / "small.ipynb", "r"),
        "tests read": opened(__file__, "r"),
        "clone read": opened(Path(ibnotes.__file__).parents[1] / "pyproject.toml", "r"),
        "neighbour read": opened(honest, "r"),
        "neighbour spoiled": written(honest, "{}"),
        "neighbour spoiled, graded": written(root / "autograded" / "honest" / "ps0" / "small.ipynb", "{}"),
        "own notebook replaced": "import os; os.remove('small.ipynb'); os.symlink('/etc/passwd', 'small.ipynb')\n"
        "    raise OSError('of a copy')",
        "feedback of others": written(root / "feedback" / "honest" / "ps0" / "small.html", "mine"),
        "gradebook edited": f"import sqlite3\n    gradebook = sqlite3.connect({str(root / 'gradebook.db')!r})\n"
        "    gradebook.execute('update grade set manual_score = 30'); gradebook.commit()",
        "receipt forged": written(root / "receipts" / "honest" / "ps0.json", "{}"),
        "marks rewritten": written(root / "marks.csv", "mine"),
        "grader changed": opened(root / "grading" / "problem.py", "r+"),
        "configuration changed": opened(root / "nbgrader_config.py", "a"),
        "package changed": opened(ibnotes.course.__file__, "r+"),
        "package changed, where it sees it": "import ibnotes\n    open(ibnotes.course.__file__, 'a')",
        "environment changed": opened(Path(packages, "ibnotes-attack.pth"), "w"),
        "interpreter changed": "import os\n    open(os.__file__, 'a')",
        "start-up file": f"import os; os.makedirs({str(home / '.ipython/profile_default/startup')!r}, exist_ok=True)\n"
        f"    open({str(home / '.ipython/profile_default/startup/mine.py')!r}, 'w').write('1 / 0')\n"
        "    raise OSError('in a home of its own')",
        "home read": opened(home / "secret", "r"),
        "passwords": opened("/etc/shadow", "r"),
        "temporary files wiped": f"import os; os.remove({str(canary)!r})",
        "sent to a listener": f"import socket; socket.create_connection(('127.0.0.1', {port}), 2).send(b'answers')\n",
        "sent away": "import socket; socket.create_connection(('1.1.1.1', 53), 2)",
        "grader's environment": "print(open('/proc/1/environ').read()); assert 'IBNOTES_CANARY' in "
        "open('/proc/1/environ').read()",
        "machine's switches": "open('/proc/sys/kernel/core_pattern', 'w')",
        "other processes": "import os; assert [p for p in os.listdir('/proc') if p.isdigit() and b'grading' in "
        "open(f'/proc/{p}/cmdline', 'rb').read() and b'bwrap' not in open(f'/proc/{p}/cmdline', 'rb').read()]\n",
        "a process left": "import subprocess; subprocess.Popen(['sleep', '4242'], start_new_session=True)\n",
        "200 processes left": "import os, time\n    for _ in range(200):\n        if os.fork() == 0:\n"
        "            os.setsid(); time.sleep(4242)",
        "a new namespace": "import ctypes\n    assert ctypes.CDLL(None).unshare(0x10000000) == 0",
        "root written": written("/mine", "mine"),
        "disk filled": "for k in range(1000):\n        open(f'/tmp/{k}', 'wb').write(bytes(2**20))\n",
        "memory shared": "for k in range(1000):\n        open(f'/dev/shm/{k}', 'wb').write(bytes(2**20))\n",
    }
    return {name: TRY.format(name=name, code=f"    {lines}") for name, lines in code.items()}


def listener() -> socket.socket:
    """Waits on loopback for what an attack sends."""
    return socket.create_server(("127.0.0.1", 0))


def left_processes(root: Path) -> list[str]:
    """Command lines of processes that attacks on this course have started and that still run."""
    lines = {int(folder.name): command_line(folder) for folder in Path("/proc").iterdir() if folder.name.isdigit()}
    del lines[os.getpid()]
    kernels = {pid: line for pid, line in lines.items() if "/tmp/kernel/connection.json" in line}
    of_others = [pid for pid in kernels if (wrapped := wrapping(pid)) and str(root) not in wrapped]
    return [line for pid, line in lines.items() if "sleep 4242" in line or (pid in kernels and pid not in of_others)]


def command_line(folder: Path) -> str:
    try:
        return (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:  # it has ended
        return ""


def wrapping(pid: int) -> str:
    """The command line, which names the course, of the bubblewrap that a process is in, or is; empty where none is."""
    while pid > 1:
        folder = Path("/proc", str(pid))
        if (line := command_line(folder)).partition(" ")[0].endswith("bwrap"):
            return line
        try:
            pid = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            return ""
    return ""
