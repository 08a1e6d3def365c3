"""Two thousand altered updates: each is refused, in one plain sentence, and nothing is changed."""

from __future__ import annotations

import json
import random
import stat
import struct
import zlib
from collections import Counter
from datetime import date, timedelta

import pytest
from tuf.api.metadata import Delegations, Metadata, MetaFile

from advisor.catalog_check import check
from advisor.catalog_updates import container, making
from advisor.problems import AdvisorError
from tests.updates.small import KEYS, TODAY, TRUSTED, csv_bytes, members, signed, small, update

STRANGER = making.new_keys()


def rewrite(inside, name, content, *, squeeze=True):
    """The bundle with another member in place of one, written just as we write it."""
    return container.write({**inside, name: container.pack(content, squeeze=squeeze)})


@pytest.fixture
def inside(good, tmp_path):
    return members(good, tmp_path)


# ---- by chance ---------------------------------------------------------------------------------------------------------


def flipped(rng, good, _inside):
    at = rng.randrange(len(good))
    return good[:at] + bytes([good[at] ^ (1 << rng.randrange(8))]) + good[at + 1 :]


def scribbled(rng, good, _inside):
    changed = bytearray(good)
    for _ in range(rng.randrange(2, 40)):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def cut_off(rng, good, _inside):
    return good[: rng.randrange(len(good))]


def cut_in(rng, good, _inside):
    start = rng.randrange(len(good))
    return good[:start] + good[start + rng.randrange(1, 200) :]


def put_in(rng, good, _inside):
    at = rng.randrange(len(good) + 1)
    return good[:at] + rng.randbytes(rng.randrange(1, 200)) + good[at:]


def content_flipped(rng, _good, inside):
    """Well written, with the right checksum; only the content is another one."""
    name = rng.choice(sorted(inside))
    content = bytearray(container.unpack(inside[name], name))
    content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    return rewrite(inside, name, bytes(content), squeeze=name.startswith(container.TARGETS))


def digit_changed(rng, _good, inside):
    """One figure of a table or of the metadata."""
    name = rng.choice([n for n in sorted(inside) if not n.endswith(".npz")])
    content = bytearray(container.unpack(inside[name], name))
    at = rng.choice([i for i, c in enumerate(content) if 48 <= c <= 57])
    content[at] = rng.choice([c for c in range(48, 58) if c != content[at]])
    return rewrite(inside, name, bytes(content), squeeze=name.startswith(container.TARGETS))


def packed_anew(rng, _good, inside):
    """The same content, deflated another way or not at all."""
    name = rng.choice([n for n in sorted(inside) if inside[n].method == container.DEFLATED and inside[n].size > 1000])
    content = container.unpack(inside[name], name)
    how = rng.choice(["stored", "other level", "more blocks", "padding"])
    if how == "stored":
        return rewrite(inside, name, content, squeeze=False)
    if how == "padding":
        new = inside[name].packed + b"\x00"
    else:
        deflate = zlib.compressobj(rng.choice([1, 2, 3]), zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY)
        half = rng.randrange(1, len(content))
        parts = [content[:half], content[half:]] if how == "more blocks" else [content]
        new = b"".join(deflate.compress(p) + (deflate.flush(zlib.Z_FULL_FLUSH) if how == "more blocks" else b"") for p in parts)
        new += deflate.flush()
    return container.write({**inside, name: container.Member(container.DEFLATED, zlib.crc32(content), len(content), new)})


def swapped(rng, _good, inside):
    one, other = rng.sample([n for n in sorted(inside) if n.startswith(container.TARGETS)], 2)
    return container.write({**inside, one: inside[other], other: inside[one]})


def left_out(rng, _good, inside):
    name = rng.choice(sorted(inside))
    return container.write({n: m for n, m in inside.items() if n != name})


def added(rng, _good, inside):
    name = rng.choice(["targets/more.csv", "targets/offers.npz", "metadata/2.root.json", "metadata/7.root.json", "targets/a.json"])
    return container.write({**inside, name: container.pack(rng.choice([b"a\n", TRUSTED, b"{}"]), squeeze=False)})


