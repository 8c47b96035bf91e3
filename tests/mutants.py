"""Whether the unit tests notice small changes of the package: ``make mutants``, a sample drawn with a seed.

Cosmic Ray says what can be changed: an operator, a number, a condition. No file is touched: each mutant is a fork of
this process in which one module is compiled from other text.
"""

import argparse
import difflib
import os
import random
import resource
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.machinery import SourceFileLoader
from multiprocessing import get_context
from pathlib import Path

import pytest
from tqdm import tqdm

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "_build" / "cosmic-ray"))
FOLDERS = ("problems", "theory", "dynamics", "verification", "fingerprints")
PRELOAD = ["hypothesis", "nbval.plugin", "torch", "cvxpy", "sklearn.svm", "scipy.integrate", "matplotlib.pyplot"]
SECONDS = 300  # of processor time; the tests need a fifth of it

Mutant = tuple[Path, str, int]  # module, Cosmic Ray's operator, and which of the places where it applies


def mutants(only: str) -> Iterator[Mutant]:
    """All there are of the modules whose path holds ``only``. Annotations are not run, so changes in them are none."""
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.plugins import get_operator, operator_names

    operators = {name: get_operator(name)() for name in operator_names() if "Variable" not in name}
    for path in sorted(path for path in (ROOT / "ibnotes").rglob("*.py") if only in str(path)):
        nodes = list(ast_nodes(get_ast(path.read_text(encoding="utf-8"))))
        for name, operator in operators.items():
            places = [node for node in nodes for _ in operator.mutation_positions(node)]
            yield from ((path, name, k) for k, node in enumerate(places) if not in_annotation(node))


def in_annotation(node) -> bool:
    """Whether the node stands after a name's colon or a function's arrow."""
    while node.parent:
        parent = node.parent
        after = [each.get_code().strip() for each in parent.children[: parent.children.index(node)]]
        if parent.type in ("tfpdef", "annassign") and after[-1:] == [":"]:
            return True
        if parent.type == "funcdef" and after[-1:] == ["->"]:
            return True
        node = parent
    return False


def mutate(mutant: Mutant) -> tuple[str, str]:
    """The module's text, and the mutant's."""
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator

    path, operator, occurrence = mutant
    text = path.read_text(encoding="utf-8")
    return text, mutate_code(text, get_operator(operator)(), occurrence)


def unit_tests(path: Path) -> list[list[str]]:
    """The package's test files in two heaps: those that bear the module's name or else its folder's, and the rest."""
    files = [each for name in FOLDERS for each in (ROOT / "tests" / name).glob("test_*.py")]
    files += [*(ROOT / "tests").glob("test_*.py"), ROOT / "tests" / "course" / "test_course.py"]
    near = [each for each in files if each.stem == f"test_{path.stem}"]
    near = near or [each for each in files if each.parent.name == path.parent.name] or files
    return [sorted(map(str, heap)) for heap in (near, set(files) - set(near)) if heap]


def run(path: Path, text: str) -> None:
    """In a process of its own: the tests, up to the first that fails, on a module of this text."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    honest = SourceFileLoader.get_code
    changed = lambda loader: loader.path == str(path)
    SourceFileLoader.get_code = lambda loader, name: (
        compile(text, str(path), "exec") if changed(loader) else honest(loader, name)
    )
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(1, 2)
    options = ["-x", "-m", "not slow and not book", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
    os._exit(any(pytest.main([*options, *heap]) for heap in unit_tests(path)))


def survives(context, path: Path, text: str) -> bool:
    process = context.Process(target=run, args=(path, text))
    process.start()
    process.join(10 * SECONDS)
    process.kill()
    return process.exitcode == 0


def told(mutant: Mutant) -> str:
    """Its place and the changed lines."""
    texts = (text.splitlines() for text in mutate(mutant))
    _, _, *lines = difflib.unified_diff(*texts, n=0, lineterm="")
    return "\n    ".join([str(mutant[0].relative_to(ROOT)), *lines])


def main(only: str, sample: int, seed: int, jobs: int) -> None:
    everything = list(mutants(only))
    drawn = random.Random(seed).sample(everything, min(sample, len(everything)))
    context = get_context("forkserver")
    context.set_forkserver_preload(PRELOAD)
    path = ROOT / "ibnotes" / "measures.py"
    if not survives(context, path, path.read_text(encoding="utf-8")):
        sys.exit("the tests fail on the package as it is")
    with ThreadPoolExecutor(jobs) as pool:
        alive = list(tqdm(pool.map(lambda each: survives(context, each[0], mutate(each)[1]), drawn), total=len(drawn)))
    for mutant in [each for each, survivor in zip(drawn, alive, strict=True) if survivor]:
        print(told(mutant))
    print(f"{len(drawn) - sum(alive)} of {len(drawn)} mutants killed, of {len(everything)} that there are")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("only", nargs="?", default="", help="modules whose path holds this")
    parser.add_argument("--sample", type=int, default=150)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    main(**vars(parser.parse_args()))
