"""Where an encoder may compute."""

import re

from models.errors import DeviceUnavailable

CPU = "cpu"
"""The device of OpenVINO; the others are PyTorch's."""

_NAME = re.compile(r"cpu|cuda(:\d{1,3})?", re.ASCII)


def known_device(name: str) -> str:
    """The name, where there may be a device that is called so: `cpu`, `cuda` or `cuda:1`.

    Raises:
        ValueError: There can be none.
    """
    if _NAME.fullmatch(name) is None:
        raise ValueError("cpu, or a GPU as PyTorch counts them: cuda, cuda:1, ...")
    return name


def require_gpu(name: str) -> None:
    """Check that PyTorch finds a GPU.

    Args:
        name: As `known_device` gives it, and not the CPU.

    Raises:
        DeviceUnavailable: It does not.
    """
    import torch  # only here: it is slow to load, and an extra

    found = torch.cuda.device_count()
    if (torch.device(name).index or 0) < found:
        return
    choice = ", ".join(f"cuda:{i}" for i in range(found))
    raise DeviceUnavailable(
        f"PyTorch finds no GPU {name} on this machine: "
        + (f"choose one of {choice}" if found else "it finds none, so take `cpu`")
    )
