"""A JupyterHub on this machine alone, to try the course on: log in as ``instructor``, or as any student.

Not for students whom you do not know: whoever can reach it is whom he says, and all servers run in your account, so
that a student's terminal reads the answers. A hub of yours keeps its own authenticator and spawner, and takes from here
what `book/teaching.md` says. The hub's own files, the exchange, and the homes are in the folder that it is started in.
"""

import os
import sys
from pathlib import Path

import jupyterhub

HERE = Path(__file__).resolve().parent
COURSE = HERE.parent
PACKAGES = Path(jupyterhub.__file__).resolve().parents[1]
INSTRUCTOR = "instructor"

c = get_config()  # noqa: F821 (given by traitlets)


def furnish(spawner) -> None:
    """The instructor's server opens Formgrader on the course; a student's, an empty home, and has no Formgrader."""
    teaches = spawner.user.name == INSTRUCTOR
    spawner.notebook_dir, spawner.default_url = (str(COURSE), "/formgrader") if teaches else ("", "/lab")
    spawner.environment["JUPYTER_CONFIG_PATH"] = str(COURSE if teaches else HERE / "student")


exchange = Path("exchange").resolve()
exchange.mkdir(exist_ok=True)
exchange.chmod(0o777)

c.JupyterHub.bind_url = "http://127.0.0.1:8000"
c.JupyterHub.authenticator_class = "dummy"
c.JupyterHub.spawner_class = "simple"
c.ConfigurableHTTPProxy.command = [str(PACKAGES / "node_modules" / ".bin" / "configurable-http-proxy")]

c.SimpleLocalProcessSpawner.home_dir_template = f"{Path('homes').resolve()}/{{username}}"
c.Spawner.pre_spawn_hook = furnish
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
c.Spawner.args = ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
c.Spawner.args += ["--allow-root"] if os.geteuid() == 0 else []  # a container, in which it is tried
c.Spawner.environment = {"NBGRADER_EXCHANGE": str(exchange)}