def metadata_of_another(rng, _good, inside):
    """Good metadata of ours, of another update."""
    other = making_of(rng)
    name = rng.choice(["metadata/timestamp.json", "metadata/snapshot.json", "metadata/targets.json"])
    return container.write({**inside, name: other[name]})


def roles_swapped(rng, _good, inside):
    """Good metadata of this very update, in the place of other metadata."""
    one, other = rng.sample([n for n in sorted(inside) if n.startswith(container.METADATA)], 2)
    return container.write({**inside, one: inside[other], **({other: inside[one]} if rng.random() < 0.5 else {})})


def files_of_another(rng, _good, inside):
    other = making_of(rng)
    name = rng.choice([n for n in sorted(inside) if n.startswith(container.TARGETS) and other[n].packed != inside[n].packed])
    return container.write({**inside, name: other[name]})


def making_of(rng):
    day = rng.randrange(2, 28)
    return _kept(f"2026.12.{day:02}")


_MADE: dict[str, dict[str, container.Member]] = {}


def _kept(version):
    if version not in _MADE:
        files = small(version, rate=2, price=3, amounts=csv_bytes([{"item": f"x{i}", "value": -i} for i in range(200)]))
        made = signed(files, version)
        _MADE[version] = container._members(made, "other.zip")
    return _MADE[version]


def by_a_stranger(rng, _good, _inside):
    """Everything right, but signed with other keys: all of them, or one of the roles."""
    role = rng.choice([*making.ROLES[1:], "all", "root"])
    if role == "all":
        root = making.root(STRANGER, date(2036, 12, 31))
        return update(f"2026.12.{rng.randrange(1, 29):02}", keys=STRANGER, roots={1: rng.choice([root, TRUSTED])})
    if role == "root":
        return update(
            keys=STRANGER, roots={1: TRUSTED, 2: making.root(STRANGER, date(2036, 12, 31), 2, rng.choice([None, STRANGER["root"]]))}
        )
    return update(f"2026.12.{rng.randrange(1, 29):02}", keys={**KEYS, role: STRANGER[role]})


def older(rng, _good, _inside):
    day = date(2026, 11, 23) - timedelta(days=rng.randrange(1, 2000))
    return update(f"{day:%Y.%m.%d}")


def expired(rng, _good, _inside):
    return update(expires=TODAY - timedelta(days=rng.randrange(1, 3000)))


def other_number(rng, _good, _inside):
    """Signed by us, but the catalog inside carries another version."""
    return signed(small("2026.12.01"), rng.choice([1, 2026120101, 2026120200, 2026113000, 99991231_00]))


def envelope(rng, _good, inside):
    """What is signed stays; what stands around it is another."""
    name = rng.choice(["timestamp", "snapshot", "targets", "1.root"])
    path = f"metadata/{name}.json"
    document = json.loads(container.unpack(inside[path], path))
    first = document["signatures"][0]
    match rng.randrange(8):
        case 0:
            document["signatures"] = []
        case 1:
            document["signatures"].append({"keyid": STRANGER["root"].public_key.keyid, "sig": "ab" * 64})
        case 2:
            first["sig"] = first["sig"].upper() if first["sig"].upper() != first["sig"] else "00"
        case 3:
            document["more"] = rng.randrange(1000)
        case 4:
            first["more"] = "x"
        case 5:
            first["keyid"] = STRANGER["targets"].public_key.keyid
        case 6:
            document["signatures"] *= 2
        case 7:
            document["signed"]["expires"] = "2099-01-01T00:00:00Z"
    return rewrite(inside, path, json.dumps(document, sort_keys=True, separators=(",", ":")).encode(), squeeze=False)


def written_otherwise(rng, _good, inside):
    """The same metadata, with other spaces or another order."""
    path = rng.choice([n for n in sorted(inside) if n.startswith(container.METADATA)])
    document = json.loads(container.unpack(inside[path], path))
    how = rng.choice([{"indent": 1}, {"indent": 2, "sort_keys": True}, {"sort_keys": True}, {"separators": (", ", ":")}])
    return rewrite(inside, path, json.dumps(document, **how).encode() + rng.choice([b"", b"\n", b" "]), squeeze=False)


