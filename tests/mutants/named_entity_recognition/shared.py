"""What the answers of this lesson share."""


def right_entities(labels):
    entities = []
    for i, label in enumerate(labels):
        if label.startswith("I-") and entities and entities[-1][2] == i and entities[-1][0] == label[2:]:
            entities[-1] = (entities[-1][0], entities[-1][1], i + 1)
        elif label != "O":
            entities.append((label[2:], i, i + 1))
    return entities
