# ruff: noqa
# mypy: ignore-errors
"""Right answers to the score of 2.2 written in other ways, one a cell."""


# %% einsum: index_select and einsum, the update by index_copy_
class CMCScore(nn.Module):
    def __init__(self, feat_dim, N, K, T=0.1, momentum=0.5):
        super().__init__()
        self.N, self.K, self.T, self.momentum = N, K, T, momentum
        bound = 1 / math.sqrt(feat_dim / 3)
        self.register_buffer("memory_l", torch.rand(N, feat_dim) * 2 * bound - bound)
        self.register_buffer("memory_ab", torch.rand(N, feat_dim) * 2 * bound - bound)

    def forward(self, l, ab, y, idx=None):
        l, ab = F.normalize(l, p=2, dim=-1, eps=1e-7), F.normalize(ab, p=2, dim=-1, eps=1e-7)
        if idx is None:
            idx = torch.randint(0, self.N - 1, (y.shape[0], self.K + 1), device=y.device)
            idx[idx >= y.unsqueeze(1)] += 1
            idx[:, 0] = y
        B, columns = idx.shape
        rows_l = self.memory_l.index_select(0, idx.reshape(-1)).view(B, columns, -1)
        rows_ab = self.memory_ab.index_select(0, idx.reshape(-1)).view(B, columns, -1)
        out_l = torch.einsum("bd,bkd->bk", l, rows_ab).unsqueeze(-1) / self.T
        out_ab = torch.einsum("bd,bkd->bk", ab, rows_l).unsqueeze(-1) / self.T
        with torch.no_grad():
            for bank, live in ((self.memory_l, l), (self.memory_ab, ab)):
                row = bank.index_select(0, y) * self.momentum + live * (1 - self.momentum)
                bank.index_copy_(0, y, row / row.norm(dim=1, keepdim=True))
        return out_l, out_ab


# %% bmm: torch.bmm, the temperature divided out of the live features, multinomial draws
class CMCScore(nn.Module):
    def __init__(self, feat_dim, N, K, T=0.1, momentum=0.5):
        super().__init__()
        self.N, self.K, self.T, self.momentum = N, K, T, momentum
        stdv = 1.0 / math.sqrt(feat_dim / 3)
        self.register_buffer("memory_l", torch.empty(N, feat_dim).uniform_(-stdv, stdv))
        self.register_buffer("memory_ab", torch.empty(N, feat_dim).uniform_(-stdv, stdv))

    def forward(self, l, ab, y, idx=None):
        unit_l = l / l.norm(dim=1, keepdim=True).clamp(min=1e-7)
        unit_ab = ab / ab.norm(dim=1, keepdim=True).clamp(min=1e-7)
        if idx is None:
            chances = torch.ones(len(y), self.N, device=y.device)
            chances[torch.arange(len(y)), y] = 0
            others = torch.multinomial(chances, self.K, replacement=True)
            idx = torch.cat([y.view(-1, 1), others], dim=1)
        out_l = torch.bmm(self.memory_ab[idx], (unit_l / self.T).unsqueeze(2))
        out_ab = torch.bmm(self.memory_l[idx], (unit_ab / self.T).unsqueeze(2))
        m = self.momentum
        with torch.no_grad():
            self.memory_l[y] = F.normalize(m * self.memory_l[y] + (1.0 - m) * unit_l, dim=1, eps=1e-7)
            self.memory_ab[y] = F.normalize(m * self.memory_ab[y] + (1.0 - m) * unit_ab, dim=1, eps=1e-7)
        return out_l, out_ab


# %% cosine_similarity: the library's cosine; negatives drawn without repetition
class CMCScore(nn.Module):
    def __init__(self, feat_dim, N, K, T=0.1, momentum=0.5):
        super().__init__()
        self.N, self.K, self.T, self.momentum = N, K, T, momentum
        bound = 1 / math.sqrt(feat_dim / 3)
        self.register_buffer("memory_l", torch.empty(N, feat_dim).uniform_(-bound, bound))
        self.register_buffer("memory_ab", torch.empty(N, feat_dim).uniform_(-bound, bound))

    def draw(self, y):
        rows = []
        for number in y.tolist():
            others = torch.randperm(self.N)
            rows.append(torch.cat([torch.tensor([number]), others[others != number][: self.K]]))
        return torch.stack(rows).to(y.device)

    def forward(self, l, ab, y, idx=None):
        if idx is None:
            idx = self.draw(y)
        score_l = F.cosine_similarity(l[:, None], self.memory_ab[idx], dim=2) / self.T
        score_ab = F.cosine_similarity(ab[:, None], self.memory_l[idx], dim=2) / self.T
        l, ab = F.normalize(l.detach(), eps=1e-7), F.normalize(ab.detach(), eps=1e-7)
        self.memory_l[y] = F.normalize(self.momentum * self.memory_l[y] + (1 - self.momentum) * l)
        self.memory_ab[y] = F.normalize(self.momentum * self.memory_ab[y] + (1 - self.momentum) * ab)
        return score_l[..., None], score_ab[..., None]