def nonsense(rng, _good, inside):
    path = rng.choice([n for n in sorted(inside) if n.startswith(container.METADATA)])
    content = rng.choice(
        [b"", b"{}", b"[]", b"null", b"[" * 200_000, b'{"signed": 1, "signatures": 2}', b"\xff\xfe", b"1e999", rng.randbytes(300)]
    )
    return rewrite(inside, path, content, squeeze=False)


ALTERED = {
    flipped: 600, scribbled: 120, cut_off: 160, cut_in: 80, put_in: 80, content_flipped: 200, digit_changed: 160, packed_anew: 60,
    roles_swapped: 30, swapped: 60, left_out: 40, added: 20, metadata_of_another: 60, files_of_another: 60, by_a_stranger: 60,
    older: 40, expired: 40, other_number: 15, envelope: 80, written_otherwise: 40, nonsense: 45,
}  # fmt: skip


def test_two_thousand_altered_updates_are_refused(desk, good, inside, tmp_path):
    """0 accepted; every one refused with a sentence, never a crash, and nothing written (`code` looks at both)."""
    rng = random.Random(20261125)
    assert desk.code(good) == ""
    codes: dict[str, Counter[str]] = {}
    for alter, times in ALTERED.items():
        for _ in range(times):
            altered = alter(rng, good, inside)
            assert altered != good, alter.__name__
            code = desk.code(altered)
            assert code, (alter.__name__, rng.getstate()[1][-1])
            codes.setdefault(alter.__name__, Counter())[code] += 1
    assert sum(sum(c.values()) for c in codes.values()) == sum(ALTERED.values()) >= 2000 + 20
    assert set(codes["older"]) == {"OLDER"}
    assert set(codes["expired"]) == {"EXPIRED"}
    assert set(codes["by_a_stranger"]) == {"WRONG_KEY"}
    assert set(codes["cut_off"]) <= {"CUT", "NOT_A_BUNDLE"}
    assert set(codes["swapped"]) == set(codes["files_of_another"]) == {"TAMPERED"}
    assert set(codes["digit_changed"]) <= {"TAMPERED", "WRONG_KEY", "EXPIRED"}
    assert desk.code(good) == ""


def test_every_single_bit_of_the_headers_counts(desk, good, inside):
    """Every bit of the index and of the first header, one after the other."""
    start = good.index(b"PK\x01\x02")
    places = [*range(60), *range(start, start + 150), *range(len(good) - 22, len(good))]
    for at in places:
        for bit in range(0, 8, 3):
            assert desk.code(good[:at] + bytes([good[at] ^ (1 << bit)]) + good[at + 1 :]), (at, bit)


def test_parts_of_two_updates_with_one_number(desk, inside):
    """Both are signed by us and carry the same number; a mix of them is still none of ours."""
    other = container._members(update(content={"rate": 3, "price": 4}), "other.zip")
    files = {n: m for n, m in other.items() if n.startswith(container.TARGETS)}
    parts = [f"metadata/{part}.json" for part in ("targets", "snapshot", "timestamp")]
    for count in (1, 2):
        mixed = {**inside, **files, **{part: other[part] for part in parts[:count]}}
        assert desk.code(container.write(mixed)) == "TAMPERED"
    assert desk.code(container.write({**inside, **files, **{part: other[part] for part in parts}})) == ""


def resigned(inside, part, change):
    """The bundle with one part changed and everything above it signed again by us: only a slip of ours could make it."""
    documents = {}
    for name in ("targets", "snapshot", "timestamp"):
        documents[name] = Metadata.from_bytes(inside[f"metadata/{name}.json"].packed)
    change(documents[part].signed)
    new = dict(inside)
    for name, document in documents.items():
        if name == "snapshot":
            meta = document.signed.meta["targets.json"]
            document.signed.meta["targets.json"] = MetaFile.from_data(meta.version, new["metadata/targets.json"].packed, ["sha256"])
        if name == "timestamp":
            meta = document.signed.snapshot_meta
            document.signed.snapshot_meta = MetaFile.from_data(meta.version, new["metadata/snapshot.json"].packed, ["sha256"])
        document.sign(KEYS[name])
        new[f"metadata/{name}.json"] = container.pack(document.to_bytes(), squeeze=False)
    return container.write(new)


