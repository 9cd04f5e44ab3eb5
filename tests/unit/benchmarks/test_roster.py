from pathlib import Path

import pytest
from contest.roster import Roster

SETTINGS = Path(__file__).parents[3] / "benchmarks" / "settings.toml"


@pytest.fixture
def roster() -> Roster:
    return Roster.read(SETTINGS)


def test_a_method_is_followed_by_its_peers(roster: Roster) -> None:
    players = roster.contest("ml-1m", ["ease"], with_peers=True).players
    assert [player.name for player in players] == ["ease", "numpy ease"]


def test_without_peers_ours_play_alone(roster: Roster) -> None:
    players = roster.contest("lastfm-2k", [], with_peers=False).players
    assert not any(player.is_peer for player in players)


def test_every_combination_of_a_grid_is_a_setting(roster: Roster) -> None:
    ours = roster.contest("ml-1m", ["als"], with_peers=True).players[0]
    assert len(ours.settings) == 8


def test_ours_and_the_peer_choose_from_equally_many_settings(roster: Roster) -> None:
    ours, peer = roster.contest("ml-1m", ["ease"], with_peers=True).players
    assert len(ours.settings) == len(peer.settings)


@pytest.mark.parametrize("dataset", ["ml-1m", "lastfm-2k"])
def test_every_method_has_a_config_in_the_repository(roster: Roster, dataset: str) -> None:
    configs = SETTINGS.parent.parent / "configs"
    players = roster.contest(dataset, [], with_peers=False).players
    assert all((configs / player.config).exists() for player in players)
