"""From runs to what is handed out: ONNX, the bundle, the model card."""
