"""No library that this product is built on calls home when it is loaded and used as here."""

from pathlib import Path

import pytest

from tests.outside.guard import Guard

USES = {
    "c2pa": "import c2pa; c2pa.Settings.from_dict({'verify': {'remote_manifest_fetch': False}})",
    "cv2": "import cv2, numpy as np; cv2.SIFT_create().detect(np.zeros((64, 64), np.uint8))",
    "faiss": (
        "import faiss, numpy as np; index = faiss.IndexFlatIP(8);"
        "index.add(np.ones((4, 8), np.float32)); index.search(np.ones((1, 8), np.float32), 2)"
    ),
    "pyarrow": (
        "import pyarrow as pa, pyarrow.parquet as pq;"
        "pq.write_table(pa.table({'a': [1]}), 'a.parquet'); assert pq.read_table('a.parquet')"
    ),
    "openvino": (
        "from models.encoder.openvino_runtime import ops, ov; import numpy as np;"
        "x = ops.parameter([1], np.float32);"
        "ov.Core().compile_model(ov.Model([ops.result(ops.relu(x))], [x], 'm'), 'CPU')"
    ),
    "torch": "import torch; torch.nn.Linear(2, 2)(torch.zeros(1, 2)).sum().backward()",
    "open_clip": "import models.encoder.torch_encoder",
    "scikit-learn": "import sklearn.linear_model, scipy.stats",
    "cleanlab": (
        "import numpy as np; from cleanlab.filter import find_label_issues;"
        "find_label_issues(np.array([0, 1]), np.array([[0.9, 0.1], [0.2, 0.8]]), n_jobs=1)"
    ),
    "huggingface_hub": (
        "from huggingface_hub import ModelCard, ModelCardData;"
        "ModelCard('---\\n' + ModelCardData(license='mit').to_yaml() + '\\n---\\n')"
    ),
    "mlflow": (
        "from pathlib import Path; from serving.settings import keep_libraries_in;"
        "keep_libraries_in(Path()); from mlflow import MlflowClient;"
        "client = MlflowClient(Path('runs').absolute().as_uri());"
        "run = client.create_run(client.create_experiment('a')).info.run_id;"
        "client.log_metric(run, 'auroc', 0.9); client.set_terminated(run)"
    ),
    "lxml": "from lxml import etree; etree.fromstring('<a/>')",
    "psycopg": "import psycopg",
    "pillow": "import PIL.Image, pillow_heif; pillow_heif.register_heif_opener()",
}


@pytest.mark.parametrize("library", USES)
def test_it_is_quiet(guard: Guard, tmp_path: Path, library: str) -> None:
    root = Path(__file__).parents[2]
    done = guard.python(USES[library], cwd=tmp_path, environment={"PYTHONPATH": root})
    assert done.returncode == 0, done.stderr
    assert done.reached == ()
    assert done.outside(tmp_path, guard.temporary) == set()
    assert list(guard.user.rglob("*")) == []
