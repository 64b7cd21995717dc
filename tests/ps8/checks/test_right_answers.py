"""Right answers that are written in other ways: no check may hold its own taste against them."""
# ruff: noqa: E501 (answers as students write them, a line each)

from __future__ import annotations

import pytest
import torch
from ps8.checks import CheckFailed, check

from autograder.judge import reference

ENCODER_BY_HAND = """
class Encoder(nn.Module):
    def __init__(self, in_channels=3):
        super().__init__()
        self.d = nn.Conv2d(48, 24, 4, 2, 1)
        self.c = nn.Conv2d(24, 48, (4, 4), (2, 2), (1, 1))
        self.b = nn.Conv2d(12, 24, 4, 2, 1)
        self.a = nn.Conv2d(in_channels, 12, 4, stride=2, padding=1)
    def forward(self, x):
        for layer in (self.a, self.b, self.c, self.d):
            x = torch.maximum(layer(x), torch.zeros(()))
        return x
"""
ENCODER_LAZY = """
class Encoder(nn.Module):
    def __init__(self, in_channels=3):
        super().__init__()
        self.layers = nn.ModuleList(nn.LazyConv2d(n, 4, 2, 1) for n in (12, 24, 48, 24))
    def forward(self, x):
        for layer in self.layers:
            x = F.relu(layer(x), inplace=False)
        return x
"""
ENCODER_PADDED = """
class Encoder(nn.Module):
    def __init__(self, in_channels=3):
        super().__init__()
        self.layers = nn.ModuleList(nn.Conv2d(a, b, 4, 2) for a, b in [(in_channels, 12), (12, 24), (24, 48), (48, 24)])
    def forward(self, x):
        for layer in self.layers:
            x = layer(F.pad(x, (1, 1, 1, 1))).clamp(min=0)
        return x
"""
ENCODER_INPLACE = """
class Encoder(nn.Module):
    def __init__(self, in_channels=3):
        super().__init__()
        widths = [in_channels, 12, 24, 48, 24]
        self.layers = nn.Sequential(*[m for a, b in zip(widths, widths[1:]) for m in (nn.Conv2d(a, b, 4, 2, 1), nn.ReLU(inplace=True))])
    def forward(self, images):
        return self.layers(images)
"""
DECODER_BY_HAND = """
class Decoder(nn.Module):
    def __init__(self, out_channels=3, feat_dim=24):
        super().__init__()
        self.weights = nn.ParameterList()
        self.biases = nn.ParameterList()
        for a, b in [(feat_dim, 48), (48, 24), (24, 12), (12, out_channels)]:
            layer = nn.ConvTranspose2d(a, b, 4, 2, 1)
            self.weights.append(layer.weight)
            self.biases.append(layer.bias)
    def forward(self, z):
        for k, (w, b) in enumerate(zip(self.weights, self.biases)):
            z = F.conv_transpose2d(z, w, b, stride=2, padding=1)
            z = F.relu(z) if k < 3 else 1 / (1 + torch.exp(-z))
        return z
"""
LOOP = """
def train_ae(model, dataloader, epochs=1):
    optimizer = torch.optim.Adam(model.parameters(), lr=cfg.ae_lr)
    losses = []
    for epoch in range(epochs):
        model.train()
        total = 0.0
        for images, _ in dataloader:
            images = images.to(device)
            {step}
            total += loss.item()
        losses.append(total)
    return model, losses
"""
AE_STEPS = [
    "optimizer.zero_grad(); loss = F.mse_loss(model(images), images); loss.backward(); optimizer.step()",
    "loss = ((images - model(images)) ** 2).mean(); loss.backward(); optimizer.step(); model.zero_grad()",
    "optimizer.zero_grad(set_to_none=False); loss = (model(images) - images).pow(2).mean(dim=(0, 1)).mean(); loss.backward(); optimizer.step()",
    "optimizer.zero_grad(); loss = nn.MSELoss()(model.decoder(model.encoder(images)), images); loss.backward(); optimizer.step()",
    "loss = F.mse_loss(model(images), images); [setattr(p, 'grad', None) for p in model.parameters()]; loss.backward(); optimizer.step()",
    "out = model(images); loss = F.mse_loss(images, out); g = torch.autograd.grad(loss, list(model.parameters())); [setattr(p, 'grad', d) for p, d in zip(model.parameters(), g)]; optimizer.step()",
]
CLASSIFIER = """
def train_classifier(encoder, cls, dataloader, epochs=1, supervised=False):
    {optimizer}
    losses = []
    for _ in range(epochs):
        total = 0.0
        encoder.train(supervised); cls.train()
        for images, labels in dataloader:
            {step}
            total += loss.item()
        losses.append(total)
    return encoder, cls, losses
"""
ADAM = "torch.optim.Adam({}, lr=cfg.cls_lr, weight_decay=cfg.cls_weight_decay)"
CLASSIFIERS = [
    (
        "optimizer = " + ADAM.format("[*cls.parameters(), *encoder.parameters()] if supervised else cls.parameters()"),
        "optimizer.zero_grad(); z = encoder(images) if supervised else encoder(images).detach(); loss = F.cross_entropy(cls(z.reshape(len(z), -1)), labels); loss.backward(); optimizer.step()",
    ),
    (
        "[p.requires_grad_(supervised) for p in encoder.parameters()]; optimizer = "
        + ADAM.format("[p for m in (encoder, cls) for p in m.parameters() if p.requires_grad]"),
        "loss = nn.CrossEntropyLoss()(cls(torch.flatten(encoder(images), 1)), labels); optimizer.zero_grad(); loss.backward(); optimizer.step()",
    ),
    (
        "optimizer = " + ADAM.format("nn.ModuleList([encoder, cls] if supervised else [cls]).parameters()"),
        "optimizer.zero_grad(); p = cls(encoder(images).flatten(1)).log_softmax(1); loss = -p[range(len(labels)), labels].mean(); loss.backward(); optimizer.step()",
    ),
]
SCORE = """
class CMCScore(nn.Module):
    def __init__(self, feat_dim, N, K, T=0.1, momentum=0.5):
        super().__init__()
        self.N, self.K, self.T, self.momentum = N, K, T, momentum
        self.register_buffer("memory_l", torch.rand(N, feat_dim))
        self.register_buffer("memory_ab", torch.rand(N, feat_dim))
    def forward(self, l, ab, y, idx=None):
        {normalise}
        if idx is None:
            {draw}
        {score}
        {update}
        return out_l, out_ab
"""
NORMALISE = "l = F.normalize(l, eps=1e-7); ab = F.normalize(ab, eps=1e-7)"
DRAW = "idx = (y[:, None] + torch.randint(1, self.N, (len(y), self.K + 1))) % self.N; idx[:, 0] = y"
EINSUM = "out_l = torch.einsum('bd,bkd->bk', l, self.memory_ab[idx])[..., None] / self.T; out_ab = torch.einsum('bd,bkd->bk', ab, self.memory_l[idx])[..., None] / self.T"
UPDATE = """with torch.no_grad():
            for bank, z in ((self.memory_l, l), (self.memory_ab, ab)):
                bank[y] = F.normalize(self.momentum * bank[y] + (1 - self.momentum) * z)"""
