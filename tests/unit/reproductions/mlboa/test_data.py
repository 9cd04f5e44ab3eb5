"""An example shows nothing of its label, and nobody is on two sides."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from mlboa.features import Encoder, EncoderConfig
from mlboa.mixing import MIXES, Divided, Mix, Reviews, of_every_third_user
from mlboa.reviews import AMAZON, amazon_examples, clothing_example, read_amazon
from mlboa.sequences import Example, Numbers, Source, Step, question
from mlboa.wording import Sentiment

from coadapt.domain.durations import DAY_MS
from coadapt.domain.errors import ConfigError

STARS = (1, 5, 4, 5)


def reviews(n_reviews: int = 4) -> list[dict[str, object]]:
    return [
        {"timestamp": i * DAY_MS, "value": float(STARS[i % 4]), "text": f"review number {i}"}
        for i in range(n_reviews)
    ]


def users(examples: list[Example]) -> set[str]:
    return {example.user for example in examples}


def example_of(*steps: Step) -> Example:
    return Example("somebody", Source.AMAZON, (*steps, question()), is_positive=True)


def test_a_user_is_on_one_side_only(divided: Divided) -> None:
    sides = [users(each) for each in (divided.training, divided.validation, divided.test)]
    assert sum(map(len, sides)) == len(set().union(*sides)) == 120


def test_each_source_is_divided_by_itself(divided: Divided) -> None:
    clothing = [each for each in divided.training if each.source is Source.CLOTHING]
    assert len(clothing) == 42


def test_five_stars_alone_are_positive() -> None:
    assert [each.is_positive for each in amazon_examples("u", reviews())] == [True, False, True]


def test_the_review_that_is_asked_for_shows_its_time_only() -> None:
    last = [*amazon_examples("u", reviews())][-1]
    assert [step.text for step in last.steps[:-1]] == [f"review number {i}" for i in range(3)]
    asked = last.steps[-1]
    assert (asked.text, asked.numbers.log_gap_days) == ("", math.log(2))
    assert math.isnan(asked.numbers.outcome)


def test_no_more_than_the_latest_ten_reviews_are_seen() -> None:
    last = [*amazon_examples("u", reviews(15))][-1]
    assert (len(last.steps), last.steps[0].text) == (11, "review number 4")


def test_a_review_repeated_for_each_variant_counts_once(tmp_path: Path) -> None:
    facts = {"reviewerID": "u", "overall": 5, "reviewText": "nice", "unixReviewTime": 1_400_000_000}
    lines = [json.dumps({**facts, "asin": f"i{i}"}) for i in range(3)]
    for name in AMAZON:
        (tmp_path / name).mkdir()
        (tmp_path / name / "reviews.json").write_text("\n".join(lines))
    assert read_amazon(tmp_path) == []


def test_a_clothing_review_is_cut_into_runs_of_words_without_its_stars() -> None:
    row = {"Review Text": "one two three four five six seven", "Age": 40, "Recommended IND": 1}
    steps = clothing_example(0, {**row, "Rating": 5}).steps
    assert [step.text for step in steps] == ["one two three four five six", "seven", ""]
    assert all(math.isnan(step.numbers.outcome) for step in steps)


def test_a_shorter_mix_keeps_its_proportions() -> None:
    assert MIXES["70/30"].limited(300) == Mix(n_simulated=210, n_amazon=45, n_clothing=45)


def test_real_data_without_a_folder_are_an_error_that_says_the_way_out() -> None:
    with pytest.raises(ConfigError, match="--data"):
        Reviews.read(None, MIXES["real"])


def test_the_table_learns_from_a_third_of_the_users(divided: Divided) -> None:
    third = of_every_third_user(divided.training)
    assert len(users(third)) == 14 + 14


def test_numbers_are_standardised_and_unknown_ones_average() -> None:
    known = [Step(Numbers(n_views=views)) for views in (1.0, 3.0)]
    training = [example_of(*known)]
    encoder = Encoder.learn(training, EncoderConfig(), Sentiment(), seed=0)
    encoded = encoder.encode(training)
    assert encoded.features[encoded.steps[0], 3].tolist() == [-1.0, 1.0, 0.0]


def test_a_word_that_training_users_never_wrote_is_unknown(divided: Divided) -> None:
    encoder = Encoder.learn(divided.training, EncoderConfig(word_dim=8), Sentiment(), seed=0)
    encoded = encoder.encode([example_of(Step.of_text("zyzzyva"))])
    assert not encoded.features[1, -8:].any()
    assert np.any(encoder.words.mean("dress"))


def test_sentiment_tells_praise_from_blame() -> None:
    praise, blame, nothing = Sentiment().score(["great, I love it", "awful and broken", ""])
    assert praise[2] > 0 > blame[2]
    assert not nothing.any()
