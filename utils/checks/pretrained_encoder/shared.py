"""What the exercises of this lesson share."""

NOTEBOOK = "10_pretrained_encoder"
