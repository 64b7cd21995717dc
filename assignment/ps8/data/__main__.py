"""`python -m ps8.data {sample,download,add,verify}`: build, fetch, take over or check the data."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from .adopt import adopt
from .download import MIRRORS, download
from .layout import DataError
from .sample import photo_sample
from .store import SAMPLE_FOLDER, data_root, verify


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Returns:
        The exit code: 0 if all is well, 1 if something is missing or wrong, 130 if it was interrupted.
    """
    given = _parser().parse_args(arguments)
    root: Path = given.root or data_root()
    try:
        return _run(given, root)
    except KeyboardInterrupt:
        print("\nInterrupted. What was fetched is kept; the same command continues.", file=sys.stderr)
        return 130
    except DataError as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(f"Cannot write to {root}: {error.strerror or error}. Choose another --root.", file=sys.stderr)
    return 1


def _run(given: argparse.Namespace, root: Path) -> int:
    if given.command == "sample":
        print(photo_sample(root / SAMPLE_FOLDER, progress=True))
    elif given.command == "download":
        print(download(root, tuple(given.mirror or MIRRORS), keep_archive=given.keep_archive))
    elif given.command == "add":
        print(adopt(given.source, root))
    else:
        report = verify(root, md5=given.md5, progress=True)
        print(report)
        return 0 if report.ok else 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ps8.data", description="The data of PS8.")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--root", type=Path, metavar="DIR", help=f"where the data lies (here: {data_root()})")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("sample", parents=[common], help="build the photo sample: no network, seconds, 140 MB")
    fetch = commands.add_parser("download", parents=[common], help="fetch STL-10: 2.6 GB, needs 6 GB on the way")
    fetch.add_argument("--mirror", action="append", metavar="URL", help="where the archive is; may be repeated")
    fetch.add_argument("--keep-archive", action="store_true", help="keep the .tar.gz beside the files")
    take = commands.add_parser("add", parents=[common], help="take STL-10 from a place at hand, once its sums are right")
    take.add_argument("source", type=Path, help="its folder, as on a Drive, stl10_binary.tar.gz, or a zip of it")
    check = commands.add_parser("verify", parents=[common], help="say of each file whether it is whole")
    check.add_argument("--md5", action="store_true", help="compare md5 sums too, not only sizes")
    return parser


if __name__ == "__main__":
    sys.exit(main())
