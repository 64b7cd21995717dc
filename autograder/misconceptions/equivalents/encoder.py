# ruff: noqa
# mypy: ignore-errors
"""Right answers to 1.1 written in other ways, one a cell."""


# %% layers_by_name: a layer an attribute, functional ReLU
class Encoder(nn.Module):
    def __init__(self, in_channels=3):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, 12, 4, 2, 1)
        self.conv2 = nn.Conv2d(12, 24, 4, 2, 1)
        self.conv3 = nn.Conv2d(24, 48, 4, 2, 1)
        self.conv4 = nn.Conv2d(48, 24, 4, 2, 1)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.relu(self.conv2(x))
        x = F.relu(self.conv3(x))
        x = F.relu(self.conv4(x))
        return x


# %% other_order: the layers defined from last to first, one activation shared
class Encoder(nn.Module):
    def __init__(self, in_channels=3):
        super(Encoder, self).__init__()
        self.act = nn.ReLU(inplace=True)
        self.last = nn.Conv2d(48, 24, (4, 4), (2, 2), (1, 1))
        self.third = nn.Conv2d(24, 48, (4, 4), (2, 2), (1, 1))
        self.second = nn.Conv2d(12, 24, (4, 4), (2, 2), (1, 1))
        self.first = nn.Conv2d(in_channels, 12, (4, 4), (2, 2), (1, 1))

    def forward(self, x):
        a = self.act(self.first(x))
        b = self.act(self.second(a))
        c = self.act(self.third(b))
        d = self.act(self.last(c))
        return d


# %% module_list: widths in a list, layers in a ModuleList
class Encoder(nn.Module):
    def __init__(self, in_channels=3):
        super().__init__()
        widths = [in_channels, 12, 24, 48, 24]
        self.convs = nn.ModuleList([nn.Conv2d(a, b, 4, stride=2, padding=1) for a, b in zip(widths[:-1], widths[1:])])

    def forward(self, x):
        for conv in self.convs:
            x = conv(x).relu()
        return x


# %% blocks: a helper that makes a block, added one by one
class Encoder(nn.Module):
    def __init__(self, in_channels=3):
        super().__init__()
        self.net = nn.Sequential()
        before = in_channels
        for number, width in enumerate((12, 24, 48, 24)):
            self.net.add_module(f"conv{number}", nn.Conv2d(before, width, kernel_size=4, stride=2, padding=1, bias=True))
            self.net.add_module(f"relu{number}", nn.ReLU(True))
            before = width

    def forward(self, x):
        return self.net.forward(x)


# %% lazy: the input channels are found at the first call
class Encoder(nn.Module):
    def __init__(self, in_channels=3):
        super().__init__()
        self.seq = nn.Sequential(
            nn.LazyConv2d(12, 4, 2, 1),
            nn.ReLU(),
            nn.LazyConv2d(24, 4, 2, 1),
            nn.ReLU(),
            nn.LazyConv2d(48, 4, 2, 1),
            nn.ReLU(),
            nn.LazyConv2d(24, 4, 2, 1),
            nn.ReLU(),
        )

    def forward(self, x):
        return self.seq(x)


# %% parameters: weights as parameters of its own, the functional convolution
class Encoder(nn.Module):
    def __init__(self, in_channels=3):
        super().__init__()
        sizes = [(12, in_channels), (24, 12), (48, 24), (24, 48)]
        self.w = nn.ParameterList([nn.Parameter(0.05 * torch.randn(o, i, 4, 4)) for o, i in sizes])
        self.b = nn.ParameterList([nn.Parameter(torch.zeros(o)) for o, i in sizes])

    def forward(self, x):
        for w, b in zip(self.w, self.b):
            x = torch.relu(F.conv2d(x, w, b, stride=2, padding=1))
        return x


# %% padded_by_hand: zeros put around by a function, clamp for the ReLU
class Encoder(nn.Module):
    def __init__(self, in_channels=3):
        super().__init__()
        self.a = nn.Conv2d(in_channels, 12, 4, 2)
        self.b = nn.Conv2d(12, 24, 4, 2)
        self.c = nn.Conv2d(24, 48, 4, 2)
        self.d = nn.Conv2d(48, 24, 4, 2)

    def forward(self, x):
        for layer in (self.a, self.b, self.c, self.d):
            x = layer(F.pad(x, (1, 1, 1, 1))).clamp(min=0)
        return x


# %% double: float64 on the way, back at the end
class Encoder(nn.Module):
    def __init__(self, in_channels=3):
        super().__init__()
        self.layers = nn.ModuleList()
        for i, o in [(in_channels, 12), (12, 24), (24, 48), (48, 24)]:
            self.layers.append(nn.Conv2d(i, o, 4, 2, 1))

    def forward(self, x):
        h = x.double()
        for layer in self.layers:
            h = F.conv2d(h, layer.weight.double(), layer.bias.double(), stride=2, padding=1)
            h = torch.where(h > 0, h, torch.zeros_like(h))
        return h.to(x.dtype)


# %% unfolded: every patch as a column, one matrix product a layer
class Encoder(nn.Module):
    def __init__(self, in_channels=3):
        super().__init__()
        self.convs = nn.ModuleList(
            [
                nn.Conv2d(in_channels, 12, 4, 2, 1),
                nn.Conv2d(12, 24, 4, 2, 1),
                nn.Conv2d(24, 48, 4, 2, 1),
                nn.Conv2d(48, 24, 4, 2, 1),
            ]
        )

    def forward(self, x):
        for conv in self.convs:
            side = x.shape[-1] // 2
            columns = F.unfold(x, kernel_size=4, padding=1, stride=2)
            weight = conv.weight.reshape(conv.out_channels, -1)
            out = torch.einsum("ok,bkp->bop", weight, columns) + conv.bias[None, :, None]
            x = torch.maximum(out, torch.zeros(())).view(len(x), -1, side, side)
        return x
