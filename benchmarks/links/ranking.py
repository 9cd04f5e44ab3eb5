"""Rank the true page of events: among sampled candidates to choose an epoch, among all to test."""

from __future__ import annotations

import numpy as np
import torch

from coadapt.data.batches import FloatArray
from links.candidates import VALIDATION
from links.edits import Edits
from links.kinds import rates_per_second
from links.model import LinkModel, Variant
from links.protocol import Split, reciprocal_ranks
from links.reading import Reader
from links.samples import Samples, draw_samples

SEED = 9
"""Draws the candidates of validation, the same for every model."""


def reader_of(model: LinkModel, variant: Variant, edits: Edits) -> Reader:
    """Return a reader whose sums fade as the model wants them to."""
    return Reader(edits, rates_per_second(model.rates_per_day()), variant.refresh_s)


def rank_sampled(model: LinkModel, reader: Reader, split: Split) -> FloatArray:
    """Return reciprocal ranks in validation, estimated from sampled candidates."""
    begin, end = split.validation, split.test
    samples = draw_samples(reader, begin, end, VALIDATION, SEED, has_slopes=False)
    model.eval()
    ranks = []
    for start in range(0, end - begin, 512):
        rows = slice(start, start + 512)
        with torch.no_grad():
            scores = model(samples.batch(rows)).numpy()
        is_truth = np.arange(scores.shape[1]) == samples.truths[rows, None]
        weights = np.exp(samples.block.log_weights[rows])
        ranks.append(reciprocal_ranks(scores, is_truth, weights))
    return np.concatenate(ranks)


def rank_all(model: LinkModel, reader: Reader, split: Split) -> FloatArray:
    """Return reciprocal ranks among all pages, of every event from validation on."""
    model.eval()
    ranks = []
    start = split.validation
    for block in reader.blocks(start, split.end, None):
        for begin in range(0, len(block.pages), 64):
            rows = slice(begin, begin + 64)
            with torch.no_grad():
                scores = model(Samples(block, block.pages[:, 0]).batch(rows)).numpy()
            truths = reader.edits.pages[start : start + len(scores), None]
            ranks.append(reciprocal_ranks(scores, block.pages[rows] == truths))
            start += len(scores)
    return np.concatenate(ranks)
