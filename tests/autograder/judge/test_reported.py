"""A loss that is reported is that of the step, not of a second look."""

from __future__ import annotations

import pytest

from autograder.answers import Written, tell

STEP = """                images = images.to(device, memory_format=torch.channels_last)
                optimizer.zero_grad()
                {first}
                optimizer.step()
                {then}
                total += loss.item()
"""
TRAIN_AE = """
def train_ae(model, dataloader, epochs=cfg.ae_epochs):
    model = model.to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=cfg.ae_lr)
    criterion = nn.MSELoss()
    losses = []
    with ps8.progress(epochs, "autoencoder", model=model) as bar:
        for epoch in bar:
            model.train()
            total = 0.0
            for images, _ in dataloader:
{step}
            losses.append(total)
            bar.report(loss=total)
    return model, losses
"""
AT_THE_STEP = ("loss = criterion(model(images), images); loss.backward()", "pass")
AFTER_IT = ("criterion(model(images), images).backward()", "loss = criterion(model(images), images).detach()")


@pytest.mark.parametrize("seed", [5, 77, 1234, 20_261])
@pytest.mark.parametrize(("lines", "score"), [(AT_THE_STEP, 10), (AFTER_IT, 8)])
def test_the_loss_after_the_step_is_another_number(lines: tuple[str, str], score: float, seed: int) -> None:
    step = STEP.format(first=lines[0], then=lines[1])
    answer = Written("wrong", "train_ae", "after", "", (0, 10), (TRAIN_AE.format(step=step),))
    assert tell(answer, seed).score == score