SCORES = [
    {"normalise": "l, ab = l / (l.norm(dim=1, keepdim=True) + 1e-7), ab / (ab.norm(dim=1, keepdim=True) + 1e-7)"},
    {},
    {
        "draw": "idx = torch.stack([torch.cat([k[None], (p := torch.cat([torch.randperm(self.N) for _ in range(2 + self.K // self.N * 2)]))[p != k][: self.K]]) for k in y])"
    },
    {
        "draw": "idx = torch.stack([torch.cat([k[None], torch.multinomial((torch.arange(self.N) != k).float(), self.K, True)]) if self.K else k[None] for k in y])"
    },
    {
        "score": "out_l = (l[:, None] * self.memory_ab[idx]).sum(-1, keepdim=True) / self.T; out_ab = (ab[:, None] * self.memory_l[idx]).sum(-1, keepdim=True).div(self.T)"
    },
    {
        "score": "out_l = torch.bmm(self.memory_ab[idx.view(-1)].view(*idx.shape, -1), l.unsqueeze(2)) / self.T; out_ab = torch.bmm(torch.index_select(self.memory_l, 0, idx.flatten()).view(*idx.shape, -1), ab.unsqueeze(2)) / self.T"
    },
    {
        "score": "out_l = F.cosine_similarity(l[:, None], self.memory_ab[idx], dim=2)[..., None] / self.T; out_ab = F.cosine_similarity(ab[:, None], self.memory_l[idx], dim=2)[..., None] / self.T"
    },
    {
        "score": "out_l = torch.stack([self.memory_ab[i] @ v for i, v in zip(idx, l)])[..., None] / self.T; out_ab = torch.stack([self.memory_l[i] @ v for i, v in zip(idx, ab)])[..., None] / self.T"
    },
    {
        "score": "out_l = (l @ self.memory_ab.clone().T).gather(1, idx)[..., None] / self.T; out_ab = (ab @ self.memory_l.clone().T).gather(1, idx)[..., None] / self.T"
    },
    {
        "update": "self.memory_l = self.memory_l.clone(); self.memory_ab = self.memory_ab.clone(); self.memory_l[y] = F.normalize(self.memory_l[y].lerp(l.detach(), 1 - self.momentum)); self.memory_ab[y] = F.normalize(self.memory_ab[y].lerp(ab.detach(), 1 - self.momentum))"
    },
    {
        "update": "self.memory_l.index_copy_(0, y, F.normalize(self.momentum * self.memory_l[y] + (1 - self.momentum) * l.data)); self.memory_ab.index_copy_(0, y, F.normalize(self.momentum * self.memory_ab[y] + (1 - self.momentum) * ab.data))"
    },
    {"normalise": "l, ab = F.normalize(l.double()).float(), F.normalize(ab.double()).float()"},
]
LOSSES = [
    "x[:, :, 0].logsumexp(1).sub(x[:, 0, 0]).mean()",
    "-F.log_softmax(x[..., 0], 1)[:, 0].mean()",
    "F.cross_entropy(x, torch.zeros(len(x), 1, dtype=torch.long))",
    "F.cross_entropy(x.flatten(1), torch.zeros(len(x), dtype=torch.long, device=device))",
    "nn.CrossEntropyLoss()(x[:, :, 0].double(), torch.zeros(len(x), dtype=torch.long)).float()",
    "F.nll_loss(x.squeeze(2).log_softmax(dim=1), x.new_zeros(len(x), dtype=torch.long))",
]
VIEWS = [
    "return tuple(e(v).flatten(1) for e, v in zip((self.encoder_l, self.encoder_ab), x.split([1, 2], dim=1)))",
    "b = self.encoder_ab(x[:, 1:3]); a = self.encoder_l(x[:, 0:1]); return a.view(len(a), -1), b.reshape(b.shape[0], 384)",
    "return self.encoder_l(x[:, 0].unsqueeze(1)).flatten(start_dim=1), self.encoder_ab(x[:, [1, 2]]).flatten(start_dim=1)",
    "return [torch.flatten(self.encoder_l(x[:, :1]), 1), torch.flatten(self.encoder_ab(x[:, -2:]), 1)]",
]
CMC = """
def train_cmc(model, contrast, criterion_l, criterion_ab, dataloader, epochs=1):
    optimizer = torch.optim.Adam(model.parameters(), lr=cfg.cmc_lr, betas=cfg.cmc_betas)
    history = {"loss": [], "prob_l": [], "prob_ab": []}
    for _ in range(epochs):
        sums, batches = {name: 0.0 for name in history}, 0
        for images, _labels, idx in dataloader:
            STEP
            sums["loss"] += loss.item()
            sums["prob_l"] += match_probability(out_l)
            sums["prob_ab"] += match_probability(out_ab)
            batches += 1
        for name, total in sums.items():
            history[name].append(total / batches)
    return model, history
"""
CMC_STEPS = [
    "optimizer.zero_grad(); out_l, out_ab = contrast(*model(images), idx); loss = sum((criterion_l(out_l), criterion_ab(out_ab))); loss.backward(); optimizer.step()",
    "l, ab = model(images); out_l, out_ab = contrast(l=l, ab=ab, y=idx); a = criterion_l(out_l); b = criterion_ab(out_ab); loss = a + b; optimizer.zero_grad(); a.backward(retain_graph=True); b.backward(); optimizer.step()",
    "l, ab = model(images); out_l, out_ab = contrast(l, ab, idx, None); loss = criterion_ab(out_ab) + criterion_l(out_l); model.zero_grad(); loss.backward(); optimizer.step()",
]


