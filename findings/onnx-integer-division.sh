#!/usr/bin/env bash
# ONNX's integer Div and Mod do not belong together for negative numbers.
#
# Expected: day * 24 + hour == t for day = Div(t, 24) and hour = Mod(t, 24), as in Python and numpy, or as in C.
# Seen: onnxruntime truncates Div toward zero, as C does, and gives Mod the sign of the divisor, as Python does. Seven
#   hours before the week began are day 0, hour 17. Mod is as documented
#   (https://onnx.ai/onnx/operators/onnx__Mod.html).
# Instead: subtract the remainder before dividing: (t - Mod(t, 24)) / 24; or keep times at or above 0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv --without-pip "$folder/venv"
python3 -m pip --python "$folder/venv/bin/python" install --quiet --disable-pip-version-check --no-compile \
    onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'END'
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

print("onnx", onnx.__version__, "onnxruntime", onnxruntime.__version__, "numpy", np.__version__)
graph = helper.make_graph(
    [helper.make_node("Div", ["t", "day_hours"], ["day"]), helper.make_node("Mod", ["t", "day_hours"], ["hour"])],
    "calendar",
    [helper.make_tensor_value_info("t", TensorProto.INT64, ["n"])],
    [helper.make_tensor_value_info(name, TensorProto.INT64, ["n"]) for name in ("day", "hour")],
    [helper.make_tensor("day_hours", TensorProto.INT64, [], [24])],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
onnx.checker.check_model(model, full_check=True)
t = np.array([-7, 31])
session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
day, hour = session.run(None, {"t": t})
print("hours      ", t)
print("onnxruntime", "day", day, "hour", hour, "together", day * 24 + hour)
print("numpy      ", "day", t // 24, "hour", t % 24, "together", t // 24 * 24 + t % 24)
if day.tolist() != [0, 1] or hour.tolist() != [17, 7]:
    sys.exit("no longer seen: day and hour are not 0, 17 and 1, 7")
END
