"""What PS8's kernels have in the jail: the student kit, the collector, the data; imported once, in the warm parent."""

from __future__ import annotations

from nbjudge.jail import JailSettings

from autograder.paths import COLLECTOR, COURSE, DATA, KIT, ROOT, SOLUTION

_WARMUP = "autograder.collector.torch_warmup"
PRELOAD = (
    "torch",
    "torch.utils.data",
    "torchvision",
    "torchvision.transforms",
    "skimage",
    "skimage.color",
    "numpy",
    "matplotlib",
    "tqdm",
    "safetensors.numpy",
    "IPython",
    "nbjudge_inside.warmup:shell",
    "matplotlib_inline.backend_inline",
    "ps8",
    "nbjudge_inside.plain_collector",
    "autograder.collector.inkernel",
    f"{_WARMUP}:torch_layers",
    f"{_WARMUP}:lab_colors",
    "nbjudge_inside.warmup:figures",
)


def ps8_settings() -> JailSettings:
    """What the jails of PS8 have in common, before `course.toml` chooses otherwise."""
    return JailSettings(
        packages={"ps8": KIT, "autograder.collector": COLLECTOR},
        collector="autograder.collector.inkernel",
        data=DATA,
        data_variable="PS8_DATA",
        secret=(SOLUTION, COURSE, ROOT),
        env={"PS8_PROFILE": "grade"},
        preload=PRELOAD,
    )
