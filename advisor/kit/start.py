"""Runs the test in a folder that was carried to another computer. Works by itself, with Python alone; nothing is installed.

The packages beside it are used where they are of this kind of computer, else those of this Python, else they are fetched
into the folder. Written without anything newer than Python 3.6, so that an old one can still say what is missing.
"""

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

HERE = Path(__file__).resolve().parent
FOLDER = HERE.parent
NEEDED = ("numpy", "onnx", "onnxruntime", "psutil", "jsonschema")
OLDEST, NEWEST = (3, 11), (3, 13)


def say(text: str) -> None:
    """One line for the person in front of the computer."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def kind_of_computer() -> str:
    """What packages with native code must be made for: this Python, on this system."""
    return f"{sys.implementation.cache_tag} {sysconfig.get_platform()}"


def works(python: str, packages: "Path | None") -> bool:
    """Whether a Python has all that is needed, with a folder of packages before its own."""
    command = [python, "-c", "import " + ", ".join(NEEDED)]
    done = subprocess.run(command, env=environment(packages), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return done.returncode == 0


def environment(packages: "Path | None") -> "dict[str, str]":
    """The environment in which the program finds its own code and packages, and nothing of the caller's."""
    places = [str(HERE), *([str(packages)] if packages else [])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(places), "PYTHONUTF8": "1", "PYTHONNOUSERSITE": "1", "ORT_DISABLE_TELEMETRY": "1"}


def ready() -> "tuple[str, Path | None] | None":
    """A Python that can run the test, with its folder of packages; `None` if there is none and none can be fetched."""
    carried = FOLDER / "packages"
    told = carried / "made-for.txt"
    if told.is_file() and told.read_text(encoding="utf-8").strip() == kind_of_computer() and works(sys.executable, carried):
        return sys.executable, carried
    if works(sys.executable, None):
        return sys.executable, None
    own = FOLDER / ".python"
    python = str(own / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
    if not works(python, None) if Path(python).exists() else True:
        say("Fetching what the test needs (about 100 MB, once).")
        log = FOLDER / "fetching.txt"
        with log.open("w", encoding="utf-8") as out:
            for command in (
                [sys.executable, "-m", "venv", str(own)],
                [python, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "-r", str(HERE / "packages.txt")],
            ):
                if subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, check=False).returncode != 0:
                    say(f"It could not be fetched. Is this computer connected to the internet? The details are in {log.name}.")
                    if sys.platform.startswith("linux"):
                        say("On Debian and Ubuntu this may help first: sudo apt-get install -y python3-venv")
                    return None
    return (python, None) if works(python, None) else None


def model_path(told: "str | None") -> "Path | None":
    """The model to time: the one that was packed, or the only one in the folder “model”."""
    found = [FOLDER / told] if told else sorted((FOLDER / "model").glob("*.onnx"))
    if len(found) == 1 and found[0].exists():
        return found[0]
    say("Put the model (one .onnx file, with the files that belong to it) into the folder “model”, then start again.")
    return None


def main() -> int:
    """Times the model and leaves M.json in the folder; the exit code is that of `measure`, or 2."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        say("The test needs Python 3.11, 3.12 or 3.13; this is {}.{}.".format(*sys.version_info[:2]))
        return 2
    job = json.loads((HERE / "job.json").read_text(encoding="utf-8"))
    model = model_path(job["model"])
    found = ready() if model else None
    if model is None or found is None:
        return 2
    python, packages = found
    result = FOLDER / "M.json"
    command = [python, "-m", "advisor", "measure", str(model), "--out", str(result), "--seconds", str(job["seconds"])]
    for name, size in job["sizes"].items():
        command += ["--size", f"{name}={size}"]
    if job["inputs"]:
        command += ["--inputs", str(FOLDER / job["inputs"])]
    if job["machine"]:
        command += ["--machine", job["machine"]]
    say(f"Timing {model.name} (about {job['seconds']:.0f} seconds). Leave the computer alone meanwhile.")
    code = subprocess.run(command, env=environment(packages), cwd=str(FOLDER), check=False).returncode
    if code == 0:
        say(f"Done. Take this file back: {result}")
    return code


if __name__ == "__main__":
    sys.exit(main())
