"""Say which models of scikit-learn are tuned, over what, as decision 11 fixes it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import numpy as np
from sklearn import datasets
from sklearn.base import BaseEstimator
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import Lasso, LogisticRegression, Ridge
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from coadapt.domain.ranges import Between, Choice, OneOf
from coadapt.tuning.parameters import Parameter
from coadapt.tuning.space import Space

N_FOLDS: Final = 5
MOST: Final = 10.0
"""Losses above this count as this."""

Values = Mapping[str, Choice]
Make = Callable[..., BaseEstimator]

DATASETS: Final[dict[str, Callable[..., Any]]] = {
    "breast": datasets.load_breast_cancer,
    "digits": datasets.load_digits,
    "iris": datasets.load_iris,
    "wine": datasets.load_wine,
    "diabetes": datasets.load_diabetes,
}
NUMBERS: Final = "diabetes"


class Model(NamedTuple):
    """Hold what is searched, and how values make a model of classes or of numbers."""

    space: Space
    make: Make


def loss(model: str, dataset: str, values: Values) -> float:
    """Return the mean loss over folds: log loss, or squared error over the variance.

    Raises what scikit-learn raises for values that it cannot fit.
    """
    inputs, targets = DATASETS[dataset](return_X_y=True)
    has_classes = dataset != NUMBERS
    made = MODELS[model].make(dict(values), has_classes=has_classes)
    estimator = make_pipeline(StandardScaler(), made)
    kind = StratifiedKFold if has_classes else KFold
    folds = kind(N_FOLDS, shuffle=True, random_state=0)
    measure = "neg_log_loss" if has_classes else "neg_mean_squared_error"
    with warnings.catch_warnings():
        # Settings that do not converge are part of the search.
        warnings.simplefilter("ignore")
        scores = cross_val_score(
            estimator, inputs, targets, cv=folds, scoring=measure, error_score="raise"
        )
    scale = 1.0 if has_classes else float(np.var(targets))
    return float(min(-scores.mean() / scale, MOST))


def _space(**ranges: Between | OneOf) -> Space:
    """Return a space; ranges between whole numbers are of whole numbers."""
    return Space(tuple(Parameter(name, _kind(each), each) for name, each in ranges.items()))


def _kind(each: Between | OneOf) -> Any:
    """Return what a range's values are."""
    if isinstance(each, OneOf):
        return "categorical"
    return "integer" if isinstance(each.low, int) and isinstance(each.high, int) else "float"


def _tree(values: dict[str, Any], *, has_classes: bool) -> BaseEstimator:
    make = DecisionTreeClassifier if has_classes else DecisionTreeRegressor
    return make(random_state=0, **values)


def _forest(values: dict[str, Any], *, has_classes: bool) -> BaseEstimator:
    make = RandomForestClassifier if has_classes else RandomForestRegressor
    return make(n_estimators=30, random_state=0, **values)


def _mlp(values: dict[str, Any], *, has_classes: bool) -> BaseEstimator:
    make = MLPClassifier if has_classes else MLPRegressor
    hidden = (values.pop("hidden"),)
    return make(hidden_layer_sizes=hidden, solver="adam", max_iter=40, random_state=0, **values)


def _svm(values: dict[str, Any], *, has_classes: bool) -> BaseEstimator:
    if has_classes:
        return SVC(probability=True, random_state=0, **values)
    return SVR(**values)


def _knn(values: dict[str, Any], *, has_classes: bool) -> BaseEstimator:
    make = KNeighborsClassifier if has_classes else KNeighborsRegressor
    return make(**values)


def _linear(values: dict[str, Any], *, has_classes: bool) -> BaseEstimator:
    is_lasso, strength = values["penalty"] == "l1", float(values["strength"])
    if has_classes:
        share = 1.0 if is_lasso else 0.0
        return LogisticRegression(
            C=1 / strength, l1_ratio=share, solver="saga", max_iter=100, random_state=0
        )
    return Lasso(strength, random_state=0) if is_lasso else Ridge(strength, random_state=0)


_TREE: Final[dict[str, Between | OneOf]] = {
    "max_depth": Between(1, 15),
    "min_samples_split": Between(0.01, 0.99),
    "min_samples_leaf": Between(0.01, 0.49),
    "max_features": Between(0.01, 0.99),
}

MODELS: Final = {
    "tree": Model(_space(**_TREE), _tree),
    "forest": Model(_space(**_TREE, min_impurity_decrease=Between(1e-5, 0.5, log=True)), _forest),
    "mlp": Model(
        _space(
            hidden=Between(10, 200, log=True),
            alpha=Between(1e-5, 10.0, log=True),
            batch_size=Between(10, 250, log=True),
            learning_rate_init=Between(1e-5, 0.1, log=True),
            activation=OneOf("relu", "tanh"),
        ),
        _mlp,
    ),
    "svm": Model(
        _space(
            C=Between(1e-2, 1e3, log=True),
            gamma=Between(1e-4, 10.0, log=True),
            tol=Between(1e-5, 0.1, log=True),
        ),
        _svm,
    ),
    "knn": Model(
        _space(
            n_neighbors=Between(1, 25), p=Between(1.0, 4.0), weights=OneOf("uniform", "distance")
        ),
        _knn,
    ),
    "linear": Model(
        _space(penalty=OneOf("l1", "l2"), strength=Between(1e-4, 1e3, log=True)), _linear
    ),
}
