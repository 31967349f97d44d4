"""The encoder on CPUs, with OpenVINO."""

from collections.abc import Mapping
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.encoder.features import Features, Views
from models.encoder.int8 import GROUP, Calibration, load_calibration, quantise
from models.encoder.openvino_graph import Graph
from models.encoder.openvino_runtime import ov
from models.encoder.precision import Precision
from models.encoder.shapes import check_views, empty_arrays
from models.encoder.spec import SPEC, EncoderSpec
from models.encoder.weights import Tensors
from models.errors import PrecisionUnavailable

BATCH = 4
"""Views per inference: bounds the memory, whatever the caller passes in."""


class OpenVinoEncoder:
    """CLIP ViT-B/16 on a CPU. Safe to call from several threads; the calls take turns.

    Attributes:
        id: See `models.encoder.features.Encoder`.
        size: Side of a view in pixels.
        precision: What it computes in.
    """

    def __init__(
        self,
        tensors: Tensors,
        precision: Precision = Precision.FP32,
        *,
        threads: int | None = None,
        calibration: Calibration | None = None,
        spec: EncoderSpec = SPEC,
    ) -> None:
        """Build and compile the graph.

        Args:
            tensors: The prepared weights (`models.encoder.weights.load_weights`).
            precision: What the matrix multiplications compute in.
            threads: CPU threads; None for OpenVINO's own choice.
            calibration: Of int8; None for the one that comes with the product.
            spec: Of the encoder.

        Raises:
            EncoderDamaged: The calibration cannot be read.
            PrecisionUnavailable: OpenVINO has no way to compute in it on this CPU.
        """
        config: dict[str, Any] = {
            "PERFORMANCE_HINT": "LATENCY",
            "NUM_STREAMS": 1,
            "ENABLE_CPU_PINNING": False,  # other work shares the machine
            "INFERENCE_PRECISION_HINT": precision.between,
            "DYNAMIC_QUANTIZATION_GROUP_SIZE": GROUP if precision.integer else 0,
        }
        if threads is not None:
            config["INFERENCE_NUM_THREADS"] = threads
        if precision.integer:
            calibration = calibration or load_calibration()
            quantised = quantise(tensors, calibration)
            graph = Graph(quantised.tensors, quantised.ranges, spec)
        else:
            graph = Graph(tensors, spec=spec)
        self._lock = Lock()
        self.id = calibration.encoder if precision.integer and calibration else spec.float_id
        self._spec = spec
        self.size = spec.size
        self.precision = precision
        try:
            compiled = ov.Core().compile_model(graph.model, "CPU", config)
        except RuntimeError as error:
            raise self._unavailable() from error
        self._request = compiled.create_infer_request()

    def encode(self, views: Views) -> Features:
        """Encode views; see `models.encoder.features.Encoder`.

        Raises:
            ValueError: The views have another shape or type.
            PrecisionUnavailable: OpenVINO computes nothing in this precision on this CPU.
        """
        check_views(views, self.size)
        views = np.ascontiguousarray(views)
        arrays = empty_arrays(len(views), self._spec)
        with self._lock:
            for start in range(0, len(views), BATCH):
                rows = slice(start, start + BATCH)
                outputs = self._infer(views[rows])
                for name, array in arrays.items():
                    array[rows] = outputs[name]
        return Features(**arrays, encoder=self.id)

    def _infer(self, views: Views) -> Mapping[str, NDArray[Any]]:
        """The outputs of one batch by name, good until the next."""
        try:
            outputs = self._request.infer([views], share_inputs=True, share_outputs=True)
        except RuntimeError as error:
            raise self._unavailable() from error
        # Where OpenVINO has no way to quantise as it runs, it says so at the first inference, as
        # the number of views is not fixed; with one thread it says nothing and gives no rows.
        if len(outputs["embedding"]) != len(views):
            raise self._unavailable()
        return outputs  # type: ignore[no-any-return]

    def _unavailable(self) -> PrecisionUnavailable:
        return PrecisionUnavailable(
            f"this CPU cannot compute in the precision {self.precision}: choose another, or none "
            "for the fastest that is right"
        )
