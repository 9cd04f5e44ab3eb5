"""Predict an objective anywhere with its uncertainty: a Gaussian process."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.linalg import cholesky
from scipy.linalg.blas import dtrsm
from scipy.linalg.lapack import dpotri

from coadapt.data.batches import FloatArray
from coadapt.tuning._mlboa.fitting import Hyper
from coadapt.tuning._mlboa.kernel import similarity


class Prediction(NamedTuple):
    """Hold means and standard deviations, shape (n,)."""

    mean: FloatArray
    deviation: FloatArray


class Surrogate:
    """Hold a Gaussian process with constant mean, given what was observed."""

    def __init__(self, features: FloatArray, values: FloatArray, hyper: Hyper) -> None:
        self._scales = np.exp(hyper.log_scales)
        self._seen = features / self._scales
        kernel = similarity(self._seen, self._seen).kernel
        kernel.flat[:: len(values) + 1] += np.exp(hyper.log_noise)
        self._factor = cholesky(kernel, lower=True)
        inverse = dpotri(self._factor, lower=1)[0]
        self._inverse = np.tril(inverse) + np.tril(inverse, -1).T
        ones = self._inverse.sum(axis=1)
        self.mean = float(ones @ values / ones.sum())
        self._weights = self._inverse @ (values - self.mean)
        self.variance = max(float(self._weights @ (values - self.mean)) / len(values), 1e-12)

    def least_mean(self) -> float:
        """Return the lowest mean at what was observed."""
        kernel = similarity(self._seen, self._seen).kernel
        return float((self.mean + kernel @ self._weights).min())

    def predict(self, features: FloatArray) -> Prediction:
        """Return the prediction without noise of each row."""
        kernel = similarity(features / self._scales, self._seen).kernel
        explained = (dtrsm(1.0, self._factor, kernel.T, lower=1) ** 2).sum(axis=0)
        variance = self.variance * np.maximum(1 - explained, 1e-10)
        return Prediction(self.mean + kernel @ self._weights, np.sqrt(variance))

    def slopes(self, row: FloatArray) -> tuple[Prediction, FloatArray, FloatArray]:
        """Return one row's prediction and the gradients of its mean and deviation, (f,) each."""
        scaled = row / self._scales
        kernel, slope = similarity(scaled[np.newaxis], self._seen)
        towards = slope[0][:, np.newaxis] * (self._seen - scaled) / self._scales
        pulled = self._inverse @ kernel[0]
        left = max(1 - float(kernel[0] @ pulled), 1e-10)
        deviation = float(np.sqrt(self.variance * left))
        mean = self.mean + kernel[0] @ self._weights
        to_deviation = -self.variance * (pulled @ towards) / deviation
        prediction = Prediction(np.array([mean]), np.array([deviation]))
        return prediction, self._weights @ towards, to_deviation