def other_version(signed_part):
    signed_part.version += 1


def no_hashes(snapshot):
    snapshot.meta["1.root.json"] = MetaFile(1)


@pytest.mark.parametrize("part", ["targets", "snapshot", "timestamp"])
def test_parts_with_other_numbers(desk, inside, part):
    assert desk.code(resigned(inside, part, lambda _: None)) == ""
    assert desk.code(resigned(inside, part, other_version)) == "TAMPERED"


def test_metadata_we_never_write(desk, inside):
    assert desk.code(resigned(inside, "targets", lambda t: setattr(t, "delegations", Delegations({}, {})))) == "TAMPERED"
    assert desk.code(resigned(inside, "snapshot", no_hashes)) == "TAMPERED"
    assert desk.code(update(roots={})) == "WRONG_KEY"
    for name in ("timestamp.json", "snapshot.json", "targets.json", "1.root.json"):
        deflated = rewrite(inside, f"metadata/{name}", inside[f"metadata/{name}"].packed, squeeze=True)
        assert desk.code(deflated) == "TAMPERED"


# ---- by intent -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "../evil.csv", "targets/../../evil.csv", "/etc/passwd", "targets/..", "C:\\evil.csv", "targets\\rates.csv", "targets/con.csv",
        "targets/nul.npz", "targets/lpt1.csv", "targets/a b.csv", "targets/rates.csv/", "targets/sub/a.csv", "targets/Fx.csv",
        "targets/.csv", "targets/rates.csv\x00.exe", "targets/fx.exe", "metadata/0.root.json", "metadata/99999.root.json",
        "metadata/mirrors.json", "", "rates.csv", "targets/" + "a" * 61 + ".csv", "targets/ｆx.csv".encode().decode("latin-1"),
        "targets/rates.csv\n",
    ],
)  # fmt: skip
def test_names_that_no_catalog_has(desk, inside, name, tmp_path):
    class Name(str):
        """Written as it is, whatever letters it has."""

        __slots__ = ()

        def encode(self, *_):
            return name.encode("latin-1")

    assert desk.code(container.write({**inside, Name("zz"): container.pack(b"x")})) == "BAD_NAME"
    assert not (tmp_path.parent / "evil.csv").exists()


def test_a_link_is_refused(desk, inside):
    content = bytearray(container.write(inside))
    at = content.index(b"PK\x01\x02")
    struct.pack_into("<I", content, at + 38, (stat.S_IFLNK | 0o777) << 16)
    assert desk.code(bytes(content)) == "BAD_NAME"


def test_a_name_twice_is_refused(desk, inside):
    content = container.write({**inside, "targets/ratez.csv": inside["targets/rates.csv"]}).replace(
        b"targets/ratez.csv", b"targets/rates.csv"
    )
    assert desk.code(content) == "BAD_NAME"


def _claiming(inside, name, **facts):
    m = inside[name]
    changed = {"method": m.method, "crc": m.crc, "size": m.size, "packed": m.packed, **facts}
    return container.write({**inside, name: container.Member(**changed)})


def test_a_file_that_says_it_is_huge(desk, inside):
    assert desk.code(_claiming(inside, "targets/amounts.csv", size=2**32 - 1)) == "TOO_LARGE"
    assert desk.code(_claiming(inside, "targets/amounts.csv", size=container.MEMBER_BYTES + 1)) == "TOO_LARGE"
    assert desk.code(_claiming(inside, "metadata/targets.json", size=container.METADATA_BYTES + 1)) == "TOO_LARGE"


def test_a_file_that_grows_too_much(desk, inside):
    content = b"\x00" * (20 * 2**20)
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = container.Member(container.DEFLATED, zlib.crc32(content), len(content), deflate.compress(content) + deflate.flush())
    assert desk.code(container.write({**inside, "targets/amounts.csv": bomb})) == "TOO_LARGE"


def test_a_file_that_hides_how_much_it_grows(desk, inside):
    """It says 200 bytes and holds 20 MB: we stop after 201."""
    content = b"\x00" * (20 * 2**20)
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = container.Member(container.DEFLATED, zlib.crc32(content), 200, deflate.compress(content) + deflate.flush())
    assert desk.code(container.write({**inside, "targets/amounts.csv": bomb})) == "TAMPERED"


