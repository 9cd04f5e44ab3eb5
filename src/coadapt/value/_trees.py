"""Hold boosted trees as plain arrays and read many rows through them at once."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from coadapt.data.batches import FloatArray, IntArray

ROWS_AT_ONCE: Final = 8192


class Trees(NamedTuple):
    """Hold n_trees trees of at most n_nodes nodes, arrays of shape (n_trees, n_nodes).

    A row goes left where its feature is at most the threshold; a leaf leads to itself. The sum of
    the leaves' values and `baseline`, shape (1,), is the prediction. `depth` has shape (1,).
    """

    feature: IntArray
    threshold: FloatArray
    left: IntArray
    right: IntArray
    leaf: FloatArray
    baseline: FloatArray
    depth: IntArray

    @classmethod
    def of(cls, model: Any) -> Trees:
        """Return a fitted HistGradientBoosting model of one output; it must not miss values.

        scikit-learn has no public form of its trees; a test compares the predictions.
        """
        nodes = [_leaves_to_themselves(stage[0].nodes) for stage in model._predictors]
        return cls(
            feature=_padded([tree["feature_idx"] for tree in nodes]).astype(np.int64),
            threshold=_padded([tree["num_threshold"] for tree in nodes]),
            left=_padded([tree["left"] for tree in nodes]).astype(np.int64),
            right=_padded([tree["right"] for tree in nodes]).astype(np.int64),
            leaf=_padded([np.where(tree["is_leaf"], tree["value"], 0.0) for tree in nodes]),
            baseline=np.asarray(model._baseline_prediction, np.float64).reshape(1),
            depth=np.array([max(int(tree["depth"].max()) for tree in nodes)]),
        )

    def predict(self, inputs: FloatArray) -> FloatArray:
        """Return the prediction of each row, shape (n,)."""
        blocks = np.split(inputs, np.arange(ROWS_AT_ONCE, len(inputs), ROWS_AT_ONCE))
        return np.concatenate([self._block(block) for block in blocks])

    def _block(self, inputs: FloatArray) -> FloatArray:
        """Return the prediction of some rows."""
        total = np.full(len(inputs), self.baseline[0])
        rows = np.arange(len(inputs))
        for feature, threshold, left, right, leaf in zip(*self[:5], strict=True):
            node = np.zeros(len(inputs), np.int64)
            for _ in range(self.depth[0]):
                goes_left = inputs[rows, feature[node]] <= threshold[node]
                node = np.where(goes_left, left[node], right[node])
            total += leaf[node]
        return total


def _leaves_to_themselves(nodes: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the nodes of one tree, every leaf its own child."""
    changed = nodes.copy()
    leaves = np.flatnonzero(nodes["is_leaf"])
    changed["left"][leaves] = changed["right"][leaves] = leaves
    return changed


def _padded(columns: list[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """Return ragged columns as one array, filled up with zeros."""
    width = max(len(column) for column in columns)
    return np.stack([np.pad(column, (0, width - len(column))) for column in columns])
