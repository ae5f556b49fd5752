"""The exercise project_qkv: what must hold, and what each mistake looks like."""

import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.inputs import normal
from utils.checks.why_attention.softmax import softmax


def project_qkv(x, w_q, w_k, w_v) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each word's query, key and value.

    Args:
        x: the words' vectors (T, D).
        w_q: (D, K).
        w_k: (D, K).
        w_v: (D, Dv).

    Returns:
        q (T, K), k (T, K), v (T, Dv).
    """
    return x @ w_q, x @ w_k, x @ w_v


def _project_cases(rng, *sizes):
    return [case(normal(rng, T, D), normal(rng, D, K), normal(rng, D, K), normal(rng, D, Dv)) for T, D, K, Dv in sizes]


register(
    Exercise(
        name="project_qkv",
        notebook="03_self_attention",
        reference=project_qkv,
        properties=(
            Property(
                "each word's vector times a matrix of its own for query, key and value",
                2,
                lambda rng: _project_cases(rng, (2, 2, 2, 2), (3, 3, 3, 3)),
            ),
            Property(
                "any number of words, and values of another width than keys",
                1,
                lambda rng: _project_cases(rng, (1, 2, 3, 4), (5, 6, 4, 2)),
            ),
        ),
        mistakes=(
            Mistake(
                "the matrices are transposed: a word is a row of x, so x @ w needs no .T",
                lambda x, w_q, w_k, w_v: (x @ w_q.T, x @ w_k.T, x @ w_v.T),
            ),
            Mistake(
                "the matrix stands on the wrong side: words are the rows of x, so x comes first",
                lambda x, w_q, w_k, w_v: (w_q @ x, w_k @ x, w_v @ x),
            ),
            Mistake(
                "the columns of x are taken for words: leave x as it is, one word a row",
                lambda x, w_q, w_k, w_v: (x.T @ w_q, x.T @ w_k, x.T @ w_v),
            ),
            Mistake(
                "the results stand on their side: one row a word is asked for, as in x",
                lambda x, w_q, w_k, w_v: ((x @ w_q).T, (x @ w_k).T, (x @ w_v).T),
            ),
            Mistake(
                "entry by entry: the matrix product is @, not *",
                lambda x, w_q, w_k, w_v: (x * w_q, x * w_k, x * w_v),
            ),
            Mistake(
                "the key is made from the query: all three start from x",
                lambda x, w_q, w_k, w_v: (x @ w_q, x @ w_q @ w_k, x @ w_v),
            ),
            Mistake(
                "x is replaced on the way: key and value must start from the words, as the query does",
                lambda x, w_q, w_k, w_v: (x @ w_q, x @ w_q @ w_k, x @ w_q @ w_k @ w_v),
            ),
            Mistake(
                "the value is made from the key: all three start from x",
                lambda x, w_q, w_k, w_v: (x @ w_q, x @ w_k, x @ w_k @ w_v),
            ),
            Mistake(
                "the value is made from the query: all three start from x",
                lambda x, w_q, w_k, w_v: (x @ w_q, x @ w_k, x @ w_q @ w_v),
            ),
            Mistake(
                "the keys stand on their side: one row a word; they are transposed later, for the scores",
                lambda x, w_q, w_k, w_v: (x @ w_q, (x @ w_k).T, x @ w_v),
            ),
            *(
                Mistake(
                    "only the first word is projected: all rows of x are asked for",
                    lambda x, w_q, w_k, w_v, word=word: (x[word] @ w_q, x[word] @ w_k, x[word] @ w_v),
                )
                for word in (0, slice(1))
            ),
            Mistake(
                "only the last word's came back: gather them all, or leave the loop out",
                lambda x, w_q, w_k, w_v: (x[-1] @ w_q, x[-1] @ w_k, x[-1] @ w_v),
            ),
            Mistake(
                "this is attention already: here the three projections are asked for",
                lambda x, w_q, w_k, w_v: softmax(x @ w_q @ (x @ w_k).T / np.sqrt(w_k.shape[1])) @ x @ w_v,
            ),
            Mistake("all three use w_q", lambda x, w_q, w_k, w_v: (x @ w_q, x @ w_q, x @ w_q)),
            Mistake(
                "the key uses w_q; it has a matrix of its own", lambda x, w_q, w_k, w_v: (x @ w_q, x @ w_q, x @ w_v)
            ),
            Mistake(
                "the value uses w_k; it has a matrix of its own", lambda x, w_q, w_k, w_v: (x @ w_q, x @ w_k, x @ w_k)
            ),
            Mistake(
                "the values are the words themselves: w_v is missing", lambda x, w_q, w_k, w_v: (x @ w_q, x @ w_k, x)
            ),
            Mistake(
                "the query uses w_k; it has a matrix of its own", lambda x, w_q, w_k, w_v: (x @ w_k, x @ w_k, x @ w_v)
            ),
            Mistake(
                "the query came back as the value: that is x @ w_v",
                lambda x, w_q, w_k, w_v: (x @ w_q, x @ w_k, x @ w_q),
            ),
            Mistake("query and key are swapped", lambda x, w_q, w_k, w_v: (x @ w_k, x @ w_q, x @ w_v)),
            Mistake(
                "the order is query, key, value: here it is query, value, key",
                lambda x, w_q, w_k, w_v: (x @ w_q, x @ w_v, x @ w_k),
            ),
            Mistake(
                "the order is query, key, value: here it is value first",
                lambda x, w_q, w_k, w_v: (x @ w_v, x @ w_k, x @ w_q),
            ),
            Mistake(
                "the order is query, key, value: here it is key, value, query",
                lambda x, w_q, w_k, w_v: (x @ w_k, x @ w_v, x @ w_q),
            ),
            Mistake(
                "the order is query, key, value: here it is value, query, key",
                lambda x, w_q, w_k, w_v: (x @ w_v, x @ w_q, x @ w_k),
            ),
            Mistake(
                "the words are added to their projections: x @ w alone is asked for",
                lambda x, w_q, w_k, w_v: (x + x @ w_q, x + x @ w_k, x + x @ w_v),
            ),
            Mistake(
                "nothing is scaled yet: √K comes later, with the scores",
                lambda x, w_q, w_k, w_v: (x @ w_q / np.sqrt(w_q.shape[1]), x @ w_k / np.sqrt(w_k.shape[1]), x @ w_v),
            ),
            Mistake(
                "nothing is scaled yet: √K comes later, with the scores",
                lambda x, w_q, w_k, w_v: (x @ w_q / np.sqrt(w_q.shape[1]), x @ w_k, x @ w_v),
            ),
            Mistake(
                "nothing is scaled yet: √K comes later, with the scores",
                lambda x, w_q, w_k, w_v: tuple(x @ w / np.sqrt(w.shape[1]) for w in (w_q, w_k, w_v)),
            ),
            Mistake(
                "nothing is scaled yet: √K comes later, with the scores",
                lambda x, w_q, w_k, w_v: tuple(x @ w / np.sqrt(len(w)) for w in (w_q, w_k, w_v)),
            ),
            Mistake(
                "three separate results are asked for, not one array that holds them",
                lambda x, w_q, w_k, w_v: np.stack([x @ w_q, x @ w_k, x @ w_v]),
            ),
            Mistake(
                "three separate results are asked for, not one array that holds them",
                lambda x, w_q, w_k, w_v: np.concatenate([x @ w_q, x @ w_k, x @ w_v], axis=-1),
            ),
            Mistake("only the query came back; return q, k, v", lambda x, w_q, w_k, w_v: x @ w_q),
            Mistake(
                "query and key came back without the value; return q, k, v",
                lambda x, w_q, w_k, w_v: (x @ w_q, x @ w_k),
            ),
        ),
        hints=(
            "The same step three times, each time with another matrix. There is no loop.",
            "A word is a row of x, (T, D), and a matrix is (D, K): the product that gives (T, K) is @.",
            "Return three arrays in the order query, key, value; each is made from x itself.",
        ),
    )
)
