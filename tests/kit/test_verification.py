"""Tasks for rented machines: SkyPilot's where it knows the provider, else a recipe that really runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from advisor import catalog, measurement
from advisor.benchmark.sample import sample_model
from advisor.kit import Kit, verification, write_folder
from advisor.kit.verification import Target, recipe, skypilot_task, target_of
from advisor.problems import AdvisorError

if TYPE_CHECKING:
    from tests.kit.conftest import Make

ROOT = Path(__file__).resolve().parents[2]
SKYPILOT = ROOT / ".venv-skypilot" / "bin" / "python"


def settings(text: str) -> list[str]:
    """The lines that count."""
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_a_task_names_the_machine_and_ends_it(answer: Make) -> None:
    target = target_of(answer(), "x", {})
    assert (target.skypilot, target.region, target.price, target.has_card) == ("aws", "eu-central-1", "0.23 EUR", False)
    task = skypilot_task(target, "t.yaml", "t.files")
    for line in ('  infra: "aws/eu-central-1"', '  instance_type: "m7a.xlarge"', "    down: true", '  ~/edgewise-test: "./t.files"'):
        assert line in settings(task)
    assert "0.23 EUR an hour" in task
    assert "sky launch -c edgewise-test -y t.yaml" in task
    assert "sky down" in task


@pytest.mark.parametrize(
    ("more", "skypilot"),
    [
        ({"provider": "digitalocean", "type": "g-2vcpu-8gb", "region": "fra1"}, "do"),
        ({"provider": "hetzner", "type": "cx33", "region": "fsn1"}, None),
        # The list tells what it is, not what the provider's programs call it.
        ({"provider": "lambda", "type": "1x A10G 24GB", "region": "all"}, None),
        # The firm has it already: a new one would be another machine.
        ({"purchase": "own", "region": None}, None),
        ({"kind": "hybrid"}, "aws"),
    ],
)
def test_who_is_known_to_skypilot(answer: Make, more: dict[str, Any], skypilot: str | None) -> None:
    target = target_of(answer(**more), "x", {})
    assert target.skypilot == skypilot
    assert target.region != "all"


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"kind": "edge_new", "provider": None}, "advisor pack"),
        ({"kind": "edge_existing", "provider": None}, "advisor measure"),
        ({"kind": "cloud_api", "purchase": "serverless"}, "nothing to rent"),
        ({"kind": "hybrid", "purchase": "serverless"}, "nothing to rent"),
    ],
)
def test_what_is_not_rented_is_refused(answer: Make, more: dict[str, Any], word: str) -> None:
    with pytest.raises(AdvisorError) as caught:
        target_of(answer(**more), "x", {})
    assert caught.value.problems[0].field == "--option"
    assert word in caught.value.problems[0].sentence()


def test_an_unknown_option_names_rented_ones(answer: Make) -> None:
    with pytest.raises(AdvisorError, match="Rented ones in it: x"):
        target_of(answer(), "y", {})


def test_names_from_a_file_never_become_commands(answer: Make, tmp_path: Path) -> None:
    evil = f"pc\ntouch {tmp_path / 'HACKED'}\n"
    target = target_of(answer(what=evil, region=evil, type="a; touch b"), "x", {})
    for text in (recipe(target, evil, "$(touch c) 'd"), skypilot_task(target, evil, "e: f\n")):
        assert not [line for line in text.splitlines() if line.startswith("touch")]
    script = tmp_path / "r.sh"
    script.write_text(recipe(target, evil, "$(touch c) 'd"), encoding="utf-8")
    assert subprocess.run(["sh", "-n", str(script)], check=False).returncode == 0
    subprocess.run(["sh", str(script)], cwd=tmp_path, check=False, capture_output=True)
    assert [p.name for p in tmp_path.iterdir()] == ["r.sh"]


@pytest.mark.skipif(os.name != "posix", reason="the recipe is for a shell")
def test_the_recipe_measures_there_and_brings_the_result(answer: Make, tmp_path: Path) -> None:
    target = target_of(answer(provider="hetzner", type="cx33", what="Hetzner cx33"), "x", {})
    here, far, tools = (tmp_path / n for n in ("here ü", "far", "tools"))
    for folder in (here, far, tools):
        folder.mkdir()
    write_folder(Kit(sample_model(tmp_path), seconds=1, machine=target.id), here / "task.files")
    (here / "task.sh").write_text(recipe(target, "task.sh", "task.files"), encoding="utf-8")
    # The other computer is another folder; python3 there is the one of this test.
    ssh = tools / "ssh"
    ssh.write_text(f'#!/bin/sh\n[ "$1" = me@there ] || exit 9\ncd "{far}" && exec sh -c "$2"\n', encoding="utf-8")
    ssh.chmod(0o755)
    env = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "EDGEWISE_PYTHON": sys.executable}
    done = subprocess.run(["sh", "task.sh", "me@there"], cwd=here, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Give the machine back now" in done.stdout
    assert measurement.read(here / "M.json").machine.name == "hetzner:cx33"
    assert not list(far.iterdir())
    assert subprocess.run(["sh", "task.sh"], cwd=here, env=env, capture_output=True, check=False).returncode == 2


# What SkyPilot's own list has to say of a machine, so that it need not fetch it.
_LIST = "InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,GpuInfo,Price,SpotPrice,Region,AvailabilityZone,Arch,Generation"
_READ = """
import json, sys, sky
task = sky.Task.from_yaml(sys.argv[1])
task.validate()
(r,) = task.resources
mounts = {k: str(v) for k, v in task.file_mounts.items()}
print("READ", json.dumps([str(r.cloud).lower(), r.instance_type, r.region, r.use_spot, task.run, mounts]))
"""


@pytest.mark.slow
@pytest.mark.skipif(not SKYPILOT.exists(), reason="SkyPilot was not fetched (packaging/skypilot.sh)")
@pytest.mark.parametrize("provider", sorted(verification._SKYPILOT))
def test_skypilot_itself_reads_the_task(provider: str, tmp_path: Path) -> None:
    """Every provider that it knows: one of our own machines there, with a list of that machine alone in place of SkyPilot's."""
    o = catalog.load(ROOT / "catalogs").offers
    rows = [i for i in np.flatnonzero(o.usable >= 0).tolist() if o.provider_text(i) == provider]
    targets = [
        Target(f"{provider}:{o.type_text(i)}", provider, o.type_text(i), r if r not in ("all", "unspecified") else None, "a machine", "",
               is_rented=False, has_card=bool(o.type_chip[o.type_row[i]]))
        for i, r in ((i, o.region_text(i)) for i in rows)
    ]  # fmt: skip
    target = next((t for t in targets if t.skypilot), None)
    if target is None:
        pytest.skip(f"no machine of {provider} in our list is called as its own programs call it")
    sky = target.skypilot or ""
    (tmp_path / "task.files").mkdir()
    (tmp_path / "task.yaml").write_text(skypilot_task(target, "task.yaml", "task.files"), encoding="utf-8")
    lists = tmp_path / "home" / ".sky" / "catalogs" / "v8" / sky
    lists.mkdir(parents=True)
    region = target.region or "anywhere"
    row = f"{target.type},,,4,16,,0.2,,{region},{region}-a,x86_64,V2"
    (lists / "vms.csv").write_text(f"{_LIST}\n{row}\n", encoding="utf-8")
    (lists / "images.csv").write_text("Tag,Region,OS,OSVersion,ImageId,CreationDate,BaseContainerImages\n", encoding="utf-8")
    (lists / "instance_quota_mapping.csv").write_text("InstanceType,QuotaCode,SpotInstanceCode\n", encoding="utf-8")
    (lists / "accelerator_quota_mapping.csv").write_text("Accelerator,Quota\n", encoding="utf-8")
    env = {**os.environ, "HOME": str(tmp_path / "home"), "SKYPILOT_DISABLE_USAGE_COLLECTION": "1"}
    done = subprocess.run([str(SKYPILOT), "-c", _READ, "task.yaml"], cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    told = next((line for line in done.stdout.splitlines() if line.startswith("READ ")), None)
    assert told is not None, done.stdout[-2000:] + done.stderr[-2000:]
    cloud, kind, where, spot, run, mounts = json.loads(told.removeprefix("READ "))
    assert (cloud, kind, where, spot) == (sky, target.type, target.region, False)
    assert run.strip() == "sh ~/edgewise-test/start.sh"
    assert mounts == {"~/edgewise-test": str(tmp_path / "task.files")}
