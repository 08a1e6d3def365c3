"""A task that measures on a machine we advise to rent, before much money is spent on it.

For providers that SkyPilot knows it is a task file of SkyPilot's; for all others a shell recipe that needs only `ssh`. Both send
a folder (see `advisor.kit`) to the machine, run `measure` in it and bring M.json back.
"""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from advisor.catalog.names import provider_name
from advisor.problems import AdvisorError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

# Our names of the providers that SkyPilot 0.14 rents from, and its own.
_SKYPILOT: Final = {
    "aws": "aws", "azure": "azure", "cudo": "cudo", "digitalocean": "do", "fluidstack": "fluidstack", "gcp": "gcp", "lambda": "lambda",
    "nebius": "nebius", "oci": "oci", "paperspace": "paperspace", "runpod": "runpod", "seeweb": "seeweb", "verda": "verda",
}  # fmt: skip
# SkyPilot cannot end these by itself after some idle minutes.
_NO_AUTOSTOP: Final = frozenset({"verda"})
# Google's graphics machines are asked for by the card, which our list does not tell in SkyPilot's words.
_CARDS_BY_HAND: Final = frozenset({"gcp"})
_NO_REGION: Final = frozenset({"", "all", "unspecified"})
_IDLE_MINUTES: Final = 15
_RENTED_KINDS: Final = frozenset({"cloud_instance", "cloud_batch", "hybrid"})
CLUSTER: Final = "edgewise-test"


@dataclass(frozen=True, slots=True)
class Target:
    """The machine to measure on: its id in the catalog, provider, type, region (`None` = any), and how it is called.

    `price`: what an hour costs, in words, or ''. `is_rented`: the firm has it already. `has_card`: it has a graphics card.
    """

    id: str
    provider: str
    type: str
    region: str | None
    what: str
    price: str
    is_rented: bool
    has_card: bool

    @property
    def skypilot(self) -> str | None:
        """SkyPilot's name of the provider, `None` where the machine has to be rented by hand."""
        # A name with blanks is a description, not what the provider's own programs call the machine.
        by_hand = self.is_rented or " " in self.type or (self.has_card and self.provider in _CARDS_BY_HAND)
        return None if by_hand else _SKYPILOT.get(self.provider)


def target_of(advice: Mapping[str, Any], option_id: str, cards: Mapping[str, bool]) -> Target:
    """The rented machine of an option in a parsed A.json. `cards` says which machine types have a graphics card.

    Raises:
        AdvisorError: there is no such option, or nothing in it is rented by the hour or month.
    """
    options = {o["id"]: o for o in advice["options"]}
    if option_id not in options:
        some = ", ".join([i for i, o in options.items() if o["kind"] in _RENTED_KINDS][:3]) or "none of them is rented"
        raise AdvisorError(
            Problem("BAD_FIELD", "--option", f"The answer has no option called {option_id[:80]}.", "", f"Rented ones in it: {some}.")
        )
    option = options[option_id]
    part = next((p for p in option["parts"] if p.get("provider") and ":" in p["catalog_id"]), None)
    if option["kind"] not in _RENTED_KINDS or part is None or part["purchase"] in ("pay-per-use", "serverless"):
        raise AdvisorError(_nothing_rented(option))
    provider, type_ = part["catalog_id"].split(":", 1)
    region = part["region"] or ""
    return Target(
        id=part["catalog_id"],
        provider=_one_line(provider),
        type=_one_line(type_),
        region=None if region in _NO_REGION else _one_line(region),
        what=_one_line(part["what"]),
        price=_hourly(option),
        is_rented=part["purchase"] == "own",
        has_card=cards.get(part["catalog_id"], False),
    )


def _one_line(text: str) -> str:
    """Words of a file in which a line of their own could be taken for a command."""
    return "".join(c if c.isprintable() else "?" for c in text)[:80]


def _hourly(option: Mapping[str, Any]) -> str:
    for line in option["cost"]["lines"]:
        if line["code"] == "T14" and line["unit"] == "hours" and line["unit_price"]:
            return f"{line['unit_price']:.2g} {option['cost']['currency']}"
    return ""


def _nothing_rented(option: Mapping[str, Any]) -> Problem:
    do = {
        "edge_new": "Buy or borrow one, and carry the test there: python -m advisor pack.",
        "edge_existing": "Measure on that computer: python -m advisor measure, or carry the test there: python -m advisor pack.",
        "none": "Choose an option of the kind cloud_instance.",
    }.get(option["kind"], "Try the service with a free account, or choose an option of the kind cloud_instance.")
    return Problem("BAD_FIELD", "--option", f"In {option['id'][:80]} no machine is rented.", "There is nothing to rent for a test.", do)


