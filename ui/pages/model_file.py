"""Where is the model file? It is read in a process of its own; free sizes are asked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout

from advisor.benchmark.decoding import KINDS
from ui import wording
from ui.page import Answer, Page
from ui.widgets.inputs import NumberField, TextField
from ui.widgets.size_picture import SizePicture, kind_of
from ui.widgets.text import label
from ui.widgets.wrapping_row import WrappingRow

if TYPE_CHECKING:
    from PySide6.QtGui import QCloseEvent

    from advisor.model_profile import ModelProfile
    from advisor.problems import Problem
    from ui.child import Child
    from ui.outside import Outside
    from ui.widgets.field import Field

_OF_SAMPLES = ("NEEDS_SAMPLE", "NO_ACCESS")
# Batch sizes are ours to choose; only what changes the work of one answer is asked.
_BATCH_WORDS = ("batch", "batch_size", "n", "bs")


def asked_sizes(profile: ModelProfile) -> tuple[str, ...]:
    """The free sizes of a model that only the owner knows: all but the first one of each input where it is a batch."""
    firsts = {port.free[0] for port in profile.inputs if port.free and port.shape and not isinstance(port.shape[0], int)}
    return tuple(
        n for n in profile.free_sizes if n.lower() not in _BATCH_WORDS and not (n in firsts and len(firsts) == 1 and _is_picture(profile))
    )


def _is_picture(profile: ModelProfile) -> bool:
    return any(len(port.shape) == 4 for port in profile.inputs)


def size_question(name: str) -> tuple[str, str]:
    """A question in plain words for a free size, and its unit."""
    low = name.lower()
    if "height" in low or low in ("h",):
        return "How many dots high are your pictures?", "dots"
    if "width" in low or low in ("w",):
        return "How many dots wide are your pictures?", "dots"
    if any(word in low for word in ("seq", "length", "token", "time", "frames")):
        return f"How long is one piece of your data? (the model calls it “{name}”)", "steps"
    return f"How large is “{name}” in your data?", ""


class ModelFilePage(Page):
    """Choose the file; we read it and say what we found."""

    id = "model_file"
    title = "Where is your model file?"
    hint = "It ends in .onnx. We read it on this computer and send it nowhere."

    def __init__(self, outside: Outside) -> None:
        super().__init__(outside)
        self._child: Child | None = None
        self._profile: ModelProfile | None = None
        self._read: tuple[str | None, str | None] = (None, None)
        self._problem: Problem | None = None
        self._go_on = False
        self.file = TextField("job.model.onnx", "Model file", most=4096)
        self.pick = QPushButton("Choose a file…")
        self.pick.setAutoDefault(True)
        self.pick.clicked.connect(lambda _=False: self._pick())
        row = QHBoxLayout()
        row.setSpacing(8)
        self.file.column.removeWidget(self.file.edit)
        row.addWidget(self.file.edit, 1)
        row.addWidget(self.pick)
        self.file.column.addLayout(row)
        self.body.addWidget(self.file)
        self.found = QFrame()
        self.found.setProperty("box", "accent")
        inside = QVBoxLayout(self.found)
        inside.setContentsMargins(16, 12, 16, 12)
        self.found_words = label("")
        inside.addWidget(self.found_words)
        self.body.addWidget(self.found)
        self.found.hide()
        self.samples = TextField(
            "job.model.samples",
            "Samples of your own (may be left out)",
            "Pictures, recordings, texts or a table. They tell us the size, and the test comes closer to your work.",
            most=4096,
        )
        one, many = QPushButton("Choose a sample…"), QPushButton("Choose a folder of samples…")
        for button, act in ((one, self._pick_sample), (many, self._pick_folder)):
            button.setAutoDefault(True)
            button.clicked.connect(lambda _=False, act=act: act())
        self.samples.column.addWidget(WrappingRow(one, many))
        self.samples.edit.editingFinished.connect(self._typed)
        self.body.addWidget(self.samples)
        self._sizes_title = label("Your model takes inputs of any size", "section")
        self._sizes_hint = label("Tell us the size you use. A large picture can take a hundred times longer than a small one.", "hint")
        self._sizes = QVBoxLayout()
        self._sizes.setSpacing(16)
        self.body.addWidget(self._sizes_title)
        self.body.addWidget(self._sizes_hint)
        self.body.addLayout(self._sizes)
        self._size_fields: dict[str, NumberField] = {}
        self._pictures: list[SizePicture] = []
        self.file.edit.editingFinished.connect(self._typed)
        self._show_sizes(None)

    def show_answers(self) -> None:
        self.file.set_value(self.session.model_path)
        self.samples.set_value(self.session.samples_path)
        self._profile, self._problem = self.session.profile, None
        self._read = (self.session.model_path, self.session.samples_path)
        self._show_profile()
        for name, size in self.session.sizes:
            if name in self._size_fields:
                self._size_fields[name].set_value(float(size))

    # ---- choosing and reading ------------------------------------------------------------------------------------

    def _pick(self) -> None:
        path = self.outside.pick_file(self, "Choose your model file", "ONNX models (*.onnx)")
        if path is not None:
            self.file.set_value(str(path))
            self._typed()

    def _pick_sample(self) -> None:
        self._take(self.outside.pick_file(self, "Choose a sample", f"Samples ({' '.join(f'*{k}' for k in sorted(KINDS))})"))

    def _pick_folder(self) -> None:
        self._take(self.outside.pick_folder(self, "Choose a folder of samples"))

    def _take(self, path: Path | None) -> None:
        if path is not None:
            self.samples.set_value(str(path))
            self._typed()

    def _typed(self) -> None:
        path = self.file.value()
        if path and (path, self.samples.value()) != self._read:
            self._start(path, self.samples.value())

    def _start(self, path: str, samples: str | None) -> None:
        from advisor.benchmark.client import profile_job
        from ui.child import Child

        self._stop()
        self._profile, self._read, self._problem = None, (path, samples), None
        self.file.show_problem(None)
        self.samples.show_problem(None)
        self._show_sizes(None)
        self.found_words.setText("We are reading the file…")
        self.found.show()
        self._child = Child(profile_job(Path(path), inputs=Path(samples) if samples else None), self.outside.benchmark_command, self)
        self._child.finished.connect(self._read_done)
        self._child.failed.connect(self._failed)

    def _stop(self) -> None:
        if self._child is not None:
            child, self._child = self._child, None
            child.blockSignals(True)
            child.cancel()
            child.deleteLater()

    def _read_done(self, profile: ModelProfile) -> None:
        self._child = None
        self._profile = profile
        self._show_profile()
        if self._go_on:
            self._go_on = False
            self.going_on.emit()

    def _failed(self, problems: tuple[Problem, ...]) -> None:
        self._child = None
        # What is wrong with a sample is told beside the samples.
        at = self.samples if self._read[1] and problems[0].code in _OF_SAMPLES else self.file
        self._problem = replace(problems[0], field=at.path)
        self.found.hide()
        at.show_problem(self._problem)
        if self._go_on:
            self._go_on = False
            self.going_on.emit()

    def _show_profile(self) -> None:
        profile = self._profile
        self._show_sizes(profile)
        self.found.setVisible(profile is not None)
        if profile is None:
            return
        n = self.outside.locale
        words = f"We read {profile.name}. It has {wording.number(_two(profile.params_millions), n)} million weights"
        words += f" and takes {wording.number(_two(profile.size_bytes / 1e6), n)} MB on the disk."
        self.found_words.setText(words)

    def _show_sizes(self, profile: ModelProfile | None) -> None:
        names = asked_sizes(profile) if profile else ()
        for part in (*self._size_fields.values(), *self._pictures):
            self._sizes.removeWidget(part)
            part.deleteLater()
        self._size_fields, self._pictures = {}, []
        for name in names:
            words, unit = size_question(name)
            field = NumberField(
                f"job.model.onnx.{name}", words, unit, locale=self.outside.locale, least=1, most=1e6, whole=True, needed=True
            )
            self._size_fields[name] = field
            kind = kind_of(name)
            if kind is not None and all(p.kind != kind for p in self._pictures):
                self._pictures.append(SizePicture(kind))
                self._sizes.addWidget(self._pictures[-1])
            self._sizes.addWidget(field)
            field.show()
        for part in (self._sizes_title, self._sizes_hint):
            part.setVisible(bool(names))

    # ---- the answer ----------------------------------------------------------------------------------------------

    def press_main(self) -> bool:
        self._typed()
        if self._child is not None:
            # Go on by itself as soon as the file is read.
            self._go_on = True
            return True
        return False

    def answer(self) -> Answer:
        path = self.file.value()
        wrong = self._problem
        if not path:
            wrong = self.file.problem("No model file is chosen yet.", "Choose a file that ends in .onnx.")
        elif self._child is not None or (path, self.samples.value()) != self._read:
            wrong = self.file.problem("The file is not read yet.", "Wait a moment, then press Continue.")
        problems = [wrong] if wrong else []
        problems += [p for f in self._size_fields.values() if (p := f.check()) is not None]
        at_samples = wrong is not None and wrong.field == self.samples.path
        self.file.show_problem(None if at_samples else wrong)
        self.samples.show_problem(wrong if at_samples else None)
        if problems or path is None:
            return tuple(problems)
        sizes = tuple((name, int(f.value() or 1)) for name, f in self._size_fields.items())
        return self.session.with_model_file(path, self._profile, sizes, self.samples.value())

    def fields(self) -> list[Field]:
        return [self.file, self.samples, *self._size_fields.values()]

    def leave(self) -> None:
        self._go_on = False
        if self._child is not None:
            self._read_path = None
        self._stop()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._stop()
        super().closeEvent(event)


def _two(value: float) -> float:
    """Two meaningful digits."""
    return float(f"{value:.2g}")


PAGE = ModelFilePage
