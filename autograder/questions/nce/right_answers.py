# ruff: noqa
# mypy: ignore-errors
"""Right answers to the optional part written in other ways, one a cell."""


# %% binary_cross_entropy: as K+1 yes-or-no questions
class NCELoss(nn.Module):
    def __init__(self, N, K, decay=0.9):
        super().__init__()
        self.N, self.K, self.decay = N, K, decay
        self.register_buffer("Z", torch.tensor(0.0))

    def forward(self, x):
        s = x[:, :, 0]
        with torch.no_grad():
            Z = self.N * torch.exp(s).mean()
            if self.Z == 0:
                self.Z.fill_(Z)
            else:
                self.Z.mul_(self.decay).add_((1 - self.decay) * Z)
        logits = s - torch.log(self.Z) - math.log(self.K / self.N)
        target = torch.zeros_like(logits)
        target[:, 0] = 1
        return F.binary_cross_entropy_with_logits(logits, target, reduction="sum") / len(x)


# %% softplus: both terms as softplus, Z by lerp
class NCELoss(nn.Module):
    def __init__(self, N, K, decay=0.9):
        super().__init__()
        self.N, self.K, self.decay = N, K, decay
        self.register_buffer("Z", torch.zeros(()))

    def forward(self, x):
        x = x.squeeze(2)
        estimate = x.detach().exp().mean() * self.N
        if float(self.Z) > 0:
            self.Z.lerp_(estimate, 1 - self.decay)
        else:
            self.Z.copy_(estimate)
        odds = x - (self.Z.detach() * self.K / self.N).log()
        loss = F.softplus(-odds[:, 0]) + F.softplus(odds[:, 1:]).sum(1)
        return loss.mean()


# %% data: Z written through .data, the terms joined before summing
class NCELoss(nn.Module):
    def __init__(self, N, K, decay=0.9):
        super().__init__()
        self.N = N
        self.K = K
        self.decay = decay
        self.register_buffer("Z", torch.tensor(0.0))

    def forward(self, x):
        scores = x.view(x.shape[0], -1)
        now = self.N * scores.data.exp().sum() / scores.numel()
        self.Z.data = now if self.Z.item() == 0 else self.decay * self.Z + (1 - self.decay) * now
        h = scores - self.Z.log() - math.log(self.K) + math.log(self.N)
        terms = torch.cat([F.logsigmoid(h[:, :1]), F.logsigmoid(-h[:, 1:])], dim=1)
        return -terms.sum(dim=1).mean()


# %% logsumexp: Z in logarithms and float64
class NCELoss(nn.Module):
    def __init__(self, N, K, decay=0.9):
        super().__init__()
        self.N, self.K, self.decay = N, K, decay
        self.register_buffer("Z", torch.tensor(0.0))

    def forward(self, x):
        s = x.double().flatten(1)
        with torch.no_grad():
            estimate = math.exp(math.log(self.N) + s.flatten().logsumexp(0).item() - math.log(s.numel()))
            self.Z.fill_(estimate if self.Z == 0 else float(self.Z) * self.decay + estimate * (1 - self.decay))
        log_odds = s - math.log(self.Z.item()) - math.log(self.K / self.N)
        signs = torch.full_like(log_odds, -1.0)
        signs[:, 0] = 1.0
        return -F.logsigmoid(signs * log_odds).sum().float() / x.shape[0]


# %% loop: image by image
class NCELoss(nn.Module):
    def __init__(self, N, K, decay=0.9):
        super().__init__()
        self.N, self.K, self.decay = N, K, decay
        self.register_buffer("Z", torch.tensor(0.0))
        self.seen = False

    @torch.no_grad()
    def update(self, scores):
        new = self.N * scores.exp().mean()
        self.Z.copy_(self.decay * self.Z + (1 - self.decay) * new if self.seen else new)
        self.seen = True

    def forward(self, x):
        scores = x.squeeze(-1)
        self.update(scores)
        total = 0.0
        for row in scores:
            odds = row - self.Z.log() - math.log(self.K / self.N)
            total = total - F.logsigmoid(odds[0])
            for value in odds[1:]:
                total = total - F.logsigmoid(-value)
        return total / len(scores)


# %% log_h_by_hand: signs in a tensor
class NCELoss(nn.Module):
    def __init__(self, N, K, decay=0.9):
        super().__init__()
        self.N, self.K, self.decay = N, K, decay
        self.register_buffer("Z", torch.tensor(0.0))

    def forward(self, x):
        s = x.squeeze(-1)
        with torch.no_grad():
            z = s.exp().mean() * self.N
            if self.Z == 0:
                self.Z.copy_(z)
            else:
                self.Z.copy_(self.decay * self.Z + (1 - self.decay) * z)
        logit = s - torch.log(self.Z) - math.log(self.K / self.N)
        sign = torch.ones_like(logit)
        sign[:, 1:] = -1
        return -F.logsigmoid(sign * logit).sum(1).mean()


# %% log_p_minus_logaddexp: h's denominator by logaddexp
class NCELoss(nn.Module):
    def __init__(self, N, K, decay=0.9):
        super().__init__()
        self.N, self.K, self.decay = N, K, decay
        self.register_buffer("Z", torch.tensor(0.0))

    @torch.no_grad()
    def update_Z(self, x):
        new = self.N * torch.exp(x).mean()
        self.Z.copy_(new) if self.Z.item() == 0 else self.Z.lerp_(new, 1 - self.decay)

    def forward(self, x):
        self.update_Z(x)
        log_p = x[..., 0] - self.Z.log()
        log_noise = torch.full_like(log_p, math.log(self.K / self.N))
        bottom = torch.logaddexp(log_p, log_noise)
        loss = bottom.sum(1) - log_p[:, 0] - log_noise[:, 1:].sum(1)
        return loss.mean()


# %% cuda: a GPU asked for by name
class NCELoss(nn.Module):
    def __init__(self, N, K, decay=0.9):
        super().__init__()
        self.N, self.K, self.decay = N, K, decay
        self.register_buffer("Z", torch.zeros((), device="cuda"))

    def forward(self, x):
        x = x.cuda().squeeze(-1)
        with torch.no_grad():
            est = self.N * x.exp().mean()
            self.Z.copy_(est if self.Z == 0 else self.decay * self.Z + (1 - self.decay) * est)
        odds = x - self.Z.log() - math.log(self.K / self.N)
        target = torch.cat([torch.ones(len(x), 1), torch.zeros(len(x), x.shape[1] - 1)], 1).cuda()
        return F.binary_cross_entropy_with_logits(odds, target, reduction="none").sum(1).mean()
