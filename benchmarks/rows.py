"""All benchmarks' ratios as one table: `python -m benchmarks.rows [--before COMMIT] [--data FOLDER] [--only NAME …]`.

Runs one benchmark after the other, each as it is run by itself, shows what it prints, and at the end puts the ratios
of all in one table, with the machine. A ratio is ours divided by the peer's, in pairs measured by turns. `--before`
adds what is compared with an older build; `--data` is a folder of Multi30k, which takes an hour more.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PLACE = "BENCHMARK_ROWS"  # the variable of the environment that names the file of the rows


def note(work: str, against: str, pairs: Sequence[tuple[float, float]], unit: str = "s") -> None:
    """Called by a benchmark for each ratio that it finds: a row of the table, if one is wanted.

    Args:
        work: what is done.
        against: the peer.
        pairs: ours and the peer's, measured by turns.
        unit: of both; "BLEU" is one where more is better.
    """
    if PLACE in os.environ:
        with open(os.environ[PLACE], "a", encoding="utf-8") as file:
            file.write(json.dumps({"work": work, "against": against, "pairs": list(pairs), "unit": unit}) + "\n")


def line(row: dict) -> str:
    """A row as it is printed: medians of both, the median of the pairs' ratios, the lowest and the highest."""
    ours, theirs = (statistics.median(pair[side] for pair in row["pairs"]) for side in (0, 1))
    each = sorted(a / b for a, b in row["pairs"])
    spread = f"({each[0]:.2f} to {each[-1]:.2f})" if len(each) > 1 else ""
    figures = "".join(f"{value:12,.{0 if value >= 1000 else 3}f}" for value in (ours, theirs))
    return (
        f"{row['work']:44} {row['against']:30}{figures} {row['unit']:5}{statistics.median(each):7.2f} {spread}".rstrip()
    )


def table(rows: list[dict]) -> str:
    """The table."""
    head = f"{'work':44} {'against':30}{'ours':>12}{'theirs':>12} {'':5}{'ratio':>7}"
    return "\n".join([head, "-" * len(head), *map(line, rows)])


def benchmarks(before: str | None, data: Path | None) -> dict[str, list[str]]:
    """Each benchmark's name and arguments."""
    found = {
        "layers": [],
        "fine_tuning_step": [],
        "time_to_f1": [],
        "translating": ["--before", before] if before else [],
        "peers_in_decoding": [],
        "cluster": ["speed"],
        "shards": ["50000", "500000"],
    }
    return found | ({"multi30k": ["--data", str(data), "--arms", "ours", "keras"]} if data else {})


def main(arguments: list[str] | None = None) -> int:
    """Runs them, and prints the table; 1 where one of them failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rows", description=__doc__)
    parser.add_argument("--before", help="a commit to compare with")
    parser.add_argument("--data", type=Path, help="a folder with multi30k.{train,val}.{fr,en}.gz")
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=benchmarks("", Path()), help="these alone")
    options = parser.parse_args(arguments)
    from benchmarks.regress import machine

    chosen = benchmarks(options.before, options.data)
    failed = []
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch) / "rows.jsonl"
        place.touch()
        print(f"{machine()}; load {os.getloadavg()[0]:.1f} before", flush=True)
        for name in options.only or chosen:
            print(f"\n== python -m benchmarks.{' '.join([name, *chosen.get(name, [])])}", flush=True)
            command = [sys.executable, "-m", f"benchmarks.{name}", *chosen.get(name, [])]
            environment = os.environ | {PLACE: str(place), "TF_CPP_MIN_LOG_LEVEL": "3"}
            if subprocess.run(command, cwd=ROOT, env=environment).returncode:
                failed.append(name)
        print(f"\n{table([json.loads(row) for row in place.read_text('utf-8').splitlines()])}\n\n{machine()}")
    if failed:
        print(f"Failed, see above: {', '.join(failed)}", file=sys.stderr)
    return int(bool(failed))


if __name__ == "__main__":
    raise SystemExit(main())
