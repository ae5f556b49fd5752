"""What the answers of this lesson share."""

import keras


class Layer(keras.layers.Layer):
    def __init__(self, pad_id=0):
        super().__init__()
        self.pad_id = pad_id
