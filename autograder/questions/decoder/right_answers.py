# ruff: noqa
# mypy: ignore-errors
"""Right answers to 1.2 written in other ways, one a cell."""


# %% layers_by_name: a layer an attribute, functional activations
class Decoder(nn.Module):
    def __init__(self, out_channels=3, feat_dim=24):
        super().__init__()
        self.up1 = nn.ConvTranspose2d(feat_dim, 48, 4, 2, 1)
        self.up2 = nn.ConvTranspose2d(48, 24, 4, 2, 1)
        self.up3 = nn.ConvTranspose2d(24, 12, 4, 2, 1)
        self.up4 = nn.ConvTranspose2d(12, out_channels, 4, 2, 1)

    def forward(self, x):
        x = F.relu(self.up1(x))
        x = F.relu(self.up2(x))
        x = F.relu(self.up3(x))
        return torch.sigmoid(self.up4(x))


# %% other_order: defined from the image back to the code
class Decoder(nn.Module):
    def __init__(self, out_channels=3, feat_dim=24):
        super(Decoder, self).__init__()
        self.sigmoid = nn.Sigmoid()
        self.to_image = nn.ConvTranspose2d(12, out_channels, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1))
        self.relu = nn.ReLU(inplace=True)
        self.c = nn.ConvTranspose2d(24, 12, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1))
        self.b = nn.ConvTranspose2d(48, 24, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1))
        self.a = nn.ConvTranspose2d(feat_dim, 48, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1))

    def forward(self, code):
        h = self.relu(self.a(code))
        h = self.relu(self.b(h))
        h = self.relu(self.c(h))
        image = self.sigmoid(self.to_image(h))
        return image


# %% module_list: widths in a list, the last one treated apart
class Decoder(nn.Module):
    def __init__(self, out_channels=3, feat_dim=24):
        super().__init__()
        widths = [feat_dim, 48, 24, 12, out_channels]
        self.ups = nn.ModuleList(nn.ConvTranspose2d(i, o, 4, 2, 1) for i, o in zip(widths, widths[1:]))

    def forward(self, x):
        for up in self.ups[:-1]:
            x = up(x).relu()
        return self.ups[-1](x).sigmoid()


# %% built_in_a_loop: activations chosen while the list grows
class Decoder(nn.Module):
    def __init__(self, out_channels=3, feat_dim=24):
        super().__init__()
        parts, before = [], feat_dim
        for width in (48, 24, 12, out_channels):
            parts += [nn.ConvTranspose2d(before, width, 4, 2, 1), nn.ReLU()]
            before = width
        parts[-1] = nn.Sigmoid()
        self.body = nn.Sequential(*parts)

    def forward(self, x):
        return self.body(x)


# %% lazy: the code's maps are found at the first call
class Decoder(nn.Module):
    def __init__(self, out_channels=3, feat_dim=24):
        super().__init__()
        self.seq = nn.Sequential(
            nn.LazyConvTranspose2d(48, 4, 2, 1),
            nn.ReLU(),
            nn.LazyConvTranspose2d(24, 4, 2, 1),
            nn.ReLU(),
            nn.LazyConvTranspose2d(12, 4, 2, 1),
            nn.ReLU(),
            nn.LazyConvTranspose2d(out_channels, 4, 2, 1),
        )

    def forward(self, x):
        return F.sigmoid(self.seq(x))


# %% parameters: weights as parameters of its own, and the sigmoid from its formula
class Decoder(nn.Module):
    def __init__(self, out_channels=3, feat_dim=24):
        super().__init__()
        sizes = [(feat_dim, 48), (48, 24), (24, 12), (12, out_channels)]
        self.b = nn.ParameterList([nn.Parameter(torch.zeros(o)) for i, o in sizes])
        self.w = nn.ParameterList([nn.Parameter(0.05 * torch.randn(i, o, 4, 4)) for i, o in sizes])

    def forward(self, x):
        for k in range(4):
            x = F.conv_transpose2d(x, self.w[k], self.b[k], stride=2, padding=1)
            x = x.clamp(min=0) if k < 3 else 1 / (1 + torch.exp(-x))
        return x


