"""The explorer: one page, in which the translator runs in the reader's browser and shows what it does.

The page's parts lie beside this file: page.html, style.css, model.js (the forward pass), view.js and pictures.js (what
is seen of it). `build_page` puts them, the weights and the vocabularies into one file that needs nothing else.
"""

import base64
import html
import json
import os
from pathlib import Path

import numpy as np
from keras import ops

from utils.files import write_whole
from utils.tasks.translation import Translator

PARTS = Path(__file__).parent
INLINED = ("style.css", "model.js", "pictures.js", "view.js")
SENTENCES = (  # without full stops: the translator has seen none
    "Marie mange une pomme verte",
    "Le chat noir dort dans le jardin",
    "Jane visite l'Afrique en septembre",
    "Nous voulons voyager demain",
    "Elle ne veut pas quitter l'hôpital",
    "Est-ce que le garçon parle espagnol ?",
    "La tante de Marie a-t-elle tort ?",
    "Tu étais plus grande que cet étudiant",
    "Il l'a rencontrée",
    "Vous avez invité Omar et lui avez donné quatre livres",
    "Emma porte un manteau parce qu'elle a froid",
    "Combien de chemises le professeur va-t-il acheter ?",
    "Je ne vais pas te répondre",
    "Douze étudiantes n'ont jamais faim",
    "Il n'y avait pas de riz sur la table",
    "Il s'est couché à dix heures",
    "Lina va trouver le livre que Karim a perdu",
    "Je joue du violon le matin",
    "Quand est-ce que Karim a travaillé au musée ?",
    "Victor est triste depuis quatre mois",
    "Tout le monde voyage aux Pays-Bas en été",
    "Ces filles aident les nouveaux médecins et leur donnent une orange",
    "Martin sait que vous avez raison",
    "Quel tableau vend-elle ?",
    "Elle leur montre trois belles maisons",
    "Paul la mange demain matin",
    "Les médecins ne vont pas quitter Lisbonne",
    "Nous avons dormi parce que nous avions sommeil",
    "Est-ce que je peux acheter de petits parapluies rouges ?",
    "Le boulanger n'écrit jamais de lettres",
)


def explore(translator: Translator, height: int = 900):
    """The page inside a notebook; it needs no extension and no server.

    Args:
        translator: what translates.
        height: of the frame, in pixels.

    Returns:
        An `IPython.display.HTML`.
    """
    from IPython.display import HTML

    page = html.escape(build_page(translator))
    style = f"width:100%;height:{height}px;border:0"
    return HTML(f'<div><iframe title="The translator, explored" style="{style}" srcdoc="{page}"></iframe></div>')


def write_page(translator: Translator, path: str | os.PathLike) -> Path:
    """Writes the page.

    Args:
        translator: what translates.
        path: of the file, which opens in a browser, without network or server.

    Returns:
        The path.

    Raises:
        OSError: the file cannot be written.
    """
    path = Path(path)
    write_whole(path, build_page(translator).encode("utf-8"))
    return path


def build_page(translator: Translator) -> str:
    """The whole page as a text: its parts, the weights and the vocabularies, in one file."""
    page = (PARTS / "page.html").read_text(encoding="utf-8")
    parts = {name: (PARTS / name).read_text(encoding="utf-8") for name in INLINED}
    parts["data"] = json.dumps(page_data(translator), ensure_ascii=False).replace("<", "\\u003c")  # no tag in there
    for name, text in parts.items():
        page = page.replace(f"{{{{{name}}}}}", text, 1)
    return page


def page_data(translator: Translator) -> dict:
    """What the page must know: sizes, weights by name, vocabularies, sentences to choose from."""
    model = translator.model
    weights = {name: np.asarray(ops.convert_to_numpy(w)) for name, w in named_weights(model).items()}
    content = b"".join(map(without_last_byte, weights.values()))
    return {
        "config": {
            "num_layers": model.num_layers,
            "embedding_dim": model.embedding_dim,
            "num_heads": model.num_heads,
            "norm": model.norm,
            "epsilon": model.layernorm_eps,
            "max_source": model.max_positional_encoding_input,
            "max_target": model.max_positional_encoding_target,
        },
        "shapes": {name: list(w.shape) for name, w in weights.items()},
        "weights": base64.b64encode(content).decode("ascii"),
        "source": vocabulary_data(translator.source_vocabulary),
        "target": vocabulary_data(translator.target_vocabulary),
        "sentences": list(SENTENCES),
    }


def without_last_byte(array: np.ndarray) -> bytes:
    """The float32 numbers of an array, rounded to their first three bytes, little-endian.

    A quarter shorter. Float16 would be half as long, but moves attention weights by more than a thousandth.
    """
    bits = array.astype("<f4").reshape(-1).view("<u4") + np.uint32(128)  # so that what is cut off is rounded
    return bits.astype("<u4").view(np.uint8).reshape(-1, 4)[:, 1:].tobytes()


def named_weights(model) -> dict:
    """All weights under the names that the layers give their parts, such as "encoder/0/self_attention/query/kernel"."""
    named = {}

    def add_pair(name, kernel, bias):
        named[f"{name}/kernel"], named[f"{name}/bias"] = kernel, bias

    for stack_name, stack in (("encoder", model.encoder), ("decoder", model.decoder)):
        named[f"{stack_name}/embedding"] = stack.embedding.embeddings
        for n, layer in enumerate(getattr(stack, f"{stack_name}_layers")):
            here = f"{stack_name}/{n}"
            for part in ("self_attention", "cross_attention"):
                attention = getattr(layer, part, None)
                for which in ("query", "key", "value", "output") if attention else ():
                    add_pair(f"{here}/{part}/{which}", *getattr(attention, f"{which}_weights"))
            for part in ("attention_norm", "self_norm", "cross_norm", "feed_forward_norm"):
                norm = getattr(layer, part, None)
                if norm is not None:
                    named[f"{here}/{part}/gamma"], named[f"{here}/{part}/beta"] = norm.gamma, norm.beta
            for part in ("widen", "narrow"):
                dense = getattr(layer.feed_forward, part)
                add_pair(f"{here}/{part}", dense.kernel, dense.bias)
        if stack.final_norm is not None:
            norm = stack.final_norm
            named[f"{stack_name}/final_norm/gamma"], named[f"{stack_name}/final_norm/beta"] = norm.gamma, norm.beta
    add_pair("output_layer", model.output_layer.kernel, model.output_layer.bias)
    return named


def vocabulary_data(vocabulary) -> dict:
    """The pieces in the order of their ids, the merges in the order they were learnt."""
    saved = json.loads(vocabulary.tokenizer.to_str())
    pieces = [vocabulary.tokenizer.id_to_token(i) for i in range(len(vocabulary))]
    lowercase = any(form["type"] == "Lowercase" for form in saved["normalizer"]["normalizers"])
    return {"pieces": pieces, "merges": saved["model"]["merges"], "lowercase": lowercase}
