"""The jail that student code runs in, and the kernels in it.

Start at `kernel_manager_class`: a kernel manager for nbclient. `findings` says what this machine offers.
"""

from __future__ import annotations

from nbjudge.jail.exchange import BadEvidence, Exchange
from nbjudge.jail.manager import JailKernelManager, kernel_manager_class
from nbjudge.jail.policy import JailUnavailable, Limits, Settings
from nbjudge.jail.provisioner import JailProvisioner
from nbjudge.jail.requirements import Finding, findings, reasons_unavailable
from nbjudge.jail.zygote_host import close_all, warm_up

__all__ = [
    "BadEvidence",
    "Exchange",
    "Finding",
    "JailKernelManager",
    "JailProvisioner",
    "JailUnavailable",
    "Limits",
    "Settings",
    "close_all",
    "findings",
    "kernel_manager_class",
    "reasons_unavailable",
    "warm_up",
]
