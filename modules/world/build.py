"""From a seed to all files of a world: plan, play, tell the cases, write down the truth."""

from pathlib import Path

from . import cases, files, law, linked_cases, truth
from .blocks import framed
from .errors import WorldError
from .files import Files, as_json
from .ledger import Ledger, Progress, play
from .sizes import PUBLIC, Size
from .story import draw_plan, draw_rush

PUBLIC_SEED = "casework-public-1"


def make_files(seed: str, progress: Progress | None = None, size: Size = PUBLIC) -> Files:
    """Make every file of the world of `seed` in memory: path -> content."""
    if not seed or not seed.isprintable():
        raise WorldError("the seed must be at least one printable character; choose another")
    ledger = play(draw_plan(seed, size), progress)
    world = _world_files(ledger)
    made = {f"world/{path}": content for path, content in world.items()}
    made["world/world.json"] = as_json(
        {
            "name": ledger.plan.name,
            # Whoever knows the seed can build the truth; so a class world does not tell it.
            "seed": seed if seed == PUBLIC_SEED else "private",
            "size": size.name,
            "version": files.VERSION,
            "files": files.digests(world),
        }
    )
    made.update({f"truth/{path}": content for path, content in _truth_files(ledger).items()})
    return dict(sorted(made.items()))


def build(seed: str, folder: Path, progress: Progress | None = None, size: Size = PUBLIC) -> bool:
    """Build the world of `seed` and that size in `folder` (world/, truth/, build.json).

    Returns False, having done nothing, where the folder already holds exactly that world.
    `progress` is told how many blocks are done and how many there will be.
    """
    if files.unchanged(folder, seed, size.name):
        return False
    folder.mkdir(parents=True, exist_ok=True)
    files.older_build(folder)  # refuse a wrong folder before the work, not after
    files.write(folder, make_files(seed, progress, size), seed, size.name)
    return True


def _world_files(ledger: Ledger) -> Files:
    made = {
        "chain/blk00000.dat": framed(ledger.blocks),
        "law/states.csv": law.states_csv(ledger.plan.seed, list(ledger.plan.states)),
    }
    for story in cases.tell(ledger):
        path = f"cases/{cases.ASSIGNMENT}/{story.inquiry.number:02d}.json"
        made[path] = as_json(cases.brief(ledger, story))
    for purse in linked_cases.tell(ledger):
        path = f"cases/{linked_cases.ASSIGNMENT}/{purse.inquiry.number:02d}.json"
        made[path] = as_json(linked_cases.brief(purse))
    return made


def _truth_files(ledger: Ledger) -> Files:
    made = {
        "entities.csv": truth.entities_csv(ledger),
        "owners.csv": truth.owners_csv(ledger),
        "change.csv": truth.change_csv(ledger),
        "transactions.csv": truth.transactions_csv(ledger),
    }
    folder = f"cases/{cases.ASSIGNMENT}"
    for story in cases.tell(ledger):
        cases.check_band(ledger, story)
        made[f"{folder}/{story.inquiry.number:02d}.json"] = as_json(cases.answer(ledger, story))
    for purse in linked_cases.tell(ledger):
        linked_cases.check_band(ledger, purse)
        path = f"cases/{linked_cases.ASSIGNMENT}/{purse.inquiry.number:02d}.json"
        made[path] = as_json(linked_cases.answer(purse))
    rush = play(draw_rush(f"{ledger.plan.seed} unseen"))
    block = rush.blocks[-1]
    made[f"{folder}/unseen.dat"] = block.raw
    made[f"{folder}/unseen.json"] = as_json(
        {
            "block_time": block.time,
            "block_hash": block.hash.hex(),
            "transaction_count": len(rush.records[-1]),
        }
    )
    return made
