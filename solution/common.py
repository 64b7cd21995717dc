"""What every cell of the notebook takes from its first one: the device and the settings."""

from __future__ import annotations

import ps8

device = ps8.get_device()
cfg = ps8.settings()
