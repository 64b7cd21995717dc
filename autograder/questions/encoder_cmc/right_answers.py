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


# %% unbind: three channels taken apart
class EncoderCMC(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder_l = Encoder(in_channels=1)
        self.encoder_ab = Encoder(in_channels=2)

    def forward(self, x):
        L, a, b = x.unbind(dim=1)
        f1 = self.encoder_l(L[:, None])
        f2 = self.encoder_ab(torch.stack([a, b], 1))
        B = x.size(0)
        return f1.view(B, 384), f2.view(B, 384)


# %% einops_like: a method for both views, lists of channels
class EncoderCMC(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder_l = Encoder(in_channels=1)
        self.encoder_ab = Encoder(in_channels=2)

    def features(self, encoder, x):
        maps = encoder(x)
        return maps.reshape(maps.shape[0], maps.shape[1] * maps.shape[2] * maps.shape[3])

    def forward(self, x):
        return self.features(self.encoder_l, x[:, [0]]), self.features(self.encoder_ab, x[:, [1, 2]])


# %% order_and_names: a ModuleDict in the other order
class EncoderCMC(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.ModuleDict({"ab": Encoder(in_channels=2), "l": Encoder(in_channels=1)})
        self.split = lambda x: (x[:, :1, ...], x[:, -2:, ...])

    def forward(self, x):
        l, ab = self.split(x)
        return torch.flatten(self.enc["l"](l), 1, -1), torch.flatten(self.enc["ab"](ab), 1, -1)


# %% cuda: a GPU asked for by name
class EncoderCMC(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder_l = Encoder(in_channels=1).cuda()
        self.encoder_ab = Encoder(in_channels=2).cuda()

    def forward(self, x):
        l, ab = torch.split(x.cuda(), [1, 2], dim=1)
        return self.encoder_l(l).flatten(1), self.encoder_ab(ab).flatten(1)


# %% permuted_and_back: channels first and back
class EncoderCMC(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder_l = Encoder(in_channels=1)
        self.encoder_ab = Encoder(in_channels=2)

    def forward(self, lab):
        x = lab.permute(1, 0, 2, 3)
        l, ab = x[0:1].transpose(0, 1).contiguous(), x[1:3].transpose(0, 1).contiguous()
        feat_l = self.encoder_l(l).flatten(2).flatten(1)
        feat_ab = self.encoder_ab(ab).flatten(2).flatten(1)
        return feat_l, feat_ab


# %% index_mask: a mask of channels, maps joined one by one
class EncoderCMC(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder_l = Encoder(in_channels=1)
        self.encoder_ab = Encoder(in_channels=2)

    def forward(self, x):
        mask = torch.tensor([True, False, False], device=x.device)
        feat_l = self.encoder_l(x[:, mask])
        feat_ab = self.encoder_ab(x[:, ~mask])
        return torch.cat([m[:, k] for k in range(24) for m in [feat_l.flatten(2)]], dim=1), feat_ab.flatten(1)


# %% relu_again: another ReLU behind the encoder's own, which changes nothing
class EncoderCMC(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder_l = Encoder(in_channels=1)
        self.encoder_ab = Encoder(in_channels=2)

    def forward(self, x):
        feat_l = F.relu(self.encoder_l(x[:, :1]))
        feat_ab = F.relu(self.encoder_ab(x[:, 1:]))
        return feat_l.flatten(1), feat_ab.flatten(1)
