"""python -m benchmarks [--quick] [NAME …]: run the benchmarks, all or those named; exit 1 when a target is missed."""

import argparse
import importlib
import pkgutil
import sys

import benchmarks


def main() -> int:
    """Run them one after the other."""
    names = sorted(found.name for found in pkgutil.iter_modules(benchmarks.__path__) if found.ispkg)
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(names)}")
    parser.add_argument("--quick", action="store_true", help="a smaller run, to see that it works")
    told = parser.parse_args()
    strange = [name for name in told.names if name not in names]
    if strange:
        parser.error(f"there is no benchmark {strange[0]}")
    missed = [name for name in told.names or names if importlib.import_module(f"benchmarks.{name}").main(told.quick)]
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