WITHOUT_EPS = "l, ab = l / l.norm(dim=1, keepdim=True), ab / ab.norm(dim=1, keepdim=True)"


def passes(question: str, code: str) -> None:
    namespace = reference.namespace()
    exec(code, namespace)
    check(question, namespace)


@pytest.mark.parametrize("code", [ENCODER_BY_HAND, ENCODER_LAZY, ENCODER_PADDED, ENCODER_INPLACE])
def test_encoders(code: str) -> None:
    passes("encoder", code)


def test_a_decoder_of_parameters() -> None:
    passes("decoder", DECODER_BY_HAND)


@pytest.mark.parametrize("step", AE_STEPS)
def test_steps_of_the_autoencoder(step: str) -> None:
    passes("train_ae", LOOP.format(step=step))


@pytest.mark.parametrize(("optimizer", "step"), CLASSIFIERS)
def test_classifiers(optimizer: str, step: str) -> None:
    passes("train_classifier", CLASSIFIER.format(optimizer=optimizer, step=step))


@pytest.mark.parametrize("parts", SCORES)
def test_scores(parts: dict[str, str]) -> None:
    default = {"normalise": NORMALISE, "draw": DRAW, "score": EINSUM, "update": UPDATE}
    passes("cmc_score", SCORE.format(**{**default, **parts}))


