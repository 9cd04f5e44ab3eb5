"""Search with butterflies that a learned surrogate sends where it pays.

MLBOA is mLBOA, the butterfly optimisation algorithm (BOA: Arora and Singh, Soft Computing 23, 2019)
with Lagrange interpolation and Lévy flights (J. Bionic Engineering 19, 2022), for budgets of tens
of trials: each of its moves only proposes, and a learned surrogate chooses. Trial after trial:

1. Start with a few points of a scrambled Sobol sequence, the outermost shell left out.
2. Bend the values, w = log(t + offset) or t itself, t = 0 the best and 1 the median so far;
   failures count as the worst, and who was stopped early with what the curves of others promise
   (`foreseeing`). Fit a Gaussian process to each bent version (Matérn-5/2, one length
   scale a coordinate, log-normal priors: Hvarfner et al. 2024) and keep the most probable one
   (Snelson et al. 2004).
3. Choose where to look, in turn: in the whole cube, believing the values as they are; and in a
   trust region around the best, believing the bent ones. The region grows with successes and
   shrinks with failures; where it ends, it starts again at full size (TuRBO: Eriksson et al. 2019).
4. Move. Butterflies, the best trials, fly towards the best, x + r² (g* - x) f, or between each
   other, x + r² (x_j - x_k) f, with fragrance f = c I^a of their rank I. The published move
   x + (r² g* - x) f pulls to the origin. Further: Lévy flights from the best (Mantegna 1994),
   vertices of parabolas through three good trials (Lagrange), Gaussian steps and even points.
5. Screen all of them by log EI (Jones et al. 1998; Ament et al. 2023), with `costs=True` less the
   expected logarithm of the cost (Snoek et al. 2012), and improve the best few by L-BFGS.
6. Now and then, step instead to the bottom of a quadratic through the trials around the best, the
   nearest to a round bowl (after Powell 2004): mLBOA's interpolation in all coordinates at once. It
   comes the more often the more often it finds a new best.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from coadapt.data.batches import FloatArray
from coadapt.tuning._mlboa.candidates import candidates
from coadapt.tuning._mlboa.config import MLBOAConfig
from coadapt.tuning._mlboa.cube import Cube, DimKind, Observed
from coadapt.tuning._mlboa.history import History
from coadapt.tuning._mlboa.interpolation import bowl_minimum
from coadapt.tuning._mlboa.learning import Learned, Learner, cost_surrogate, surrogate
from coadapt.tuning._mlboa.screening import Box, Screen
from coadapt.tuning._mlboa.starting import anywhere, starting_points
from coadapt.tuning._mlboa.trust_region import replay, sides
from coadapt.tuning._mlboa.turns import turn_after
from coadapt.tuning._mlboa.warping import STRAIGHT, WARPS

__all__ = ["Proposer"]

LONGEST_START: Final = 10
LEAST_PATIENCE: Final = 4
PLAIN_TURNS: Final = ("everywhere",)
"""Turns that see values unbent: bent ones draw so much to the best that no other valley counts."""


class Proposer:
    """Propose points of the unit cube to minimise an objective in few trials."""

    def __init__(
        self, kinds: Sequence[DimKind], config: MLBOAConfig, rng: np.random.Generator
    ) -> None:
        self.cube = Cube(kinds)
        self.config = config
        self._seed = int(rng.integers(2**62))
        self._start = starting_points(self.cube, self._seed, is_even=config.sobol_start)
        how = (config.refit_every, config.most_learned_from)
        self._learner = Learner(WARPS if config.warping else (STRAIGHT,), *how)
        self._cost_learner = Learner((STRAIGHT,), *how)

    @property
    def n_start(self) -> int:
        """Return how many trials the start takes."""
        return self.config.n_start or min(4 + self.cube.n_dims // 2, LONGEST_START)

    def propose(self, observed: Observed) -> FloatArray:
        """Return the next point; it is the same for the same seed and trials.

        An inactive coordinate is 0.5. A point comes again only where hardly any other is left.
        """
        history = History.of(self.cube, observed)
        rng = np.random.default_rng([self._seed, len(history.taken)])
        points = np.concatenate((self._promising(history, rng), anywhere(self.cube, rng)))
        return np.asarray(points[np.argmax(history.is_fresh(points))])

    def _promising(self, history: History, rng: np.random.Generator) -> FloatArray:
        """Return points for what is due, the most promising first."""
        if len(history.taken) < self.n_start:
            return self._start[len(history.taken) :]
        if history.n_usable < 2:
            return anywhere(self.cube, rng)
        turn = turn_after(history.t, self.n_start, self._first_bowl())
        learned = self._learn(history, is_plain=turn in PLAIN_TURNS)
        scales = self._scales(learned)
        bottom = self._bowl(history, scales) if turn == "bowl" else history.points[:0]
        if history.is_fresh(bottom).any():
            return bottom
        box = self._box(history, scales, is_nearby=turn != "everywhere")
        return self._screened(history, learned, box, rng)

    def _first_bowl(self) -> int | None:
        """Return the first trial that may be a bowl's; None: no trial."""
        n_numeric = int(self.cube.is_numeric.sum())
        return n_numeric + 3 if self.config.interpolation and n_numeric else None

    def _learn(self, history: History, *, is_plain: bool) -> Learned | None:
        """Return what is known of the objective; None where nothing is learned."""
        if not self.config.screening:
            return None
        beliefs = self._learner.learn(history.trials, min(self.n_start, len(history.t)))
        return beliefs.plain if is_plain else beliefs.likely

    def _bowl(self, history: History, scales: FloatArray) -> FloatArray:
        """Return the bottom of a bowl through points that share the best's categories, if any."""
        is_numeric, best = self.cube.is_numeric, history.ranked.points[0]
        is_alike = (history.points == best)[:, ~is_numeric].all(axis=1)
        numbers = history.points[is_alike][:, is_numeric]
        bottom = bowl_minimum(numbers, history.t[is_alike], scales[is_numeric])
        if bottom is None:
            return history.points[:0]
        point = best.copy()
        point[is_numeric] = np.clip(bottom, 0.0, 1.0)
        return self.cube.snap(point[np.newaxis])

    def _box(self, history: History, scales: FloatArray, *, is_nearby: bool) -> Box:
        """Return where to look: the trust region around the best, or the whole cube.

        It is never smaller than one level of an integer, nor than all categories.
        """
        best, patience = history.ranked.points[0], max(LEAST_PATIENCE, self.cube.n_dims)
        if not (is_nearby and self.config.trust_region):
            return Box(best, np.zeros(len(best)), np.ones(len(best)))
        half = sides(replay(history.t, self.n_start, patience).length, np.log(scales))
        half = np.where(self.cube.is_numeric, np.maximum(half, self.cube.level_widths), 1.0)
        return Box(best, np.clip(best - half, 0.0, 1.0), np.clip(best + half, 0.0, 1.0))

    def _scales(self, learned: Learned | None) -> FloatArray:
        """Return over what length the objective changes along each coordinate, shape (d,)."""
        scales = np.ones(self.cube.n_dims)
        if learned is not None:
            n_numeric = int(self.cube.is_numeric.sum())
            scales[self.cube.is_numeric] = np.exp(learned.hyper.log_scales[:n_numeric])
        return scales

    def _screened(
        self, history: History, learned: Learned | None, box: Box, rng: np.random.Generator
    ) -> FloatArray:
        """Return what moves lead to, by merit; refined, if that makes it better."""
        points = candidates(self.cube, self.config, history.ranked, box, rng)
        points = points[history.is_fresh(points)]
        if learned is None or len(points) == 0:
            return rng.permutation(points)
        screen = self._screen(history, learned)
        points = points[np.argsort(-screen.merits(points), kind="stable")]
        if not self.config.refinement:
            return points
        tops = points[: self.config.n_refined]
        refined = self.cube.snap(np.stack([screen.refine(top, box) for top in tops]))
        best = np.concatenate((refined[history.is_fresh(refined)], points))
        order = np.argsort(-screen.merits(best[: 2 * len(tops)]), kind="stable")
        return best[order]

    def _screen(self, history: History, learned: Learned) -> Screen:
        """Return the surrogates of the objective and of costs."""
        limit, running = self.config.most_learned_from, self.cube.encode(history.running)
        objective = surrogate(history.trials.kept(limit), learned, running)
        costs = history.log_costs
        if costs is None or not self.config.costs or len(costs.values) < self.n_start:
            return Screen(self.cube, objective, None)
        known = self._cost_learner.learn(costs, self.n_start).plain
        return Screen(self.cube, objective, cost_surrogate(costs.kept(limit), known))
