"""What is tuned is read from the file that trains."""

from __future__ import annotations

import pytest

from coadapt.domain.errors import ConfigError
from coadapt.training.kinds import parse_any_config
from coadapt.tuning.config import TuningConfig
from coadapt.tuning.subject import Subject, read_subject, read_tuning

SHOP = {"data": {"source": "synthetic"}, "recommender": {"name": "item_knn"}}
TEXT = '[data]\nsource = "synthetic"\n[recommender]\nname = "ease"\n[tuning]\ntrials = 7\n'


def subject(space: dict | None = None, **facts) -> Subject:
    return read_subject(SHOP, TuningConfig(space=space or {}, **facts), "shop.toml")


def test_the_command_line_wins_over_the_table(tmp_path) -> None:
    (tmp_path / "c.toml").write_text(TEXT)
    _, tuning = read_tuning(tmp_path / "c.toml", {"seed": 3})
    assert (tuning.trials, tuning.seed) == (7, 3)


def test_options_are_of_the_searcher_in_the_file_alone(tmp_path) -> None:
    (tmp_path / "c.toml").write_text(f"{TEXT}options = {{ n_candidates = 9 }}\n")
    options = [
        read_tuning(tmp_path / "c.toml", given)[1].options
        for given in ({}, {"searcher": "tpe"}, {"searcher": "grid"})
    ]
    assert options == [{"n_candidates": 9}, {"n_candidates": 9}, {}]


@pytest.mark.parametrize("line", ["triils = 1", "trials = 0", 'stopping = "never"'])
def test_a_wrong_key_of_the_table_is_named_with_its_file(tmp_path, line) -> None:
    (tmp_path / "c.toml").write_text(f"{TEXT.replace('trials = 7', line)}")
    with pytest.raises(ConfigError, match=rf"c\.toml: tuning: {line.split()[0]}"):
        read_tuning(tmp_path / "c.toml", {})


def test_a_table_that_is_none_is_refused(tmp_path) -> None:
    (tmp_path / "c.toml").write_text("tuning = 3\n")
    with pytest.raises(ConfigError, match=r"c\.toml: tuning"):
        read_tuning(tmp_path / "c.toml", {"seed": 1})


def test_fixed_values_are_written_into_the_config() -> None:
    assert subject({"n_neighbours": 9}).config.recommender.options["n_neighbours"] == 9


def test_a_trials_config_has_its_values_and_the_others_as_they_were() -> None:
    options = subject().with_values({"similarity": "cosine"}).recommender.options
    assert (options["similarity"], options["n_neighbours"]) == ("cosine", 50)


def test_values_that_do_not_go_together_are_refused() -> None:
    document = {"data": {"source": "synthetic"}, "recommender": {"name": "sasrec"}}
    sasrec = read_subject(document, TuningConfig(), "x.toml")
    with pytest.raises(ConfigError, match="n_heads must divide"):
        sasrec.with_values({"embedding_dim": 33, "n_heads": 2})


POLICY = {
    "kind": "policy",
    "data": {"source": "log", "path": "sqlite:///log.db"},
    "pipeline": {"recommender": "run"},
}


def test_a_policy_is_tuned_by_the_options_in_its_pipeline() -> None:
    policy = read_subject(POLICY, TuningConfig(space={"exploration": 0.05}), "p.toml")
    assert policy.name == "plackett_luce"
    assert policy.goal.metric == "lift_low"
    assert policy.plan.space.names == ["temperature", "standardize"]
    assert policy.modules == ["coadapt.policies.plackett_luce"]
    options = policy.with_values({"temperature": 0.5}).pipeline.policy.options
    assert options == {"temperature": 0.5, "exploration": 0.05, "standardize": True}


def test_slates_are_not_cut_into_folds() -> None:
    with pytest.raises(ConfigError, match=r"p\.toml: tuning\.folds"):
        read_subject(POLICY, TuningConfig(folds=2), "p.toml")


def test_an_error_of_the_space_names_the_file() -> None:
    with pytest.raises(ConfigError, match=r"shop\.toml: tuning\.space\.nothing"):
        subject({"nothing": 1})


@pytest.mark.parametrize(("metric", "found"), [(None, "ndcg@10"), ("hr@5", "hr@5")])
def test_the_metric_is_the_one_asked_for_or_the_one_of_trainings(metric, found) -> None:
    assert subject(metric=metric).goal.metric == found


def test_value_models_are_tuned_for_crps() -> None:
    document = {"kind": "value", "data": {"source": "synthetic"}, "value": {"name": "rfm"}}
    assert read_subject(document, TuningConfig(), "v.toml").goal.metric == "crps"


def test_what_a_trial_imports_is_known_before() -> None:
    assert subject().modules[0] == "coadapt.recommenders.item_knn"


def test_a_log_that_grows_is_refused_with_where_it_ends() -> None:
    with pytest.raises(ConfigError, match="newest now is 12"):
        subject().check_pinned(12)


def test_a_training_passes_over_the_table() -> None:
    assert parse_any_config({**SHOP, "tuning": {"trials": 3}}, "x").recommender.name == "item_knn"
