from __future__ import annotations

import json
import sys

import pytest
from typer.testing import CliRunner

from coadapt.cli.data import app
from coadapt.cli.main import main

RATINGS = "1::1193::5::978300760\n1::661::3::978302109\nbroken\n"


@pytest.fixture
def ratings(tmp_path):
    path = tmp_path / "ratings.dat"
    path.write_text(RATINGS)
    return path


def _run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_validate_prints_figures_and_the_line_of_a_bad_row(ratings) -> None:
    result = _run("validate", ratings)
    assert result.exit_code == 0
    assert "movielens_1m" in result.stdout
    assert "4 columns expected, 1 found" in result.stdout


def test_validate_prints_json_and_nothing_else(ratings) -> None:
    report = json.loads(_run("validate", ratings, "--json").stdout)
    assert (report["n_events"], report["first_bad_rows"][0]["line"]) == (2, 3)


def test_a_mapping_file_says_which_column_holds_what(tmp_path) -> None:
    (tmp_path / "m.toml").write_text('user_id = "who"\ntimestamp = "when"\ntime_unit = "s"\n')
    (tmp_path / "e.csv").write_text("who,item_id,when\nu,i,1700000000\n")
    result = _run("validate", tmp_path / "e.csv", "--mapping", tmp_path / "m.toml", "--json")
    assert json.loads(result.stdout)["last_time_ms"] == 1700000000000


def test_an_option_reaches_the_source(tmp_path) -> None:
    (tmp_path / "e.csv").write_text("user_id;item_id;when\nu;i;1700000000\n")
    result = _run(
        "validate",
        tmp_path / "e.csv",
        "--option",
        "timestamp=when",
        "--option",
        "delimiter=;",
        "--json",
    )
    assert json.loads(result.stdout)["source"] == "events_file"


def test_a_file_that_is_not_what_it_claims_ends_with_one_line(
    tmp_path, monkeypatch, capsys
) -> None:
    (tmp_path / "ratings.dat").write_text("hello\n")
    arguments = ["validate", str(tmp_path / "ratings.dat"), "--source", "movielens_1m"]
    monkeypatch.setattr(sys, "argv", ["coadapt", "data", *arguments])
    with pytest.raises(SystemExit, match="1"):
        main()
    assert capsys.readouterr().err.strip().startswith("error (invalid_data): ")


def test_sources_are_listed_with_what_they_read() -> None:
    assert "retailrocket         Read RetailRocket's" in _run("sources").stdout


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_made_up_events_can_be_read_back(tmp_path, suffix) -> None:
    path = tmp_path / f"shop.{suffix}"
    _run("synthesize", path, "--users", 20, "--items", 10, "--events", 300)
    report = json.loads(_run("validate", path, "--json").stdout)
    assert (report["n_events"], report["n_users"], report["n_bad_rows"]) == (300, 20, 0)


def test_an_unknown_suffix_is_refused(tmp_path) -> None:
    result = _run("synthesize", tmp_path / "shop.xlsx")
    assert "name a file that ends in" in str(result.exception)


def test_a_mapping_that_is_no_toml_is_refused(tmp_path, ratings) -> None:
    (tmp_path / "m.toml").write_text("= nothing")
    result = _run("validate", ratings, "--mapping", tmp_path / "m.toml")
    assert "not a readable TOML file" in str(result.exception)
