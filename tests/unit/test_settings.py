import re
import tomllib
from hashlib import sha256
from pathlib import Path

import pytest

from coadapt.domain.errors import ConfigError
from coadapt.settings import Settings, is_loopback, load_settings, settings_from

KEY = {"name": "shop", "scope": "ingest", "key": "0123456789abcdef"}


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "coadapt.toml"
    path.write_text(text)
    return path


def test_without_a_file_the_service_is_for_this_machine_only() -> None:
    settings = load_settings(None, {})
    assert (settings.host, settings.port, settings.keys) == ("127.0.0.1", 8400, ())


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, 'port = 1\nstore_url = "sqlite:///a.db"')
    settings = load_settings(path, {"COADAPT_PORT": "2"})
    assert (settings.port, settings.store_url) == (2, "sqlite:///a.db")


def test_keys_may_come_from_the_environment_as_json() -> None:
    environ = {"COADAPT_KEYS": '[{"name": "a", "scope": "read", "key": "0123456789abcdef"}]'}
    (key,) = load_settings(None, environ).keys
    assert key.digest == sha256(b"0123456789abcdef").hexdigest()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("prot = 1", "prot"),
        ('port = "x"', "port"),
        ('[projects.a]\nreplay = "maybe"', "projects.a.replay"),
        ('[[keys]]\nname = "a"\nscope = "all"\nkey = "0123456789abcdef"', "keys.0.scope"),
        ('[[keys]]\nname = "a"\nscope = "read"', "keys.0"),
    ],
)
def test_a_wrong_key_is_named_with_its_file(tmp_path: Path, text: str, key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(written(tmp_path, text), {})
    assert "coadapt.toml" in caught.value.message
    assert caught.value.field == key


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("prot = 1", "prot: is not known; did you mean port?"),
        ("[limits]\nmax_wating = 1", "limits.max_wating: is not known; did you mean max_waiting?"),
        ('[projects.a.retrain]\nconfig = "c"\nmin_event = 1', "did you mean min_events?"),
        ("zzz = 1", "zzz: is not known; there are store_url, runs, host"),
        ("[[keys]]\nscope = 'read'\nkey = '0123456789abcdef'", "keys.0.name: is required"),
        ('host = "0.0.0.0"', "coadapt.toml: a public host needs keys"),
        ('port = "x"', "port: must be a valid integer"),
    ],
)
def test_what_is_wrong_is_said_in_our_words(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(written(tmp_path, text), {})
    assert message in caught.value.message


def test_the_key_that_the_guide_shows_opens_nothing() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "serving.md").read_text()
    (shown,) = re.findall(r"^\[\[keys\]\]\n[^`]+", guide, re.MULTILINE)
    with pytest.raises(ConfigError) as caught:
        settings_from(tomllib.loads(shown), "guide")
    assert caught.value.field == "keys.0.sha256"


def test_a_wrong_secret_is_not_repeated(tmp_path: Path) -> None:
    path = written(tmp_path, '[[keys]]\nname = "a"\nscope = "read"\nkey = "s3cret"')
    with pytest.raises(ConfigError) as caught:
        load_settings(path, {})
    assert "s3cret" not in caught.value.message


@pytest.mark.parametrize("text", ["port = ", "\xff"])
def test_what_is_not_toml_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "coadapt.toml").write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigError, match="is not TOML"):
        load_settings(tmp_path / "coadapt.toml", {})


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings(tmp_path / "none.toml", {})


def test_a_public_address_needs_keys() -> None:
    with pytest.raises(ConfigError, match="needs keys"):
        load_settings(None, {"COADAPT_HOST": "0.0.0.0"})


def test_a_public_address_is_fine_with_keys() -> None:
    assert Settings.model_validate({"host": "0.0.0.0", "keys": [KEY]}).host == "0.0.0.0"


@pytest.mark.parametrize(
    ("host", "is_local"), [("127.0.0.9", True), ("::1", True), ("localhost", True), ("shop", False)]
)
def test_a_loopback_address_is_known(host: str, is_local: bool) -> None:
    assert is_loopback(host) is is_local