# %% gather: all scores with a copy of the bank, then gathered; .data for the update
class CMCScore(nn.Module):
    def __init__(self, feat_dim, N, K, T=0.1, momentum=0.5):
        super().__init__()
        self.N, self.K, self.T, self.momentum = N, K, T, momentum
        bound = 1 / math.sqrt(feat_dim / 3)
        self.register_buffer("memory_ab", torch.empty(N, feat_dim).uniform_(-bound, bound))
        self.register_buffer("memory_l", torch.empty(N, feat_dim).uniform_(-bound, bound))

    def forward(self, l, ab, y, idx=None):
        l = F.normalize(l, dim=1, eps=1e-7)
        ab = F.normalize(ab, dim=1, eps=1e-7)
        if idx is None:
            idx = (y[:, None] + torch.randint(1, self.N, (len(y), self.K + 1), device=y.device)) % self.N
            idx[:, 0] = y
        all_l = l @ self.memory_ab.clone().T
        all_ab = ab @ self.memory_l.clone().T
        out_l = all_l.gather(1, idx).div(self.T).unsqueeze(2)
        out_ab = all_ab.gather(1, idx).div(self.T).unsqueeze(2)
        self.memory_l.data[y] = F.normalize(torch.lerp(l.data, self.memory_l.data[y], self.momentum), dim=1)
        self.memory_ab.data[y] = F.normalize(torch.lerp(ab.data, self.memory_ab.data[y], self.momentum), dim=1)
        return out_l, out_ab


# %% loop: image by image, products and sums
class CMCScore(nn.Module):
    def __init__(self, feat_dim, N, K, T=0.1, momentum=0.5):
        super().__init__()
        self.N, self.K, self.T, self.momentum = N, K, T, momentum
        bound = 1 / math.sqrt(feat_dim / 3)
        self.register_buffer("memory_l", torch.empty(N, feat_dim).uniform_(-bound, bound))
        self.register_buffer("memory_ab", torch.empty(N, feat_dim).uniform_(-bound, bound))

    def forward(self, l, ab, y, idx=None):
        l = torch.stack([row / max(row.norm(), 1e-7) for row in l])
        ab = torch.stack([row / max(row.norm(), 1e-7) for row in ab])
        if idx is None:
            pool = torch.arange(self.N)
            idx = torch.stack([torch.cat([n.view(1), pool[pool != n][torch.randint(self.N - 1, (self.K,))]]) for n in y])
        out_l = torch.stack([(self.memory_ab[i] * row).sum(1) for i, row in zip(idx, l)])
        out_ab = torch.stack([(self.memory_l[i] * row).sum(1) for i, row in zip(idx, ab)])
        with torch.no_grad():
            for position, number in enumerate(y.tolist()):
                for bank, live in ((self.memory_ab, ab), (self.memory_l, l)):
                    new = self.momentum * bank[number] + (1 - self.momentum) * live[position]
                    bank[number] = new / new.norm()
        return out_l.unsqueeze(-1) / self.T, out_ab.unsqueeze(-1) / self.T


# %% double: in float64, the update in a method of its own
class CMCScore(nn.Module):
    def __init__(self, feat_dim, N, K, T=0.1, momentum=0.5):
        super().__init__()
        self.N, self.K, self.T, self.momentum = N, K, T, momentum
        bound = 1 / math.sqrt(feat_dim / 3)
        self.register_buffer("memory_l", torch.empty(N, feat_dim).uniform_(-bound, bound))
        self.register_buffer("memory_ab", torch.empty(N, feat_dim).uniform_(-bound, bound))

    @torch.no_grad()
    def update(self, bank, live, y):
        row = bank[y].double().mul(self.momentum).add(live, alpha=1 - self.momentum)
        bank[y] = F.normalize(row, dim=1).to(bank.dtype)

    def forward(self, l, ab, y, idx=None):
        l = F.normalize(l.double(), dim=1, eps=1e-7)
        ab = F.normalize(ab.double(), dim=1, eps=1e-7)
        if idx is None:
            idx = torch.randint(self.N, (len(y), self.K + 1), device=y.device)
            while (clash := idx == y[:, None]).any():
                idx[clash] = torch.randint(self.N, (int(clash.sum()),), device=y.device)
            idx[:, 0] = y
        scores = [
            torch.matmul(bank[idx].double(), live.unsqueeze(-1)).float() / self.T
            for bank, live in ((self.memory_ab, l), (self.memory_l, ab))
        ]
        self.update(self.memory_l, l, y)
        self.update(self.memory_ab, ab, y)
        return scores[0], scores[1]


# %% detached_copy: rows taken out before anything else, the banks replaced by a changed copy
class CMCScore(nn.Module):
    def __init__(self, feat_dim, N, K, T=0.1, momentum=0.5):
        super().__init__()
        self.N, self.K, self.T, self.momentum = N, K, T, momentum
        bound = 1 / math.sqrt(feat_dim / 3)
        self.register_buffer("memory_l", torch.empty(N, feat_dim).uniform_(-bound, bound))
        self.register_buffer("memory_ab", torch.empty(N, feat_dim).uniform_(-bound, bound))

    def forward(self, l, ab, y, idx=None):
        if idx is None:
            idx = torch.randint(self.N - 1, (len(y), self.K), device=y.device)
            idx = torch.where(idx < y[:, None], idx, idx + 1)
            idx = torch.hstack([y[:, None], idx])
        rows_l, rows_ab = self.memory_l[idx].clone().detach(), self.memory_ab[idx].clone().detach()
        l = F.normalize(l, dim=1, eps=1e-7)
        ab = F.normalize(ab, dim=1, eps=1e-7)
        with torch.no_grad():
            new_l, new_ab = self.memory_l.clone(), self.memory_ab.clone()
            new_l[y] = F.normalize(self.momentum * rows_l[:, 0] + (1 - self.momentum) * l, dim=1)
            new_ab[y] = F.normalize(self.momentum * rows_ab[:, 0] + (1 - self.momentum) * ab, dim=1)
            self.memory_l.copy_(new_l)
            self.memory_ab.copy_(new_ab)
        out_l = (rows_ab * l[:, None]).sum(dim=2, keepdim=True) / self.T
        out_ab = (rows_l * ab[:, None]).sum(dim=2, keepdim=True) / self.T
        return out_l, out_ab