def skypilot_task(target: Target, file: str, folder: str) -> str:
    """The task file, with how to use it in words before it.

    Args:
        file: what the task file is called.
        folder: the folder to send, relative to the file.
    """
    file = _one_line(file)
    resources: list[str] = [
        f"  infra: {json.dumps('/'.join(filter(None, (target.skypilot, target.region))))}",
        f"  instance_type: {json.dumps(target.type)}",
        "  use_spot: false",
    ]
    if target.skypilot not in _NO_AUTOSTOP:
        resources += ["  autostop:", f"    idle_minutes: {_IDLE_MINUTES}", "    down: true"]
        end = f"#    (It ends itself after {_IDLE_MINUTES} idle minutes, should you forget.)"
    else:
        end = "#    (It does not end itself, and costs money until you do this.)"
    lines = [
        *_about(target, folder),
        "# You need an account there and SkyPilot (pip install skypilot). In this folder:",
        f"# 1. sky launch -c {CLUSTER} -y {file}",
        f"# 2. scp {CLUSTER}:edgewise-test/M.json .",
        f"# 3. sky down -y {CLUSTER}",
        end,
        "# 4. python -m advisor advise NEED.json --measurement M.json --out A.json",
        f"# If SkyPilot does not know this machine, rent it by hand and run: sh {shlex.quote(_one_line(folder))}/recipe.sh user@address",
        "",
        f"name: {CLUSTER}",
        "",
        "resources:",
        *resources,
        "",
        "file_mounts:",
        f"  ~/edgewise-test: {json.dumps('./' + folder)}",
        "",
        "run: |",
        "  sh ~/edgewise-test/start.sh",
    ]
    return "\n".join(lines) + "\n"


def recipe(target: Target, file: str, folder: str) -> str:
    """The shell recipe for a machine that was rented by hand.

    Args:
        file: what the recipe is called.
        folder: the folder to send, relative to the file ("." = where it lies).
    """
    first = "The firm rents it already." if target.is_rented else f"Rent {target.what} first, with Ubuntu 24.04 or Debian 12 on it."
    lines = [
        "#!/bin/sh",
        *_about(target, folder),
        f"# {first}",
        "# Then, on a computer with ssh (Linux, macOS, or Git Bash on Windows):",
        f"#     sh {_one_line(file)} user@address",
        "# It leaves M.json in the folder where you are. Use it with:",
        "#     python -m advisor advise NEED.json --measurement M.json --out A.json",
        "set -eu",
        'if [ $# -ne 1 ]; then echo "Give the machine: sh $0 user@address"; exit 2; fi',
        f'folder="$(dirname "$0")"/{shlex.quote(folder)}',
        # A bare machine has Python but often not what makes a private one.
        "need='command -v apt-get >/dev/null && ! python3 -c \"import ensurepip\" 2>/dev/null'",
        "get='(sudo apt-get update && sudo apt-get install -y python3-venv) >/dev/null 2>&1'",
        'tar -C "$folder" -cf - . | ssh "$1" \'mkdir -p edgewise-test && tar -C edgewise-test -xf -\'',
        'ssh "$1" "if $need; then $get || true; fi; sh edgewise-test/start.sh"',
        "ssh \"$1\" 'cat edgewise-test/M.json' > M.json.part",
        "mv M.json.part M.json",
        "ssh \"$1\" 'rm -rf edgewise-test'",
        'echo "M.json is here."' if target.is_rented else 'echo "M.json is here. Give the machine back now: it costs money until you do."',
    ]
    return "\n".join(lines) + "\n"


def _about(target: Target, folder: str) -> list[str]:
    where = f" in {target.region}" if target.region else ""
    from_where = "this folder" if folder == "." else f"the folder {_one_line(folder)}"
    lines = [
        f"# Measures your model on {target.what}{where} for a few minutes, before you rent it for good.",
        f"# The model and the test are sent to {provider_name(target.provider)} from {from_where}; look into it first.",
    ]
    if target.price:
        lines.append(f"# The price list says {target.price} an hour; a test takes about a quarter of an hour with starting and ending.")
    if target.has_card:
        lines.append("# It has a graphics card. We could not try this way of measuring on one; M.json says what the model really ran on.")
    return lines
