"""The number format is measured once, unless a training names one."""

import pytest
import torch

from coadapt.nn.precision import fastest_precision, matmul_dtype, multiplying_in


def test_the_answer_is_a_format_that_the_loss_knows_and_stays() -> None:
    assert matmul_dtype() in {torch.float32, torch.bfloat16}
    assert matmul_dtype() is matmul_dtype()
    assert matmul_dtype() is getattr(torch, fastest_precision())


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_format_that_is_named_holds_until_its_block_ends(precision) -> None:
    before = matmul_dtype()
    with multiplying_in(precision):
        assert matmul_dtype() is getattr(torch, precision)
        with multiplying_in(None):
            assert matmul_dtype() is before
    assert matmul_dtype() is before
