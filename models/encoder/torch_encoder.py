"""The encoder on any torch device: open_clip's own network.

In float32 as it stands it is slow and obvious, and defines what is right. Compiled, in fp16, it is
the fast one of a GPU.
"""

import numpy as np
import torch
from open_clip.transformer import QuickGELU, VisionTransformer

from models.encoder.features import Features, Views
from models.encoder.precision import Precision
from models.encoder.shapes import check_views, empty_arrays
from models.encoder.spec import SPEC, EncoderSpec
from models.encoder.weights import Tensors, dequantised

BATCH = 64
"""Views per pass: bounds the memory, whatever the caller passes in."""


class TorchEncoder:
    """CLIP ViT-B/16 as open_clip defines it. Safe to call from several threads.

    Attributes:
        id: See `models.encoder.features.Encoder`.
        size: Side of a view in pixels.
        precision: What it computes in.
    """

    def __init__(
        self,
        tensors: Tensors,
        *,
        device: str = "cpu",
        precision: Precision = Precision.FP32,
        compiler: str | None = None,
        spec: EncoderSpec = SPEC,
    ) -> None:
        """Build open_clip's `ViT-B-16-quickgelu` image tower and load the weights, strictly.

        Args:
            tensors: The prepared weights (`models.encoder.weights.load_weights`).
            device: A torch device, such as `cpu` or `cuda:0`.
            precision: fp32 or fp16. Not bf16, which rounds eight times as coarsely: embeddings have
                a cosine of 0.997 to those of float32 in it, and of 0.9996 in fp16.
            compiler: Backend of `torch.compile`, such as `inductor`; None to run as it stands.
            spec: Of the encoder.
        """
        self.id = spec.float_id
        self.precision = precision
        self.size = spec.size
        self._spec = spec
        network = VisionTransformer(
            image_size=spec.size,
            patch_size=spec.patch,
            width=spec.width,
            layers=spec.blocks,
            heads=spec.heads,
            mlp_ratio=4.0,
            output_dim=spec.embedding,
            act_layer=QuickGELU,
        )
        network.load_state_dict(
            {name: torch.from_numpy(value) for name, value in dequantised(tensors)}, strict=True
        )
        self._device = torch.device(device)
        self._type = torch.float16 if precision is Precision.FP16 else torch.float32
        self._network = network.eval().to(self._device, self._type)
        self._mean = torch.tensor(spec.mean, device=self._device)
        self._std = torch.tensor(spec.deviation, device=self._device)
        # Batches have every length: one graph for all of them instead of one for each.
        self._forward = (
            self._outputs
            if compiler is None
            else torch.compile(self._outputs, backend=compiler, dynamic=True)
        )

    def encode(self, views: Views) -> Features:
        """Encode views; see `models.encoder.features.Encoder`.

        Raises:
            ValueError: The views have another shape or type.
        """
        check_views(views, self.size)
        arrays = empty_arrays(len(views), self._spec)
        for start in range(0, len(views), BATCH):
            rows = slice(start, start + BATCH)
            for array, column in zip(arrays.values(), self._encode(views[rows]), strict=True):
                array[rows] = column.cpu().numpy()
        return Features(**arrays, encoder=self.id)

    @torch.inference_mode()
    def _encode(self, views: Views) -> tuple[torch.Tensor, ...]:
        pixels = torch.from_numpy(np.ascontiguousarray(views))
        if self._device.type == "cuda":  # which then copies straight from this memory
            pixels = pixels.pin_memory()
        found: tuple[torch.Tensor, ...] = self._forward(pixels.to(self._device, non_blocking=True))
        return found

    def _outputs(self, pixels: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """The arrays of `Features`, in order, of uint8 [N, size, size, 3]."""
        pixels = ((pixels / 255 - self._mean) / self._std).permute(0, 3, 1, 2).to(self._type)
        # Per block: the class token [N, 1, C], and the patch tokens [N, P, C].
        out = self._network.forward_intermediates(
            pixels, indices=self._spec.blocks, output_fmt="NLC", output_extra_tokens=True
        )
        classes = out["image_intermediates_prefix"]
        patches = [
            out["image_intermediates"][number - 1].float() for number in self._spec.patch_blocks
        ]
        return (
            torch.nn.functional.normalize(out["image_features"].float(), dim=-1),
            torch.cat(classes, dim=1).float(),
            torch.stack([tokens.mean(dim=1) for tokens in patches], dim=1),
            torch.stack([tokens.std(dim=1, correction=0) for tokens in patches], dim=1),
            out["image_intermediates"][self._spec.token_block - 1].to(torch.float16),
        )