@pytest.mark.parametrize("value", LOSSES)
def test_losses(value: str) -> None:
    passes("softmax_loss", f"class SoftmaxLoss(nn.Module):\n    def forward(self, x):\n        return {value}\n")


@pytest.mark.parametrize("body", VIEWS)
def test_views(body: str) -> None:
    head = "class EncoderCMC(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    made = "        self.encoder_l, self.encoder_ab = Encoder(in_channels=1), Encoder(in_channels=2)\n"
    passes("encoder_cmc", f"{head}{made}    def forward(self, x):\n        {body}\n")


@pytest.mark.parametrize("step", CMC_STEPS)
def test_steps_of_cmc(step: str) -> None:
    passes("train_cmc", CMC.replace("STEP", step))


def test_the_sessions_device_does_not_matter_to_a_class() -> None:
    """On a machine with a GPU, `device` names it; a class is tried on the CPU."""
    namespace = reference.namespace()
    exec(f"class SoftmaxLoss(nn.Module):\n    def forward(self, x):\n        return {LOSSES[3]}\n", namespace)
    namespace["device"] = torch.device("cuda")
    check("softmax_loss", namespace)
    assert namespace["device"] == torch.device("cuda")


def test_a_feature_of_zeros_must_stay_finite() -> None:
    """The comment asks for eps=1e-7, and dead units give such features."""
    with pytest.raises(CheckFailed, match="a feature of zeros"):
        passes("cmc_score", SCORE.format(normalise=WITHOUT_EPS, draw=DRAW, score=EINSUM, update=UPDATE))
