"""ONNX from TensorFlow: the one operator of our layers that its converter does not know."""

import keras
import numpy as np


class ExportsGelu:
    """For a model with the exact gelu: `export(format="onnx")` on TensorFlow writes a graph that can be run.

    Keras reports success without it, and the file asks for an operator `Erfc` that ONNX does not have. A model made of
    this one and others exports so too once `know_erfc` has been called.
    """

    def export(self, filepath, format="tf_saved_model", **options):
        """See `keras.Model.export`."""
        if format == "onnx" and keras.backend.backend() == "tensorflow":
            know_erfc()
        return super().export(filepath, format=format, **options)


def know_erfc() -> None:
    """Teaches tf2onnx TensorFlow's complementary error function as what it is: 1 - erf(x)."""
    from tf2onnx.handler import tf_op

    @tf_op("Erfc")
    class Erfc:
        @classmethod
        def version_9(cls, graph, node, **_):
            (x,), result = node.input, node.output
            shapes, dtypes = [graph.get_shape(result[0])], [graph.get_dtype(result[0])]
            graph.remove_node(node.name)
            one = graph.make_const(f"{node.name}_one", np.ones((), "float32")).output[0]
            erf = graph.make_node("Erf", [x], shapes=shapes, dtypes=dtypes).output[0]
            graph.make_node("Sub", [one, erf], outputs=result, shapes=shapes, dtypes=dtypes)
