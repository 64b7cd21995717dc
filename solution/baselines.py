"""The table of baselines: every row of the experiment over several seeds, with mean and spread, as text, JSON and figures."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import ps8
from ps8.artifacts import RESULTS

from solution.experiment import ROWS


def combine(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """One table of the results of several seeds.

    Returns:
        What the runs share, and lists with one number a seed: `accuracy[row]`, `standardised[row]` (where the encoder is
        frozen), and `labels[row][count]`, count labels a class, standardised.
    """
    first = runs[0]
    return {
        **{
            key: first[key]
            for key in ("data", "profile", "recipe", "settings", "machine", "chance")
        },
        "seeds": [run["seed"] for run in runs],
        **{
            probe: {row: [run[probe][row] for run in runs] for row in first[probe]}
            for probe in ("accuracy", "standardised")
        },
        "labels": {
            row: {count: [run["labels"][row][count] for run in runs] for count in curve}
            for row, curve in first["labels"].items()
        },
        "seconds": {step: [run["seconds"][step] for run in runs] for step in first["seconds"]},
    }


def text(table: dict[str, Any]) -> str:
    """The table as text: the mean, and from the smallest to the largest."""
    lines = [
        f"{table['data']}, profile {table['profile']}, recipe {table['recipe']}, seeds {table['seeds']}",
        f"  {'features':20} {'as they come':24}standardised",
        f"  {'chance':20} {table['chance']:.3f}",
    ]
    for row, title in ROWS.items():
        cells = [
            _spread(table[probe][row])
            for probe in ("accuracy", "standardised")
            if row in table[probe]
        ]
        if cells:
            lines.append(f"  {title:20} " + "   ".join(cells))
    if table["labels"]:
        counts = list(next(iter(table["labels"].values())))
        lines += ["", "With fewer labels (frozen features standardised)"]
        lines.append(f"  {'labels a class':20}" + "".join(f"{count:>8}" for count in counts))
        for row, curve in table["labels"].items():
            lines.append(
                f"  {ROWS[row]:20}" + "".join(f"{mean(curve[count]):8.3f}" for count in counts)
            )
    return "\n".join(lines)


def _spread(values: list[float]) -> str:
    return f"{mean(values):.3f} ({min(values):.3f} to {max(values):.3f})"


def markdown(tables: dict[str, dict[str, Any]]) -> str:
    """The accuracies of several sets side by side, for the lesson.

    Args:
        tables: what `combine` gives, by what the set is to be called.

    Returns:
        A row an encoder; of each set the mean of its seeds, as the features come and standardised, with the standard deviation.
    """
    lines = [
        "| features of | "
        + " | ".join(f"{name}, as they come | standardised" for name in tables)
        + " |",
        "| --- |" + " ---: | ---: |" * len(tables),
    ]
    for row, title in ROWS.items():
        cells = [
            _with_deviation(table[probe].get(row, []))
            for table in tables.values()
            for probe in ("accuracy", "standardised")
        ]
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def labels_markdown(table: dict[str, Any]) -> str:
    """Accuracy against the number of labels a class, the mean of the seeds: of frozen encoders on standardised features."""
    counts = list(table["labels"]["cmc"])
    lines = ["| labels a class | " + " | ".join(counts) + " |", "| --- |" + " ---: |" * len(counts)]
    lines += [
        f"| {title} | "
        + " | ".join(f"{mean(table['labels'][row][count]):.3f}" for count in counts)
        + " |"
        for row, title in ROWS.items()
        if row in table["labels"]
    ]
    return "\n".join(lines)


def _with_deviation(values: list[float]) -> str:
    if len(values) < 2:
        return f"{values[0]:.3f}" if values else "–"
    return f"{mean(values):.3f} ± {stdev(values):.3f}"


def write(table: dict[str, Any], out: Path) -> None:
    """`results.json` and the two figures, into `out`."""
    (out / RESULTS).write_text(json.dumps(table, indent=2) + "\n")
    bars = {
        title: table["accuracy"][row] for row, title in ROWS.items() if row in table["accuracy"]
    }
    figures = {
        "accuracies": ps8.accuracy_bars(bars, f"test accuracy, {table['data']}"),
        "labels": labels_figure(table),
    }
    for name, figure in figures.items():
        if figure is not None:  # none is drawn in the grade profile
            figure.savefig(out / f"{name}.png", dpi=120, bbox_inches="tight")


def labels_figure(table: dict[str, Any]) -> Any:
    """Accuracy against the number of labels a class: a line a row, the mean over the seeds."""
    if not table["labels"]:
        return None
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.5, 4), layout="constrained")
    axes = figure.subplots()
    for row, curve in table["labels"].items():
        axes.plot(
            [int(count) for count in curve],
            [mean(values) for values in curve.values()],
            marker="o",
            label=ROWS[row],
        )
    axes.set(xscale="log", xlabel="labels a class", ylabel="test accuracy", title=table["data"])
    axes.set_xticks([int(count) for count in curve], list(map(str, curve)), minor=False)
    axes.minorticks_off()
    axes.legend(fontsize=8)
    return figure
