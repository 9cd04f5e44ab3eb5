"""The number format is measured once."""

import torch

from coadapt.nn.precision import matmul_dtype


def test_the_answer_is_a_format_that_the_loss_knows_and_stays() -> None:
    assert matmul_dtype() in {torch.float32, torch.bfloat16}
    assert matmul_dtype() is matmul_dtype()
