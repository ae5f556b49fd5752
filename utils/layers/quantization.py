"""Parts that were changed after they were made, by `quantize`, `trainable` or `dtype_policy`, and come back so."""

from keras.layers import Layer
from keras.saving import deserialize_keras_object, serialize_keras_object


class KeepsQuantization:
    """For a layer or a model that makes its parts in `__init__`: its config says how they differ from fresh ones.

    Keras writes what it knows of a layer and nothing of parts which the layer makes itself: a quantized part was made
    plain on loading, and its weights did not fit; one that was frozen learnt again, and one set to float32 was not.
    """

    def __new__(cls, *args, **kwargs):
        """Notes what it is made with: Keras does not, of a model."""
        made = super().__new__(cls, *args, **kwargs)
        object.__setattr__(made, "_given", (args, kwargs))
        return made

    def get_config(self):
        """Besides, where there are any: "quantized", "frozen", "policies", each by the number of the part.

        "quantized" holds the part's policy and how it was quantized; "frozen" its class; "policies" its policy.
        """
        found = {"quantized": {}, "frozen": {}, "policies": {}}
        own = serialize_keras_object(self.dtype_policy)
        for number, part in enumerate(self._flatten_layers(include_self=False)):
            policy = serialize_keras_object(part.dtype_policy)
            if part.quantization_mode is not None:
                how = serialize_keras_object(getattr(part, "quantization_config", None))
                found["quantized"][str(number)] = {"policy": policy, "how": how}
            elif policy != own:
                found["policies"][str(number)] = policy
            if self.trainable and not part.trainable:
                found["frozen"][str(number)] = type(part).__name__
        return {**super().get_config(), **{name: parts for name, parts in found.items() if parts}}

    @classmethod
    def from_config(cls, config):
        """Makes the layer, and each part as it was; the part makes its quantized weights when it is built."""
        config = dict(config)
        quantized, frozen, policies = (config.pop(name, {}) for name in ("quantized", "frozen", "policies"))
        layer = super().from_config(config)
        parts = list(layer._flatten_layers(include_self=False))
        for number, kept in quantized.items():
            part = parts[int(number)]
            part.quantization_config = deserialize_keras_object(kept["how"])
            part.dtype_policy = deserialize_keras_object(kept["policy"])
        for number, policy in policies.items():
            parts[int(number)].dtype_policy = deserialize_keras_object(policy)
        for number, kind in frozen.items():
            if int(number) < len(parts) and type(parts[int(number)]).__name__ == kind:
                parts[int(number)].trainable = False
        return layer

    def __setattr__(self, name, value):
        """A part of a layer that was made frozen, `trainable=False`, is frozen."""
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, Layer) and not self.trainable:
                part.trainable = False
        super().__setattr__(name, value)
