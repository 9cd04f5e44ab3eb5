"""The contest in links sees the past alone, measures ranks as TGB does, and learns its decay."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from contest.rows import Occasion
from links.candidates import Sampling
from links.edits import number_edits
from links.features import FADED
from links.figures import ablation_row, mean_rows, trial_rows
from links.kinds import HALF_LIVES_DAYS, N_GAPS, N_TYPES, PAIR, USER, rates_per_second
from links.lesson import Settings
from links.model import Batch, LinkModel, Typical, Variant
from links.protocol import Log, edge_bank, reciprocal_ranks, split
from links.reading import Block, Reader, as_of
from links.samples import Samples, draw_samples
from links.training import Teacher
from links.trial import CASES, case_of, hold_trial
from torch import Tensor

from coadapt.value._duve.encoder import MessageInputs

N_EVENTS, N_PAGES = 60, 6
PER_DAY = np.tile(np.log(2) / np.array(HALF_LIVES_DAYS, np.float32), (N_TYPES, 1))
NUDGE = 0.01
OCCASION = Occasion("value", "make bench-links", "2026-01-01", "abc")


def made_up(n_events: int = N_EVENTS) -> Log:
    """Edits of four users; two share each second."""
    rng = np.random.default_rng(0)
    pages = rng.integers(0, N_PAGES, n_events)
    pages[:N_PAGES] = np.arange(N_PAGES)
    times = np.cumsum(rng.integers(1, 4000, n_events // 2)).repeat(2)
    return Log(np.tile([0, 1, 2, 3], n_events // 4), pages, times)


def read(log: Log, per_day: np.ndarray = PER_DAY, refresh_s: float = 0.0) -> Block:
    reader = Reader(number_edits(log), rates_per_second(per_day), refresh_s)
    return next(reader.blocks(0, len(log.users), None))


def rows(block: Block, events: slice) -> list[np.ndarray]:
    return [column[events] for column in block]


def changed_from(log: Log, event: int) -> Log:
    """The same log, with other pages from an event on."""
    pages = log.pages.copy()
    pages[event:] = (pages[event:] + 1) % N_PAGES
    return log._replace(pages=pages)


def nudged(kind: int, shift: float) -> np.ndarray:
    """The rates, with those of one type moved by a shift of their logarithm."""
    rates = PER_DAY.copy()
    rates[kind] *= np.exp(shift)
    return rates


def everything(reader: Reader) -> Samples:
    """All events with all pages as candidates, at full precision."""
    return Samples(next(reader.blocks(0, N_EVENTS, None)), reader.edits.pages)


def some(variant: Variant) -> tuple[LinkModel, Reader, Samples]:
    torch.manual_seed(0)
    model = LinkModel(variant).eval()
    edits = number_edits(made_up())
    reader = Reader(edits, rates_per_second(model.rates_per_day()))
    samples = everything(reader)
    model.set_typical(Typical.of(samples.block))
    return model, reader, samples


def test_an_event_at_a_quantile_belongs_to_the_earlier_part() -> None:
    assert split(np.arange(101)) == (71, 86, 101)


def test_of_equal_scores_half_count_as_higher() -> None:
    scores, truth = np.array([[1.0, 1.0, 1.0, 0.0]]), np.array([[False, True, False, False]])
    assert reciprocal_ranks(scores, truth).tolist() == [1 / 2]


def test_a_sampled_page_counts_as_those_that_it_stands_for() -> None:
    scores, truth = np.array([[2.0, 1.0]]), np.array([[False, True]])
    assert reciprocal_ranks(scores, truth, np.array([[9.0, 1.0]])).tolist() == [1 / 10]


def test_edge_bank_prefers_pages_that_the_user_knows() -> None:
    log = Log(np.zeros(4, int), np.array([0, 1, 2, 1]), np.arange(4))
    assert edge_bank(log, 3).tolist() == [1 / 2]


def test_an_event_changes_nothing_that_is_read_in_its_second_or_before() -> None:
    log = made_up()
    before, after = read(log), read(changed_from(log, 30))
    for one, other in zip(rows(before, slice(32)), rows(after, slice(32)), strict=True):
        np.testing.assert_array_equal(one, other)


def test_an_event_is_read_in_the_next_second() -> None:
    log = made_up()
    assert (read(log).exact[32] != read(changed_from(log, 30)).exact[32]).any()


@pytest.mark.parametrize(("time", "instant"), [(899.0, 0.0), (900.0, 900.0), (1799.0, 900.0)])
def test_memory_is_as_of_the_last_refresh(time: float, instant: float) -> None:
    assert as_of(time, 900.0) == instant


def test_between_refreshes_nothing_new_is_read() -> None:
    log = made_up()
    first = int(np.searchsorted(log.times, as_of(float(log.times[-1]), 3600.0)))
    stale, changed = read(log, refresh_s=3600.0), read(changed_from(log, first), refresh_s=3600.0)
    np.testing.assert_array_equal(stale.exact[-1], changed.exact[-1])


@pytest.mark.parametrize("kind", range(N_TYPES))
def test_slopes_agree_with_finite_differences(kind: int) -> None:
    columns = [place for place, (_, owner, _) in enumerate(FADED) if owner == kind]
    low, high = (read(made_up(), nudged(kind, side * NUDGE)) for side in (-1, 1))
    now, step = read(made_up()), 2 * NUDGE
    features = (high.faded.astype(float) - low.faded)[:, :, columns] / step
    sums = (high.sums.astype(float) - low.sums)[:, kind] / step
    np.testing.assert_allclose(now.slopes[:, :, columns], features, atol=2e-3)
    np.testing.assert_allclose(now.sum_slopes[:, kind], sums, atol=2e-3)


def test_a_users_sums_are_what_the_encoder_would_sum() -> None:
    log = Log(np.zeros(3, int), np.array([0, 1, 1]), np.array([0, 100, 7200]))
    encoder = LinkModel(Variant()).encoder
    numbers = torch.tensor([[1.0, 0.0, 1.0], [1.0, np.log1p(100.0), 1.0]])
    kinds = torch.tensor([USER + N_GAPS - 1, USER + 1])
    messages = encoder.messages(MessageInputs(kinds, numbers, Tensor(), Tensor())).numpy()
    faded = np.exp(-PER_DAY[kinds, :, None] * np.array([7200, 7100])[:, None, None] / 86_400)
    sums = read(log).sums[2, kinds]
    np.testing.assert_allclose(sums, faded * messages[:, None], rtol=1e-4)


def test_the_truth_is_among_distinct_candidates() -> None:
    reader = Reader(number_edits(made_up()), rates_per_second(PER_DAY))
    samples = draw_samples(reader, 0, N_EVENTS, Sampling(5, 1), 0, has_slopes=False)
    found = np.take_along_axis(samples.block.pages, samples.truths[:, None], axis=1)[:, 0]
    assert (found == reader.edits.pages).all()
    assert (np.diff(np.sort(samples.block.pages), axis=1) > 0).all()


@pytest.mark.parametrize(("decay", "row"), [("learned", PAIR), ("shared", slice(None))])
def test_the_gradient_of_a_rate_agrees_with_finite_differences(decay, row) -> None:
    model, _, samples = some(Variant(decay=decay))
    model.double()
    batch = Batch(*(part.double() for part in samples.batch(slice(None), has_slopes=True)))
    read_at = model.encoder.rates().detach().log().expand(N_TYPES, len(HALF_LIVES_DAYS)).clone()
    model(batch, read_at).square().sum().backward()
    losses = []
    for side in (-1, 1):
        moved = read_at.clone()
        moved[row] -= side * 1e-6
        losses.append(model(batch, moved).square().sum().item())
    found = model.encoder.rates.log_rates.grad[row].sum().item()
    assert found == pytest.approx((losses[1] - losses[0]) / 2e-6, rel=1e-3)


def test_slopes_lead_to_what_is_read_at_other_rates() -> None:
    model, reader, samples = some(Variant())
    read_at = torch.from_numpy(model.rates_per_day()).log()
    carried = samples.batch(slice(None), has_slopes=True)
    with torch.no_grad():
        model.encoder.rates.log_rates += NUDGE / 10
        again = Reader(reader.edits, rates_per_second(model.rates_per_day()))
        wanted = model(everything(again).batch(slice(None)))
        found = model(carried, read_at)
    torch.testing.assert_close(found, wanted, atol=1e-3, rtol=0.0)


def test_ages_that_are_not_told_change_nothing() -> None:
    model, _, samples = some(Variant(has_ages=False))
    batch = samples.batch(slice(None))
    later = batch.exact.clone()
    later[:, :, 1] += 1.0
    torch.testing.assert_close(model(batch), model(batch._replace(exact=later)))


def test_cases_tell_how_a_user_stood_to_the_page() -> None:
    log = Log(np.zeros(4, int), np.array([0, 0, 1, 0]), np.arange(4))
    cases = [CASES[case] for case in case_of(number_edits(log))]
    assert cases == ["new user", "page at hand", "new page", "known page"]


@pytest.fixture
def teacher(monkeypatch) -> Teacher:
    monkeypatch.setattr("links.training.TRAINING", Sampling(4, 1))
    monkeypatch.setattr("links.ranking.VALIDATION", Sampling(4, 1))
    log = made_up(100)
    settings = Settings(max_epochs=1, batch_size=16)
    return Teacher(number_edits(log), split(log.times), settings, lambda text: None)


@pytest.mark.parametrize("decay", ["shared", "none"])
def test_a_variant_is_taught_and_tested(decay, teacher) -> None:
    trial = hold_trial(teacher, Variant("variant", decay=decay), 0)
    row = ablation_row(OCCASION, trial)
    assert row["ablation"] == "variant"
    assert 0.0 < row["value"] <= 1.0


def test_the_rows_of_seeds_have_a_mean(teacher) -> None:
    trial = hold_trial(teacher, Variant(), 0)
    pair = [trial, replace(trial, seed=1)]
    found = [row for one in pair for row in trial_rows(OCCASION, one, case_of(teacher.edits))]
    means = {row["metric"]: row["value"] for row in mean_rows(found)}
    assert means["mrr"] == pytest.approx(trial.test, abs=1e-5)


def test_ablations_are_no_seeds(teacher) -> None:
    trial = hold_trial(teacher, Variant("variant"), 0)
    found = [ablation_row(OCCASION, one) for one in (trial, replace(trial, seed=1))]
    assert not mean_rows(found)