def test_too_much_in_all(desk, inside):
    big = {f"targets/t{i}.csv": container.Member(container.STORED, 0, 30 * 2**20, bytes(400_000)) for i in range(4)}
    assert desk.code(container.write({**inside, **big})) == "TOO_LARGE"


def test_too_many_files(desk, inside):
    many = {f"targets/t{i}.csv": container.pack(b"x") for i in range(container.MEMBERS)}
    assert desk.code(container.write({**inside, **many})) == "TOO_LARGE"


def test_a_huge_file_is_not_even_opened(desk, monkeypatch):
    with desk.file.open("wb") as file:
        file.write(b"PK\x03\x04")
        file.truncate(8 * 2**30)

    def refused(*_):
        raise AssertionError("opened")

    monkeypatch.setattr(type(desk.file), "open", refused)
    with pytest.raises(AdvisorError) as error:
        container.read(desk.file)
    assert error.value.problems[0].code == "TOO_LARGE"


def test_members_that_share_their_bytes(desk):
    """A few bytes that stand for many files."""
    content = b"x" * 40_000
    bundle = container.write({f"targets/t{i:03}.csv": container.pack(content, squeeze=False) for i in range(2)})
    first_end = bundle.index(b"PK\x03\x04", 4)
    index = bundle[bundle.index(b"PK\x01\x02") :]
    one = index[: index.index(b"PK\x01\x02", 4)]
    entries = b"".join(one.replace(b"t000", f"t{i:03}".encode()) for i in range(100))
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 100, 100, len(entries), first_end, 0)
    assert desk.code(bundle[:first_end] + entries + end) == "TAMPERED"


@pytest.mark.parametrize("content", [b"", b"P", b"PK", b"hello", b"%PDF-1.7", b"PK\x05\x06" + bytes(18), b"PK\x03\x04" + bytes(100)])
def test_other_files(desk, content):
    assert desk.code(content) in ("NOT_A_BUNDLE", "CUT", "TAMPERED")


def test_a_folder_or_nothing_in_place_of_a_file(desk, tmp_path):
    for path in (tmp_path, tmp_path / "none.zip", tmp_path / ("x" * 300), tmp_path / "a\0b"):
        with pytest.raises(AdvisorError):
            container.read(path)


def test_a_bundle_of_another_program_writing_zips(desk, inside, tmp_path):
    """The same members written by a common zip program: what it adds is not signed, so it is not taken."""
    import zipfile

    path = tmp_path / "other.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, member in inside.items():
            archive.writestr(name, container.unpack(member, name))
    assert desk.code(path.read_bytes()) == "TAMPERED"


def test_forms_this_program_does_not_read(desk):
    assert desk.code(signed(small("2026.12.01", schema=2))) == "OTHER_FORM"
    lacking = {n: c for n, c in small("2026.12.01").items() if n != "rates.csv"}
    index = json.loads(lacking["catalog.json"])
    assert desk.code(signed(lacking)) == "OTHER_FORM"
    del index["files"]["rates.csv"]
    assert desk.code(signed({**lacking, "catalog.json": json.dumps(index).encode()})) == "OTHER_FORM"
    for text in (
        b"",
        b"{}",
        b"[]",
        b"[" * 100_000,
        b'{"version": 1, "files": []}',
        b'{"version": "2026.12.01", "files": {"a.csv": 1}}',
    ):
        assert desk.code(signed({**small("2026.12.01"), "catalog.json": text})) == "OTHER_FORM"
    without = {n: c for n, c in small("2026.12.01").items() if n != "catalog.json"}
    assert desk.code(signed(without)) == "OTHER_FORM"


def test_the_index_tells_of_other_files_than_are_signed(desk):
    """Signed by us, but catalog.json and a table do not fit: the real check of a catalog says so."""
    files = {**small("2026.12.01"), "rates.csv": small("2026.12.01", rate=9)["rates.csv"]}
    assert desk.code(signed(files), check=check) == "UNSOUND"
