# ruff: noqa
# mypy: ignore-errors
"""Right answers to the softmax loss of 2.2 written in other ways, one a cell."""


# %% criterion: the criterion made once, the last dimension indexed away
class SoftmaxLoss(nn.Module):
    def __init__(self):
        super().__init__()
        self.criterion = nn.CrossEntropyLoss()

    def forward(self, x):
        x = x[:, :, 0]
        label = torch.zeros(x.shape[0]).long().to(x.device)
        return self.criterion(x, label)


# %% log_softmax: minus the first column of the log-softmax
class SoftmaxLoss(nn.Module):
    def forward(self, x):
        return -torch.log_softmax(x, dim=1)[:, 0].mean()


# %% nll: log-softmax and NLLLoss
class SoftmaxLoss(nn.Module):
    def forward(self, x):
        logp = F.log_softmax(x.flatten(1), dim=-1)
        return F.nll_loss(logp, x.new_zeros(len(x), dtype=torch.int64))


# %% logsumexp: from the formula, largest score first
class SoftmaxLoss(nn.Module):
    def forward(self, x):
        scores = x.view(x.size(0), -1)
        top = scores.max(dim=1, keepdim=True).values
        total = top[:, 0] + (scores - top).exp().sum(1).log()
        return torch.mean(total - scores[:, 0])


# %% kept_dimension: the last dimension kept, a target for it
class SoftmaxLoss(nn.Module):
    def forward(self, x):
        return F.cross_entropy(x, torch.zeros(x.shape[0], 1, dtype=torch.long, device=x.device))


# %% loop: image by image, then the mean
class SoftmaxLoss(nn.Module):
    def forward(self, x):
        losses = []
        for scores in x.squeeze(2):
            losses.append(scores.logsumexp(0) - scores[0])
        return torch.stack(losses).mean()


# %% probabilities_as_target: a one-hot target
class SoftmaxLoss(nn.Module):
    def forward(self, x):
        scores = x.squeeze(dim=-1)
        target = torch.zeros_like(scores)
        target[:, 0] = 1.0
        return F.cross_entropy(scores, target)


# %% double: in float64, softplus of the differences
class SoftmaxLoss(nn.Module):
    def forward(self, x):
        s = x.double()[..., 0]
        return (s - s[:, :1]).logsumexp(dim=1).mean().to(x.dtype)


# %% summed: the sum divided by the batch size
class SoftmaxLoss(nn.Module):
    def forward(self, x):
        B, columns, _ = x.shape
        loss = nn.CrossEntropyLoss(reduction="sum")(x.reshape(B, columns), torch.tensor([0] * B, device=x.device))
        return loss / B


# %% gathered: the first column gathered
class SoftmaxLoss(nn.Module):
    def forward(self, x):
        logp = x[..., 0].log_softmax(-1)
        idx = torch.zeros(len(x), 1, dtype=torch.int64, device=x.device)
        return -logp.gather(1, idx).squeeze(1).mean()


# %% softplus_pairs: no reduction, the sum over the batch size
class SoftmaxLoss(nn.Module):
    def __init__(self):
        super(SoftmaxLoss, self).__init__()

    def forward(self, x):
        bsz = x.shape[0]
        x = x.squeeze(2)
        label = torch.zeros([bsz], dtype=torch.long, device=x.device)
        loss = F.cross_entropy(x, label, reduction="none")
        return loss.sum() / bsz


# %% cuda: a GPU asked for by name
class SoftmaxLoss(nn.Module):
    def __init__(self):
        super().__init__()
        self.criterion = nn.CrossEntropyLoss().cuda()

    def forward(self, x):
        label = torch.zeros(x.shape[0]).cuda().long()
        return self.criterion(x.cuda().squeeze(-1), label)


# %% transposed: permuted, targets from an argmax times 0
class SoftmaxLoss(nn.Module):
    def forward(self, x):
        s = x.permute(2, 0, 1)[0]
        return F.nll_loss(F.log_softmax(s, 1), s.argmax(1) * 0)


# %% logaddexp: column by column
class SoftmaxLoss(nn.Module):
    def forward(self, x):
        total = x[:, 0, 0]
        for k in range(1, x.shape[1]):
            total = torch.logaddexp(total, x[:, k, 0])
        return (total - x[:, 0, 0]).mean()


# %% whole_shape: the whole shape written out
class SoftmaxLoss(nn.Module):
    def forward(self, x):
        b, k, _ = x.size()
        return torch.nn.CrossEntropyLoss()(x.reshape(b, k), torch.full((b,), 0, dtype=torch.long, device=x.device))
