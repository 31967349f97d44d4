"""The reference encoder: open_clip's own network in eager float32, on any torch device."""

import numpy as np
import torch
from open_clip.transformer import QuickGELU, VisionTransformer

from models.encoder.features import Features, Views
from models.encoder.shapes import check_views, empty_arrays
from models.encoder.spec import SPEC, EncoderSpec
from models.encoder.weights import Tensors, dequantised

BATCH = 16
"""Views per pass: bounds the memory, whatever the caller passes in."""


class TorchEncoder:
    """CLIP ViT-B/16 as open_clip defines it: slow and obvious, and what defines right."""

    def __init__(self, tensors: Tensors, *, device: str = "cpu", spec: EncoderSpec = SPEC) -> None:
        """Build open_clip's `ViT-B-16-quickgelu` image tower and load the weights, strictly.

        Args:
            tensors: The prepared weights (`models.encoder.weights.load_weights`).
            device: A torch device, such as `cpu` or `cuda:0`.
            spec: Of the encoder.
        """
        self.id = spec.float_id
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
        self._network = network.eval().to(device)
        self._device = device
        self._mean = torch.tensor(spec.mean, device=device)
        self._std = torch.tensor(spec.deviation, device=device)

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
        pixels = torch.from_numpy(np.ascontiguousarray(views)).to(self._device) / 255
        pixels = ((pixels - self._mean) / self._std).permute(0, 3, 1, 2)
        # Per block: the class token [N, 1, C], and the patch tokens [N, P, C].
        out = self._network.forward_intermediates(
            pixels, indices=self._spec.blocks, output_fmt="NLC", output_extra_tokens=True
        )
        classes = out["image_intermediates_prefix"]
        patches = [out["image_intermediates"][number - 1] for number in self._spec.patch_blocks]
        return (
            torch.nn.functional.normalize(out["image_features"], dim=-1),
            torch.cat(classes, dim=1),
            torch.stack([tokens.mean(dim=1) for tokens in patches], dim=1),
            torch.stack([tokens.std(dim=1, correction=0) for tokens in patches], dim=1),
            out["image_intermediates"][self._spec.token_block - 1].to(torch.float16),
        )
