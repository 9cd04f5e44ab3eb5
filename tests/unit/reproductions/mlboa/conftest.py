from __future__ import annotations

import pytest
from mlboa.features import EncoderConfig
from mlboa.mixing import Divided, Mix, Reviews, mix_examples
from mlboa.reviews import clothing_example
from mlboa.task import Task
from mlboa.wording import Sentiment

PRAISE = "I love this dress and it fits great"
BLAME = "bad fabric, I had to return it"


@pytest.fixture(scope="session")
def divided() -> Divided:
    """Return 60 made-up shoppers and 60 made-up clothing reviews."""
    rows = [
        {"Review Text": text, "Age": 30 + i, "Recommended IND": int(text == PRAISE)}
        for i, text in enumerate([PRAISE, BLAME] * 30)
    ]
    clothing = [clothing_example(i, row) for i, row in enumerate(rows)]
    return mix_examples(Mix(n_simulated=600, n_clothing=60), Reviews(clothing=clothing), seed=0)


@pytest.fixture(scope="session")
def task(divided: Divided) -> Task:
    return Task.encode(divided, EncoderConfig(word_dim=8), Sentiment(), seed=0)
