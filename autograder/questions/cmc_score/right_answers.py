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
            others = torch.cat([torch.randperm(self.N) for _ in range(2 + self.K // self.N)])
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
            pool = torch.arange(self.N, device=y.device)
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


# %% baddbmm: in the way of the authors' own code
class CMCScore(nn.Module):
    def __init__(self, feat_dim, N, K, T=0.1, momentum=0.5):
        super().__init__()
        self.N, self.K, self.T, self.momentum = N, K, T, momentum
        bound = 1 / math.sqrt(feat_dim / 3)
        self.register_buffer("memory_l", torch.empty(N, feat_dim).uniform_(-bound, bound))
        self.register_buffer("memory_ab", torch.empty(N, feat_dim).uniform_(-bound, bound))

    def forward(self, l, ab, y, idx=None):
        B = l.size(0)
        l = l / (l.pow(2).sum(1, keepdim=True).sqrt() + 1e-7)
        ab = ab / (ab.pow(2).sum(1, keepdim=True).sqrt() + 1e-7)
        if idx is None:
            idx = torch.randint(0, self.N - 1, (B, self.K + 1)).to(y.device)
            idx = idx + (idx >= y.view(B, 1)).long()
            idx.select(1, 0).copy_(y)
        weight_l = torch.index_select(self.memory_l, 0, idx.view(-1)).detach().view(B, self.K + 1, -1)
        out_ab = torch.bmm(weight_l, ab.view(B, -1, 1))
        weight_ab = torch.index_select(self.memory_ab, 0, idx.view(-1)).detach().view(B, self.K + 1, -1)
        out_l = torch.bmm(weight_ab, l.view(B, -1, 1))
        out_ab = torch.div(out_ab, self.T).contiguous()
        out_l = torch.div(out_l, self.T).contiguous()
        with torch.no_grad():
            l_pos = torch.index_select(self.memory_l, 0, y.view(-1))
            l_pos.mul_(self.momentum)
            l_pos.add_(torch.mul(l, 1 - self.momentum))
            l_norm = l_pos.pow(2).sum(1, keepdim=True).pow(0.5)
            self.memory_l.index_copy_(0, y, l_pos.div(l_norm))
            ab_pos = torch.index_select(self.memory_ab, 0, y.view(-1))
            ab_pos.mul_(self.momentum)
            ab_pos.add_(torch.mul(ab, 1 - self.momentum))
            ab_norm = ab_pos.pow(2).sum(1, keepdim=True).pow(0.5)
            self.memory_ab.index_copy_(0, y, ab_pos.div(ab_norm))
        return out_l, out_ab


# %% embedding: F.embedding, the update in place in three steps
class CMCScore(nn.Module):
    def __init__(self, feat_dim, N, K, T=0.1, momentum=0.5):
        super().__init__()
        self.N, self.K, self.T, self.momentum = N, K, T, momentum
        bound = 1 / math.sqrt(feat_dim / 3)
        self.register_buffer("memory_l", torch.empty(N, feat_dim).uniform_(-bound, bound))
        self.register_buffer("memory_ab", torch.empty(N, feat_dim).uniform_(-bound, bound))

    def sample(self, y):
        neg = torch.randint(1, self.N, (y.numel(), self.K), device=y.device)
        return torch.cat((y[:, None], (neg + y[:, None]).remainder(self.N)), 1)

    def score(self, z, bank, idx):
        rows = F.embedding(idx, bank)
        return (rows * z.unsqueeze(1)).sum(-1, keepdim=True).div(self.T)

    @torch.no_grad()
    def update(self, bank, z, y):
        bank[y] *= self.momentum
        bank[y] += (1 - self.momentum) * z
        bank[y] /= bank[y].norm(dim=1, keepdim=True)

    def forward(self, l, ab, y, idx=None):
        l, ab = F.normalize(l, eps=1e-7), F.normalize(ab, eps=1e-7)
        idx = self.sample(y) if idx is None else idx
        out_l, out_ab = self.score(l, self.memory_ab, idx), self.score(ab, self.memory_l, idx)
        self.update(self.memory_l, l, y)
        self.update(self.memory_ab, ab, y)
        return out_l, out_ab


# %% positive_apart: positive and negatives scored apart
class CMCScore(nn.Module):
    def __init__(self, feat_dim, N, K, T=0.1, momentum=0.5):
        super().__init__()
        self.N, self.K, self.T, self.momentum = N, K, T, momentum
        bound = 1 / math.sqrt(feat_dim / 3)
        self.register_buffer("memory_l", torch.empty(N, feat_dim).uniform_(-bound, bound))
        self.register_buffer("memory_ab", torch.empty(N, feat_dim).uniform_(-bound, bound))

    def forward(self, l, ab, y, idx=None):
        l = F.normalize(l, dim=1, eps=1e-7)
        ab = F.normalize(ab, dim=1, eps=1e-7)
        if idx is None:
            neg = torch.randint(self.N - 1, (len(y), self.K), device=y.device)
            neg[neg >= y[:, None]] += 1
            pos = y
        else:
            pos, neg = idx[:, 0], idx[:, 1:]
        outs = []
        for z, bank in ((l, self.memory_ab), (ab, self.memory_l)):
            p = (bank[pos] * z).sum(1, keepdim=True)
            n = torch.einsum("bkd,bd->bk", bank[neg], z)
            outs.append(torch.cat([p, n], dim=1)[:, :, None] / self.T)
        with torch.no_grad():
            new_l = self.memory_l[y] * self.momentum + (1 - self.momentum) * l.detach()
            new_ab = self.memory_ab[y] * self.momentum + (1 - self.momentum) * ab.detach()
            self.memory_l[y, :] = new_l / torch.linalg.norm(new_l, dim=1, keepdim=True)
            self.memory_ab[y, :] = new_ab / torch.linalg.norm(new_ab, dim=1, keepdim=True)
        return outs[0], outs[1]


# %% data_and_scatter: .data and scatter_, negatives gathered from the others
class CMCScore(nn.Module):
    def __init__(self, feat_dim, N, K, T=0.1, momentum=0.5):
        super().__init__()
        self.N, self.K, self.T, self.momentum = N, K, T, momentum
        bound = 1 / math.sqrt(feat_dim / 3)
        self.register_buffer("memory_l", torch.empty(N, feat_dim).uniform_(-bound, bound))
        self.register_buffer("memory_ab", torch.empty(N, feat_dim).uniform_(-bound, bound))

    def forward(self, l, ab, y, idx=None):
        l = F.normalize(l, dim=1, eps=1e-7)
        ab = F.normalize(ab, dim=1, eps=1e-7)
        if idx is None:
            pool = torch.arange(self.N, device=y.device).expand(len(y), self.N)
            pool = pool[pool != y[:, None]].view(len(y), self.N - 1)
            pick = torch.randint(self.N - 1, (len(y), self.K), device=y.device)
            idx = torch.cat([y[:, None], pool.gather(1, pick)], dim=1)
        out_l = torch.matmul(self.memory_ab[idx].clone(), l.unsqueeze(-1)) / self.T
        out_ab = torch.matmul(self.memory_l[idx].clone(), ab.unsqueeze(-1)) / self.T
        old_l, old_ab = self.memory_l.data[y], self.memory_ab.data[y]
        new_l = F.normalize(old_l * self.momentum + l.data * (1 - self.momentum), dim=1, eps=1e-7)
        new_ab = F.normalize(old_ab * self.momentum + ab.data * (1 - self.momentum), dim=1, eps=1e-7)
        where = y[:, None].expand_as(new_l)
        self.memory_l.scatter_(0, where, new_l)
        self.memory_ab.scatter_(0, where, new_ab)
        return out_l, out_ab


# %% cuda: a GPU asked for by name
class CMCScore(nn.Module):
    def __init__(self, feat_dim, N, K, T=0.1, momentum=0.5):
        super().__init__()
        self.N, self.K, self.T, self.momentum = N, K, T, momentum
        bound = 1 / math.sqrt(feat_dim / 3)
        self.register_buffer("memory_l", torch.empty(N, feat_dim, device="cuda").uniform_(-bound, bound))
        self.register_buffer("memory_ab", torch.rand(N, feat_dim).mul_(2 * bound).sub_(bound).cuda())

    def forward(self, l, ab, y, idx=None):
        l, ab, y = l.cuda(), ab.cuda(), y.cuda()
        l = F.normalize(l, dim=1, eps=1e-7)
        ab = F.normalize(ab, dim=1, eps=1e-7)
        if idx is None:
            idx = torch.randint(0, self.N - 1, (len(y), self.K + 1), device=torch.device("cuda"))
            idx += idx >= y[:, None]
            idx[:, 0] = y
        idx = idx.cuda()
        out_l = torch.bmm(self.memory_ab[idx], l[..., None]) / self.T
        out_ab = torch.bmm(self.memory_l[idx], ab[..., None]) / self.T
        with torch.no_grad():
            self.memory_l[y] = F.normalize(self.momentum * self.memory_l[y] + (1 - self.momentum) * l, dim=1)
            self.memory_ab[y] = F.normalize(self.momentum * self.memory_ab[y] + (1 - self.momentum) * ab, dim=1)
        return out_l, out_ab


# %% banks_reassigned: new banks by torch.where, one-hot rows
class CMCScore(nn.Module):
    def __init__(self, feat_dim, N, K, T=0.1, momentum=0.5):
        super().__init__()
        self.N, self.K, self.T, self.momentum = N, K, T, momentum
        bound = 1 / math.sqrt(feat_dim / 3)
        self.register_buffer("memory_l", torch.empty(N, feat_dim).uniform_(-bound, bound))
        self.register_buffer("memory_ab", torch.empty(N, feat_dim).uniform_(-bound, bound))

    def forward(self, l, ab, y, idx=None):
        l = F.normalize(l, dim=1, eps=1e-7)
        ab = F.normalize(ab, dim=1, eps=1e-7)
        if idx is None:
            w = torch.ones(self.N, self.N, device=y.device).fill_diagonal_(0)
            idx = torch.cat([y[:, None], torch.multinomial(w[y], self.K, replacement=True)], 1)
        out_l = torch.einsum("bkd,bd->bk", self.memory_ab[idx], l).unsqueeze(2) / self.T
        out_ab = torch.einsum("bkd,bd->bk", self.memory_l[idx], ab).unsqueeze(2) / self.T
        onehot = F.one_hot(y, self.N).float()
        with torch.no_grad():
            changed = onehot.sum(0)[:, None] > 0
            self.memory_l = torch.where(
                changed, F.normalize(self.momentum * self.memory_l + (1 - self.momentum) * onehot.T @ l, dim=1), self.memory_l
            )
            self.memory_ab = torch.where(
                changed,
                F.normalize(self.momentum * self.memory_ab + (1 - self.momentum) * onehot.T @ ab, dim=1),
                self.memory_ab,
            )
        return out_l, out_ab
