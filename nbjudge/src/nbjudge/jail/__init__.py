"""The jail that student code runs in, and the kernels in it.

Start at `kernel_manager_class`: a kernel manager for nbclient. `findings` says what this machine offers.
"""

from __future__ import annotations

from nbjudge.jail.exchange import BadEvidenceFile, Exchange
from nbjudge.jail.manager import JailKernelManager, kernel_manager_class
from nbjudge.jail.policy import JailSettings, JailUnavailable, Limits
from nbjudge.jail.provisioner import JailProvisioner
from nbjudge.jail.requirements import MachineCheck, findings, reasons_unavailable
from nbjudge.jail.zygote_host import close_all, warm_up

__all__ = [
    "BadEvidenceFile",
    "Exchange",
    "JailKernelManager",
    "JailProvisioner",
    "JailSettings",
    "JailUnavailable",
    "Limits",
    "MachineCheck",
    "close_all",
    "findings",
    "kernel_manager_class",
    "reasons_unavailable",
    "warm_up",
]
