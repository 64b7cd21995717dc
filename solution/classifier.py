"""Part 1.5, the probe: what is a representation worth to a linear classifier?"""

from __future__ import annotations

from collections.abc import Iterable

import ps8
import torch
from torch import nn

from solution.common import cfg, device


def train_classifier(
    encoder: nn.Module,
    cls: nn.Module,
    dataloader: Iterable,
    epochs: int = cfg.cls_epochs,
    supervised: bool = False,
) -> tuple[nn.Module, nn.Module, list[float]]:
    """Trains a linear classifier on an encoder's features, with Adam and the cross entropy.

    Args:
        encoder: images -> features of any shape, flattened here to (batch_size, feat_dim).
        cls: (batch_size, feat_dim) -> (batch_size, 10), the logits.
        dataloader: gives (images, labels).
        epochs: passes over the data.
        supervised: train the encoder's parameters too. Otherwise the encoder stays as it is.

    Returns:
        The encoder, the classifier, and for each epoch the sum of its batches' losses.
    """
    encoder, cls = encoder.to(device), cls.to(device)
    criterion = nn.CrossEntropyLoss()
    # Which parameters may the optimizer change? Make `optimizer`: Adam with the rate cfg.cls_lr
    # and the weight decay cfg.cls_weight_decay.
    ### BEGIN SOLUTION
    parameters = list(cls.parameters())
    if supervised:
        parameters += list(encoder.parameters())
    optimizer = torch.optim.Adam(parameters, lr=cfg.cls_lr, weight_decay=cfg.cls_weight_decay)
    ### END SOLUTION
    losses = []
    with ps8.progress(epochs, "classifier", classifier=cls) as bar:
        for _ in bar:
            encoder.train(supervised)
            cls.train()
            total = 0.0
            for images, labels in dataloader:
                images, labels = images.to(device), labels.to(device)
                # One step of training. Leave this batch's loss in `loss`.
                ### BEGIN SOLUTION
                with torch.set_grad_enabled(supervised):
                    features = encoder(images).flatten(1)
                loss = criterion(cls(features), labels)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                ### END SOLUTION
                total += loss.item()
            losses.append(total)
            bar.report(loss=total)
    return encoder, cls, losses


@torch.no_grad()
def test(encoder: nn.Module, cls: nn.Module, dataloader: Iterable, name: str = "") -> float:
    """The share of images that the encoder and the classifier name right; printed after `name`."""
    encoder, cls = encoder.to(device).eval(), cls.to(device).eval()
    right = total = 0
    for images, labels in dataloader:
        images, labels = images.to(device), labels.to(device)
        right += int((cls(encoder(images).flatten(1)).argmax(1) == labels).sum())
        total += len(labels)
    print(f"{name}: " * bool(name) + f"test accuracy {right / total:.3f} ({right} of {total})")
    ps8.training_doctor.look_at_accuracy(right, total)
    return right / total


# Does the encoder learn from the labels, too? True or False for each method.
### BEGIN SOLUTION
supervised = {
    "I": False,  # trained as an autoencoder, then frozen
    "II": True,  # random to begin with, trained end to end
    "III": False,  # random, and frozen
}
### END SOLUTION
