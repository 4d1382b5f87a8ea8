"""The command line: `python -m world build` and `python -m world check DIR`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from .build import PUBLIC_SEED, build
from .errors import WorldError
from .files import check, unchanged
from .sizes import PUBLIC, SIZES, size_of

_PUBLIC = Path(__file__).parents[2] / "data" / "public"
_SHORT = 16


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0 if all is well, 1 if a world is damaged or cannot be built."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except WorldError as error:
        print(f"world: {error}", file=sys.stderr)
    except OSError as error:
        print(f"world: {error.filename}: {error.strerror}; name another folder", file=sys.stderr)
    except KeyboardInterrupt:
        print("world: stopped; run the same command again to build the world", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m world", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    making = commands.add_parser("build", help="build a world and its truth from a seed")
    making.add_argument("--seed", default=PUBLIC_SEED, help="any text; keep that of a class secret")
    making.add_argument(
        "--size", default="public", help=f"{', '.join(SIZES)}; a class takes minutes"
    )
    making.add_argument("--out", type=Path, help="folder for world/, truth/ and build.json")
    making.set_defaults(run=_build)
    checking = commands.add_parser("check", help="compare a world's files with their digests")
    checking.add_argument("dir", type=Path, help="a folder that build wrote, or its world/")
    checking.set_defaults(run=_check)
    return parser


def _build(options: argparse.Namespace) -> int:
    size = size_of(options.size)
    if options.out is None and (options.seed, size) != (PUBLIC_SEED, PUBLIC):
        raise WorldError("a world of your own seed or size needs a place; add --out DIR")
    if len(options.seed) < _SHORT and options.seed != PUBLIC_SEED:
        print(
            f"world: a seed of fewer than {_SHORT} characters can be guessed, and with it all "
            "answers; use a long random one for a class",
            file=sys.stderr,
        )
    folder = options.out or _PUBLIC
    if unchanged(folder, options.seed, size.name):
        print(f"{folder} is up to date, nothing to do")
        return 0
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as bar:
        task = bar.add_task("Building the world, block by block", total=size.blocks)
        build(options.seed, folder, lambda done, _: bar.update(task, completed=done), size)
    print(f"{folder} is built")
    return 0


def _check(options: argparse.Namespace) -> int:
    count, found = check(options.dir)
    for fault in found:
        print(f"world: {options.dir}: {fault}", file=sys.stderr)
    if not found:
        print(f"{options.dir} is whole: {count} files compared")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
