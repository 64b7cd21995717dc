"""The environment variables of a kernel, and where the host keeps its files."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from nbjudge.jail import mounts
from nbjudge.jail.inside import view
from nbjudge.jail.policy import JailSettings


def base_env(settings: JailSettings) -> dict[str, str]:
    """The whole environment of a kernel; nothing of the instructor's."""
    env = {
        "HOME": view.HOME,
        "USER": "student",
        "LOGNAME": "student",
        "SHELL": "/bin/sh",
        "TERM": "xterm",
        "LANG": "C.UTF-8",
        "PATH": f"{os.path.join(sys.prefix, 'bin')}:/usr/bin:/bin",
        "PYTHONPATH": python_path(view.PACKAGES),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "1",
        "PYTHONUNBUFFERED": "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "NBJUDGE_EXCHANGE": "/exchange",
        "JUPYTER_PLATFORM_DIRS": "1",
        "IPYTHONDIR": f"{view.HOME}/.ipython",
    }
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"):
        env[name] = "1"  # a process with threads cannot be forked safely; submissions run side by side instead
    if settings.data_variable and settings.data is not None and settings.data.is_dir():
        env[settings.data_variable] = mounts.DATA
    return {**env, **settings.env}


def python_path(packages: str) -> str:
    """What Python in a kernel searches before what is installed: the packages, and site folders that it would skip."""
    return ":".join([packages, *(str(path) for path in mounts.python_places() if mounts.is_user_site(path))])


def short_folder() -> Path:
    """A folder whose sockets' paths fit in the 107 bytes that a Unix socket's address may have."""
    return Path(tempfile.gettempdir() if len(tempfile.gettempdir()) < 60 else "/tmp")
