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


# %% subclassed_block: a block in a class of its own, defined beside it
class ConvBlock(nn.Module):
    def __init__(self, c_in, c_out):
        super().__init__()
        self.conv = nn.Conv2d(c_in, c_out, 4, 2, 1)
        self.act = nn.ReLU()

    def forward(self, x):
        return self.act(self.conv(x))


class Encoder(nn.Module):
    def __init__(self, in_channels=3):
        super().__init__()
        self.block1 = ConvBlock(in_channels, 12)
        self.block2 = ConvBlock(12, 24)
        self.block3 = ConvBlock(24, 48)
        self.block4 = ConvBlock(48, 24)

    def forward(self, x):
        return self.block4(self.block3(self.block2(self.block1(x))))


# %% subclass_of_sequential: no forward of its own
class Encoder(nn.Sequential):
    def __init__(self, in_channels=3):
        super().__init__(
            nn.Conv2d(in_channels, 12, 4, 2, 1),
            nn.ReLU(),
            nn.Conv2d(12, 24, 4, 2, 1),
            nn.ReLU(),
            nn.Conv2d(24, 48, 4, 2, 1),
            nn.ReLU(),
            nn.Conv2d(48, 24, 4, 2, 1),
            nn.ReLU(),
        )


# %% helper_functions: blocks made by a function, and a print left in
def conv(i, o):
    return nn.Sequential(nn.Conv2d(in_channels=i, out_channels=o, kernel_size=4, stride=2, padding=1), nn.ReLU(inplace=True))


class Encoder(nn.Module):
    def __init__(self, in_channels=3):
        super().__init__()
        self.enc = nn.Sequential(conv(in_channels, 12), conv(12, 24), conv(24, 48), conv(48, 24))

    def forward(self, x):
        out = self.enc(x)
        print(out.shape)
        return out


# %% cuda: a GPU asked for by name
class Encoder(nn.Module):
    def __init__(self, in_channels=3):
        super().__init__()
        self.c1 = nn.Conv2d(in_channels, 12, 4, stride=2, padding=1).cuda()
        self.c2 = nn.Conv2d(12, 24, 4, stride=2, padding=1).cuda()
        self.c3 = nn.Conv2d(24, 48, 4, stride=2, padding=1).to("cuda")
        self.c4 = nn.Conv2d(48, 24, 4, stride=2, padding=1, device="cuda")

    def forward(self, x):
        x = x.cuda()
        for c in [self.c1, self.c2, self.c3, self.c4]:
            x = F.relu_(c(x))
        return x


# %% initialised: weights initialised by hand, an assertion
class Encoder(nn.Module):
    def __init__(self, in_channels=3):
        super().__init__()
        self.layers = nn.ModuleList()
        channels = in_channels
        for c in [12, 24, 48, 24]:
            self.layers += [nn.Conv2d(channels, c, 4, 2, 1), nn.ReLU()]
            channels = c
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, nonlinearity="relu")
                nn.init.zeros_(m.bias)

    def forward(self, x):
        h = x
        for layer in self.layers:
            h = layer(h)
        assert h.shape[1:] == (24, 4, 4)
        return h


# %% setattr: attributes named in a loop, the ReLU as a product
class Encoder(nn.Module):
    def __init__(self, in_channels=3):
        super().__init__()
        sizes = (in_channels, 12, 24, 48, 24)
        for k in range(4):
            setattr(self, "conv%d" % k, nn.Conv2d(sizes[k], sizes[k + 1], 4, 2, 1, bias=True, padding_mode="zeros"))
        self.relu = nn.ReLU()

    def forward(self, x):
        for k in range(4):
            x = getattr(self, f"conv{k}")(x)
            x = x * (x > 0)
        return x


# %% channels_last: another memory format, Threshold for ReLU
class Encoder(nn.Module):
    def __init__(self, in_channels=3):
        super().__init__()
        self.net = nn.Sequential(
            *[
                f
                for a, b in ((in_channels, 12), (12, 24), (24, 48), (48, 24))
                for f in (nn.Conv2d(a, b, 4, 2, 1), nn.Threshold(0.0, 0.0))
            ]
        )

    def forward(self, x):
        x = x.to(memory_format=torch.channels_last)
        return self.net(x).contiguous()


# %% zero_pad_module: padded by a module
class Encoder(nn.Module):
    def __init__(self, in_channels=3):
        super().__init__()
        self.pad = nn.ZeroPad2d(1)
        self.a, self.b = nn.Conv2d(in_channels, 12, 4, 2), nn.Conv2d(12, 24, 4, 2)
        self.c, self.d = nn.Conv2d(24, 48, 4, 2), nn.Conv2d(48, 24, 4, 2)

    def forward(self, x):
        x = torch.nn.functional.relu(self.a(self.pad(x)))
        x = torch.nn.functional.relu(self.b(self.pad(x)))
        x = torch.nn.functional.relu(self.c(self.pad(x)))
        return torch.nn.functional.relu(self.d(self.pad(x)))


# %% ordered_dict: named layers
from collections import OrderedDict


class Encoder(nn.Module):
    def __init__(self, in_channels: int = 3):
        super().__init__()
        self.layers = nn.Sequential(
            OrderedDict(
                [
                    ("conv1", nn.Conv2d(in_channels, 12, 4, 2, 1)),
                    ("relu1", nn.ReLU()),
                    ("conv2", nn.Conv2d(12, 24, 4, 2, 1)),
                    ("relu2", nn.ReLU()),
                    ("conv3", nn.Conv2d(24, 48, 4, 2, 1)),
                    ("relu3", nn.ReLU()),
                    ("conv4", nn.Conv2d(48, 24, 4, 2, 1)),
                    ("relu4", nn.ReLU()),
                ]
            )
        )

    def forward(self, x):
        y = self.layers(x)
        return y
