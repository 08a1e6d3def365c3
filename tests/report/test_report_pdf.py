"""The PDF as a whole: readable, tagged, with everything inside, the same bytes every time."""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from advisor.advice import Advice, Section, Table
from advisor.problems import AdvisorError
from advisor.report import STANDARDS, attachments_for, read_attachments, write_pdf
from advisor.report.fonts import covered
from advisor.report.glyphs import Glyphs
from tests.builders import a_report, an_advice
from tests.report.reading import NEED, reader, sentences, squeezed, text_of

NUMBERS = Path(__file__).parents[3] / "shared" / "scenarios" / "pdf_numbers.py"


@pytest.fixture(scope="module")
def advice() -> Advice:
    return an_advice()


@pytest.fixture(scope="module")
def files(advice: Advice) -> dict[str, bytes]:
    measurement = json.dumps({"format": "edgewise/measurement/1", "note": "ä → 東京"}, ensure_ascii=False).encode()
    return attachments_for(advice, {"NEED.json": NEED, "M.json": measurement, "M-2.json": b"{}", "H.json": b"\xff\x00\n"})


@pytest.fixture(scope="module")
def pdf(advice: Advice, files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.pdf"
    outcome = write_pdf(advice, files, path)
    assert outcome.standards == STANDARDS
    assert outcome.replaced == ()
    assert outcome.pages == len(reader(path).pages)
    return path


def test_the_files_inside_come_back_byte_for_byte(pdf: Path, files: dict[str, bytes]) -> None:
    assert read_attachments(pdf) == files


def test_the_answer_inside_is_the_answer(pdf: Path, advice: Advice) -> None:
    inside = read_attachments(pdf)
    assert json.loads(inside["A.json"]) == advice.to_json()
    assert json.loads(inside["provenance.json"])["catalog_version"] == advice.provenance.catalog_version
    assert len(inside["ledger.csv"].decode().splitlines()) == len(advice.ledger) + 1


def test_it_is_tagged_titled_and_says_its_language(pdf: Path, advice: Advice) -> None:
    document = reader(pdf)
    catalog = document.root_object
    assert catalog["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in catalog
    assert catalog["/Lang"] == "en"
    assert document.metadata is not None
    assert document.metadata.title == advice.report.title
    assert document.metadata.author == advice.report.firm


def test_it_claims_both_standards(pdf: Path) -> None:
    xmp = reader(pdf).root_object["/Metadata"].get_data().decode()
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp
    assert "<pdfaid:part>3</pdfaid:part>" in xmp
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in xmp


def test_its_date_is_the_day_of_the_answer(pdf: Path) -> None:
    metadata = reader(pdf).metadata
    assert metadata is not None
    assert str(metadata["/CreationDate"]).startswith("D:20261124")


def test_every_word_of_the_report_stands_on_paper(pdf: Path, advice: Advice) -> None:
    text = text_of(pdf)
    assert [s for s in sentences(advice.report) if squeezed(s) not in text] == []


def test_the_owner_comes_first_and_the_verdict_is_on_page_one(pdf: Path, advice: Advice) -> None:
    pages = [squeezed(page.extract_text()) for page in reader(pdf).pages]
    first = {s.id: squeezed(s.title) for s in advice.report.sections}
    assert squeezed(advice.report.verdict) in pages[0]
    assert all(first[id] in pages[0] for id in ("why", "changes", "first-steps"))
    assert first["compare"] not in pages[0]
    assert first["bill"] in "".join(pages[:-2])
    assert first["ledger"] not in "".join(pages[:3])


def test_every_page_has_its_foot(pdf: Path) -> None:
    pages = reader(pdf).pages
    for number, page in enumerate(pages, 1):
        assert squeezed(f"Bäckerei Sommer — 24 November 2026 — Worked out by Edgewise page {number} of {len(pages)}") in squeezed(
            page.extract_text()
        )


def test_the_chart_has_words_for_those_who_cannot_see_it(pdf: Path, advice: Advice) -> None:
    alts = [str(o.get_object()["/Alt"]) for o in _structure(pdf) if "/Alt" in o]
    chart = next(s.chart for s in advice.report.sections if s.chart)
    assert chart.alt in alts


def test_tables_have_heads_and_headings_do_not_skip(pdf: Path) -> None:
    kinds = [str(o["/S"]) for o in _structure(pdf) if "/S" in o]
    assert kinds.count("/TH") >= 5
    levels = [int(k[2]) for k in kinds if len(k) == 3 and k.startswith("/H") and k[2].isdigit()]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def _structure(pdf: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []

    def walk(node: object) -> None:
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            for child in node:
                walk(child)
        elif isinstance(node, dict):
            found.append(node)
            if "/K" in node:
                walk(node["/K"])

    walk(reader(pdf).root_object["/StructTreeRoot"])
    return found


def test_the_same_answer_gives_the_same_bytes(pdf: Path, advice: Advice, files: dict[str, bytes], tmp_path: Path) -> None:
    write_pdf(advice, files, tmp_path / "again.pdf")
    assert (tmp_path / "again.pdf").read_bytes() == pdf.read_bytes()


def test_another_day_gives_other_bytes(pdf: Path, advice: Advice, files: dict[str, bytes], tmp_path: Path) -> None:
    later = replace(advice, provenance=replace(advice.provenance, today="2026-11-25"))
    write_pdf(later, files, tmp_path / "later.pdf")
    assert (tmp_path / "later.pdf").read_bytes() != pdf.read_bytes()


@pytest.mark.skipif(shutil.which("qpdf") is None, reason="qpdf is not installed")
def test_a_second_reader_finds_nothing_wrong(pdf: Path) -> None:
    done = subprocess.run(["qpdf", "--check", str(pdf)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(shutil.which("pdftotext") is None or not NUMBERS.is_file(), reason="the checker of numerals is not here")
def test_every_numeral_on_paper_is_in_the_ledger(pdf: Path, advice: Advice, tmp_path: Path) -> None:
    _every_numeral_is_known(pdf, advice, tmp_path)


@pytest.mark.skipif(shutil.which("pdftotext") is None or not NUMBERS.is_file(), reason="the checker of numerals is not here")
@pytest.mark.parametrize("columns", [2, 3, 5])
def test_crowded_cells_tear_no_figure_apart(columns: int, tmp_path: Path) -> None:
    forms = [row.text_form for row in an_advice().ledger if " " in row.text_form or "\u00a0" in row.text_form]
    rows = tuple(
        tuple(" or nearly ".join(forms[(r + 5 * c) % 20 :: 6]) + " in the Counter Box 5, 8 GB" for c in range(columns)) for r in range(7)
    )
    crowded = Section("crowded", "Crowded", "owner", table=Table("", tuple("abcde"[:columns]), rows, (1,)))
    report = a_report()
    facts = tuple(replace(f, note="likely " + " and ".join(forms[:4])) for f in report.facts)
    advice = an_advice(report=replace(report, facts=facts, sections=(*report.sections, crowded)))
    write_pdf(advice, {}, tmp_path / "crowded.pdf")
    _every_numeral_is_known(tmp_path / "crowded.pdf", advice, tmp_path)


def _every_numeral_is_known(pdf: Path, advice: Advice, folder: Path) -> None:
    (folder / "A.json").write_bytes(advice.to_bytes())
    command = [sys.executable, str(NUMBERS), str(pdf), str(folder / "A.json"), "--strict"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_german_pages_count_in_german(tmp_path: Path) -> None:
    advice = an_advice()
    advice = replace(advice, provenance=replace(advice.provenance, language="de"))
    write_pdf(advice, attachments_for(advice, {"NEED.json": NEED}), tmp_path / "de.pdf")
    assert squeezed("Seite 1 von") in text_of(tmp_path / "de.pdf")
    assert reader(tmp_path / "de.pdf").root_object["/Lang"] == "de"


@pytest.mark.parametrize(
    "name",
    [
        'Bäckerei <b>$(x)#set page(fill: red)</b> & "Söhne" \\ ${HOME} @ref *stern* _unter_ `raw` // nichts',
        "Żółć i Łódź, Ελληνικά, Кафе",
        "A" * 200,
        "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz " * 4,
        "מאפייה של דני",
    ],
)
def test_odd_names_are_printed_as_they_are(name: str, tmp_path: Path) -> None:
    advice = _named(name)
    outcome = write_pdf(advice, {}, tmp_path / "odd.pdf")
    assert outcome.standards == STANDARDS
    assert outcome.replaced == ()
    document = reader(tmp_path / "odd.pdf")
    assert document.metadata is not None
    assert document.metadata.author == name.strip() or document.metadata.author == name
    if name.isascii() or "Ł" in name:
        assert squeezed(name) in text_of(tmp_path / "odd.pdf")


def test_every_character_of_the_fonts_can_be_set_under_both_standards(tmp_path: Path) -> None:
    characters = Glyphs().clean(" ".join(chr(point) for point in sorted(covered())))
    table = Table(characters[:2000], ("a", characters[2000:4000]), (("b", characters),))
    report = a_report(sections=(Section("all", "All", "owner", paragraphs=(characters,), table=table),))
    outcome = write_pdf(an_advice(report=report), {}, tmp_path / "all.pdf")
    assert outcome.standards == STANDARDS


def test_without_the_standards_there_is_still_a_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("advisor.report.STANDARDS", ("ua-1", "a-4"))  # two that exclude each other
    outcome = write_pdf(an_advice(), {"NEED.json": NEED}, tmp_path / "plain.pdf")
    assert outcome.standards == ()
    assert read_attachments(tmp_path / "plain.pdf") == {"NEED.json": NEED}


def test_characters_without_a_glyph_are_marked_and_reported(tmp_path: Path) -> None:
    outcome = write_pdf(_named("Bäckerei 東京 🍞 \u202e<b>$(x)#set\u0007 \ud800"), {}, tmp_path / "odd.pdf")
    assert outcome.standards == STANDARDS
    assert outcome.replaced == ("東", "京", "🍞", "U+D800")
    text = text_of(tmp_path / "odd.pdf")
    assert squeezed("Bäckerei □□ □ <b>$(x)#set □") in text
    assert squeezed("Some characters could not be printed.") in text


def _named(name: str) -> Advice:
    """The bakery under another name, which also labels a bar, a cell, a heading and a fact."""
    report = a_report(firm=name, title=f"For {name}")
    compare = next(s for s in report.sections if s.chart)
    assert compare.chart is not None
    bars = (replace(compare.chart.bars[0], label=name), *compare.chart.bars[1:])
    changed = replace(compare, title=name, chart=replace(compare.chart, bars=bars, alt=name))
    table = Section("extra", "Extra", "annex", bullets=(name,), table=Table(name, (name, "b"), ((name, name),), (1,), name))
    sections = (*(changed if s is compare else s for s in report.sections), table)
    facts = (replace(report.facts[0], value=name), *report.facts[1:])
    return an_advice(report=replace(report, sections=sections, facts=facts))


def test_long_tables_run_over_pages_with_their_heads(tmp_path: Path) -> None:
    rows = tuple((f"row{n}", f"what number {n} is and a few more words about it " * 3, f"{n},000") for n in range(60))
    long = Section("long", "Many rows", "owner", table=Table("", ("Name", "Words", "Amount"), rows, (2,)))
    report = a_report(sections=(long,))
    write_pdf(an_advice(report=report), {}, tmp_path / "long.pdf")
    pages = [squeezed(p.extract_text()) for p in reader(tmp_path / "long.pdf").pages]
    with_rows = [p for p in pages if "row" in p]
    assert len(with_rows) >= 2
    assert all("NameWordsAmount" in p for p in with_rows)
    assert all(any(squeezed(f"row{n}") in p for p in pages) for n in range(60))


def test_empty_parts_leave_no_trace(tmp_path: Path) -> None:
    nothing = Section("none", "Nothing here", "owner")
    empty_table = Section("empty", "No rows", "annex", table=Table("t", ("a", "b"), ()))
    report = a_report(sections=(nothing, empty_table), facts=(), firm="", title="", confidence="", confidence_why="", footer="")
    outcome = write_pdf(an_advice(report=report, ledger=()), {}, tmp_path / "empty.pdf")
    assert outcome.standards == STANDARDS
    assert outcome.pages == 1
    text = text_of(tmp_path / "empty.pdf")
    assert squeezed("Nothing here") not in text
    assert squeezed("No rows") not in text
    assert squeezed(report.verdict) in text


def test_a_file_that_is_no_report_is_refused_in_plain_words(tmp_path: Path) -> None:
    other = tmp_path / "letter.pdf"
    other.write_bytes(b"%PDF-1.7 this is none")
    for path, code in ((other, "NOT_A_REPORT"), (tmp_path / "missing.pdf", "NO_ACCESS"), (tmp_path, "NO_ACCESS")):
        with pytest.raises(AdvisorError) as caught:
            read_attachments(path)
        assert caught.value.problems[0].code == code


def test_a_damaged_report_is_refused_not_half_read(pdf: Path, tmp_path: Path) -> None:
    whole = pdf.read_bytes()
    cut = tmp_path / "cut.pdf"
    for share in (0.2, 0.5, 0.9):
        cut.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(AdvisorError) as caught:
            read_attachments(cut)
        assert caught.value.problems[0].code == "NOT_A_REPORT"


def test_a_pdf_without_answers_is_no_report(tmp_path: Path) -> None:
    write_pdf(an_advice(), {"ledger.csv": b"x"}, tmp_path / "bare.pdf")
    with pytest.raises(AdvisorError):
        read_attachments(tmp_path / "bare.pdf")
