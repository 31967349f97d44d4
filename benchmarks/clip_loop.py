"""The loop that people write today: open_clip in eager fp32, Pillow, batches of eight.

It serves as the baseline of `benchmarks.scan`, as found and with oneDNN's matrix kernels in place
of those of torch's BLAS, which on some CPUs run at a fraction of their speed.
"""

from pathlib import Path
from typing import Any

import open_clip
import torch
from PIL import Image
from torch import nn

BATCH = 8


class OneDnnLinear(nn.Module):
    """`nn.Linear` with oneDNN's packed weights instead of the BLAS that torch was built with."""

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor) -> None:
        super().__init__()
        self.packed = torch.ops.mkldnn._reorder_linear_weight(weight.detach(), None)
        self.bias = bias.detach()

    def forward(self, x: torch.Tensor) -> Any:
        """[..., in] -> [..., out], float32."""
        return torch.ops.mkldnn._linear_pointwise(x, self.packed, self.bias, "none", [], "")


class OneDnnAttention(nn.Module):
    """`nn.MultiheadAttention` (batch first, self-attention) on `OneDnnLinear`."""

    def __init__(self, attention: nn.MultiheadAttention) -> None:
        super().__init__()
        self.heads = attention.num_heads
        self.qkv = OneDnnLinear(attention.in_proj_weight, attention.in_proj_bias)
        self.out = OneDnnLinear(attention.out_proj.weight, attention.out_proj.bias)

    def forward(self, x: torch.Tensor, *_: Any, **__: Any) -> tuple[torch.Tensor, None]:
        """[N, T, C] -> ([N, T, C], None)."""
        n, t, c = x.shape
        q, k, v = self.qkv(x).view(n, t, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4)
        mixed = nn.functional.scaled_dot_product_attention(q, k, v)
        return self.out(mixed.transpose(1, 2).reshape(n, t, c)), None


def use_onednn(model: nn.Module) -> nn.Module:
    """Replace every linear map of a vision transformer by its oneDNN form, in place."""
    for name, child in model.named_children():
        if isinstance(child, nn.MultiheadAttention):
            setattr(model, name, OneDnnAttention(child))
        elif isinstance(child, nn.Linear):
            setattr(model, name, OneDnnLinear(child.weight, child.bias))
        else:
            use_onednn(child)
    return model


class ClipLoop:
    """Open, preprocess, encode, eight at a time. The weights are random: speed does not know."""

    def __init__(self, *, threads: int, onednn: bool) -> None:
        torch.set_num_threads(threads)
        model, _, self.preprocess = open_clip.create_model_and_transforms(
            "ViT-B-16-quickgelu", pretrained=None
        )
        self.visual = model.visual.eval()
        if onednn:
            self._use_checked_onednn()

    def _use_checked_onednn(self) -> None:
        probe = torch.randn(2, 3, 224, 224, generator=torch.Generator().manual_seed(0))
        with torch.inference_mode():
            before = self.visual(probe)
            use_onednn(self.visual)
            torch.testing.assert_close(self.visual(probe), before, rtol=1e-3, atol=1e-4)

    def scan(self, folder: Path) -> int:
        """Embed every JPEG of a folder; returns how many."""
        paths = sorted(folder.rglob("*.jpg"))
        with torch.inference_mode():
            for start in range(0, len(paths), BATCH):
                views = [self.preprocess(Image.open(p)) for p in paths[start : start + BATCH]]
                nn.functional.normalize(self.visual(torch.stack(views)), dim=-1).numpy()
        return len(paths)