# %% double: float64 on the way
class Decoder(nn.Module):
    def __init__(self, out_channels=3, feat_dim=24):
        super().__init__()
        self.layers = nn.ModuleDict(
            {
                "four": nn.ConvTranspose2d(12, out_channels, 4, 2, 1),
                "three": nn.ConvTranspose2d(24, 12, 4, 2, 1),
                "two": nn.ConvTranspose2d(48, 24, 4, 2, 1),
                "one": nn.ConvTranspose2d(feat_dim, 48, 4, 2, 1),
            }
        )

    def forward(self, x):
        h = x.double()
        for name in ("one", "two", "three", "four"):
            layer = self.layers[name]
            h = F.conv_transpose2d(h, layer.weight.double(), layer.bias.double(), stride=2, padding=1)
            h = torch.sigmoid(h) if name == "four" else F.relu(h)
        return h.float()


# %% subclassed_block: a block in a class of its own, defined beside it
class Up(nn.Module):
    def __init__(self, i, o, act):
        super().__init__()
        self.t = nn.ConvTranspose2d(i, o, kernel_size=4, stride=2, padding=1)
        self.act = act

    def forward(self, x):
        return self.act(self.t(x))


class Decoder(nn.Module):
    def __init__(self, out_channels=3, feat_dim=24):
        super().__init__()
        self.ups = nn.Sequential(
            Up(feat_dim, 48, nn.ReLU()), Up(48, 24, nn.ReLU()), Up(24, 12, nn.ReLU()), Up(12, out_channels, nn.Sigmoid())
        )

    def forward(self, x):
        return self.ups(x)


# %% tanh_formula: the sigmoid by way of a tanh
class Decoder(nn.Module):
    def __init__(self, out_channels=3, feat_dim=24):
        super().__init__()
        self.d1 = nn.ConvTranspose2d(feat_dim, 48, 4, 2, 1, output_padding=0)
        self.d2 = nn.ConvTranspose2d(48, 24, 4, 2, 1, output_padding=0)
        self.d3 = nn.ConvTranspose2d(24, 12, 4, 2, 1, output_padding=0)
        self.d4 = nn.ConvTranspose2d(12, out_channels, 4, 2, 1, output_padding=0)

    def forward(self, x):
        x = F.relu(self.d1(x), inplace=True)
        x = F.relu(self.d2(x), inplace=True)
        x = F.relu(self.d3(x), inplace=True)
        return (torch.tanh(self.d4(x) / 2) + 1) / 2


# %% cropped: no padding, but a pixel cut off at every side
class Decoder(nn.Module):
    """No padding in the layers: a pixel is cut off at every side, which is what the padding does."""

    def __init__(self, out_channels=3, feat_dim=24):
        super().__init__()
        w = [feat_dim, 48, 24, 12, out_channels]
        self.layers = nn.ModuleList([nn.ConvTranspose2d(w[i], w[i + 1], 4, 2) for i in range(4)])

    def forward(self, x):
        for i, layer in enumerate(self.layers):
            x = layer(x)[:, :, 1:-1, 1:-1]
            x = torch.sigmoid(x) if i == 3 else torch.relu(x)
        return x


# %% cuda: a GPU asked for by name
class Decoder(nn.Module):
    def __init__(self, out_channels=3, feat_dim=24):
        super().__init__()
        self.layers = nn.Sequential(
            nn.ConvTranspose2d(feat_dim, 48, 4, 2, 1),
            nn.ReLU(),
            nn.ConvTranspose2d(48, 24, 4, 2, 1),
            nn.ReLU(),
            nn.ConvTranspose2d(24, 12, 4, 2, 1),
            nn.ReLU(),
            nn.ConvTranspose2d(12, out_channels, 4, 2, 1),
            nn.Sigmoid(),
        ).cuda()

    def forward(self, x):
        return self.layers(x.cuda())


# %% activations_in_a_list: functions in a plain list, layers in a ModuleList
class Decoder(nn.Module):
    def __init__(self, out_channels=3, feat_dim=24):
        super().__init__()
        self.convs = nn.ModuleList(
            [
                nn.ConvTranspose2d(feat_dim, 48, 4, 2, 1),
                nn.ConvTranspose2d(48, 24, 4, 2, 1),
                nn.ConvTranspose2d(24, 12, 4, 2, 1),
                nn.ConvTranspose2d(12, out_channels, 4, 2, 1),
            ]
        )
        self.activations = [F.relu, F.relu, F.relu, torch.sigmoid]

    def forward(self, x):
        for conv, activation in zip(self.convs, self.activations):
            x = activation(conv(x))
        return x
