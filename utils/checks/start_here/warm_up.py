"""The exercise warm_up: what must hold, and what each mistake looks like."""

import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, register


def warm_up(x):
    """Twice x, for a number or an array."""
    return 2 * x


register(
    Exercise(
        name="warm_up",
        notebook="00_start_here",
        reference=warm_up,
        properties=(
            Property(
                "doubles a number",
                1,
                lambda rng: [case(3), case(0), case(-7), case(0.25), case(1 / 3), case(float(rng.normal()))],
                tolerance=1e-7,
            ),
            Property(
                "doubles every entry of an array",
                1,
                lambda rng: [
                    case(np.array([1.0, -2.0, 5.0])),
                    case(np.arange(-3, 3).reshape(2, 3)),
                    case(rng.normal(size=(3, 4, 2))),
                ],
                tolerance=1e-7,  # float32 is near enough, six digits are not
            ),
        ),
        mistakes=(
            Mistake("this squares x; twice x is 2 * x", lambda x: x**2),
            Mistake("this adds 2; twice x is 2 * x", lambda x: x + 2),
            Mistake("this gives x back unchanged", lambda x: x),
            Mistake("this halves x; twice x is 2 * x", lambda x: x / 2),
            Mistake("this raises 2 to the power x; twice x is 2 * x", lambda x: 2.0**x),
            Mistake(
                "it is only right for whole numbers: something rounds, such as int(…) or //",
                lambda x: 2 * np.asarray(x).astype(int),
            ),
            Mistake("this is three times x", lambda x: 3 * x),
            Mistake("the sign is lost: twice -7 is -14", lambda x: 2 * np.abs(x)),
            Mistake("negative numbers become 0: twice -7 is -14", lambda x: 2 * np.maximum(x, 0)),
            *(
                Mistake(
                    "it is rounded: give twice x with all its digits", lambda x, n=n: np.round(2 * np.asarray(x), n)
                )
                for n in range(1, 7)
            ),
            Mistake(
                "it is rounded: float16 keeps three digits",
                lambda x: (2 * np.asarray(x).astype("float16")).astype("float32"),
            ),
            Mistake("this gives one number for a whole array: it sums the entries up", lambda x: np.sum(2 * x)),
        ),
        hints=(
            "Python multiplies with *, and NumPy arrays are multiplied entry by entry.",
            "Replace `raise NotImplementedError` by one line that begins with `return`.",
            "What is 3 + 3 as a multiplication? Write that, with x in place of 3.",
        ),
    )
)
