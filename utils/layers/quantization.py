"""Parts in whole numbers of few bits (`model.quantize("int8")`) that come back as such when the model is loaded."""

from keras.saving import deserialize_keras_object, serialize_keras_object


class KeepsQuantization:
    """For a layer or a model that makes its parts in `__init__`: its config says which of them were quantized.

    Keras writes a layer's own dtype policy and not that of parts which the layer makes itself, so that a quantized
    part was made plain on loading, and its weights did not fit.
    """

    def get_config(self):
        """Besides, where there are any, "quantized": number of the part -> its policy, and how it was quantized."""
        quantized = {}
        for number, part in enumerate(self._flatten_layers(include_self=False)):
            if part.quantization_mode is not None:
                how = serialize_keras_object(getattr(part, "quantization_config", None))
                quantized[str(number)] = {"policy": serialize_keras_object(part.dtype_policy), "how": how}
        return {**super().get_config(), **({"quantized": quantized} if quantized else {})}

    @classmethod
    def from_config(cls, config):
        """Makes the layer, and each part as it was; the part makes its quantized weights when it is built."""
        config = dict(config)
        quantized = config.pop("quantized", {})
        layer = super().from_config(config)
        parts = list(layer._flatten_layers(include_self=False))
        for number, kept in quantized.items():
            part = parts[int(number)]
            part.quantization_config = deserialize_keras_object(kept["how"])
            part.dtype_policy = deserialize_keras_object(kept["policy"])
        return layer
