# ruff: noqa
# mypy: ignore-errors
"""Right answers to 2.1 written in other ways, one a cell."""


# %% view: the batch's size kept by hand
class EncoderCMC(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder_l = Encoder(in_channels=1)
        self.encoder_ab = Encoder(in_channels=2)

    def forward(self, x):
        l, ab = x[:, 0:1, :, :], x[:, 1:3, :, :]
        feat_l = self.encoder_l(l)
        feat_ab = self.encoder_ab(ab)
        return feat_l.view(feat_l.size(0), -1), feat_ab.view(feat_ab.size(0), -1)


# %% split: torch.split and nn.Flatten
class EncoderCMC(nn.Module):
    def __init__(self):
        super().__init__()
        self.flat = nn.Flatten()
        self.encoder_l = Encoder(in_channels=1)
        self.encoder_ab = Encoder(in_channels=2)

    def forward(self, x):
        l, ab = torch.split(x, [1, 2], dim=1)
        return self.flat(self.encoder_l(l)), self.flat(self.encoder_ab(ab))


# %% unsqueezed: a channel picked by number, its dimension put back; a and b stacked
class EncoderCMC(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder_l = Encoder(1)
        self.encoder_ab = Encoder(2)

    def forward(self, x):
        L = x[:, 0].unsqueeze(1)
        ab = torch.stack((x[:, 1], x[:, 2]), dim=1)
        return tuple(torch.flatten(f, 1) for f in (self.encoder_l(L), self.encoder_ab(ab)))


# %% narrow: narrow and index_select, 384 written out
class EncoderCMC(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder_l = Encoder(in_channels=1)
        self.encoder_ab = Encoder(in_channels=2)

    def forward(self, x):
        ab = x.index_select(1, torch.tensor([1, 2], device=x.device))
        second = self.encoder_ab(ab).reshape(-1, 384)
        first = self.encoder_l(x.narrow(1, 0, 1)).reshape(-1, 384)
        return first, second


# %% loop: both views in one loop, back as a list
class EncoderCMC(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder_l = Encoder(in_channels=1)
        self.encoder_ab = Encoder(in_channels=2)

    def forward(self, x):
        views = {"l": [0], "ab": [1, 2]}
        features = []
        for name, channels in views.items():
            maps = getattr(self, "encoder_" + name)(x[:, channels])
            features.append(maps.contiguous().flatten(-3))
        return features


# %% one_by_one: every image alone, then joined
class EncoderCMC(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder_l = Encoder(in_channels=1)
        self.encoder_ab = Encoder(in_channels=2)

    def forward(self, x):
        l = torch.cat([self.encoder_l(image[None, :1]).flatten(1) for image in x])
        ab = torch.cat([self.encoder_ab(image[None, 1:]).flatten(1) for image in x])
        return l, ab


# %% chunks: three chunks, the last two joined again, a third module for nothing
class EncoderCMC(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder_l, self.encoder_ab = Encoder(in_channels=1), Encoder(in_channels=2)
        self.same = nn.Identity()

    def forward(self, x):
        l, a, b = x.chunk(3, dim=1)
        ab = torch.cat([a, b], 1)
        return self.same(self.encoder_l(l)).flatten(1, 3), self.same(self.encoder_ab(ab)).flatten(1, 3)
