"""Wrong answers as small changes to the reference, and the cause that the student's check should name for each."""

from __future__ import annotations

from autograder.judge.reference import Edit

Variant = tuple[str, tuple[Edit, ...]]


def ae(*pairs: tuple[str, str]) -> tuple[Edit, ...]:
    return tuple(Edit("autoencoder", old, new) for old, new in pairs)


def cls(*pairs: tuple[str, str]) -> tuple[Edit, ...]:
    return tuple(Edit("classifier", old, new) for old, new in pairs)


def mv(*pairs: tuple[str, str]) -> tuple[Edit, ...]:
    return tuple(Edit("multiview", old, new) for old, new in pairs)


def con(*pairs: tuple[str, str]) -> tuple[Edit, ...]:
    return tuple(Edit("contrast", old, new) for old, new in pairs)


def cmc(*pairs: tuple[str, str]) -> tuple[Edit, ...]:
    return tuple(Edit("train_cmc", old, new) for old, new in pairs)


def nce(*pairs: tuple[str, str]) -> tuple[Edit, ...]:
    return tuple(Edit("nce", old, new) for old, new in pairs)


ENCODER_LAST = "nn.Conv2d(48, 24, kernel_size=4, stride=2, padding=1),\n            nn.ReLU(),"
ENCODER_CALL = "        ### BEGIN SOLUTION\n        return self.layers(x)\n        ### END SOLUTION\n\n\nclass Decoder"
DECODER_CALL = "        ### BEGIN SOLUTION\n        return self.layers(x)\n        ### END SOLUTION\n\n\nclass Autoencoder"
DECODER_LAST = "nn.ConvTranspose2d(12, out_channels, kernel_size=4, stride=2, padding=1),\n            nn.Sigmoid(),"
AE_STEP = """                loss = criterion(model(images), images)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
"""
CLS_STEP = """                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
"""
UPDATE_START = "        with torch.no_grad():\n            row_l"
SCORES = """        out_l = ps8.row_products(l, self.memory_ab, idx)[:, :, None] / self.T
        out_ab = ps8.row_products(ab, self.memory_l, idx)[:, :, None] / self.T
"""
UPDATE = """        with torch.no_grad():
            row_l = self.momentum * self.memory_l[y] + (1 - self.momentum) * l
            row_ab = self.momentum * self.memory_ab[y] + (1 - self.momentum) * ab
            self.memory_l[y] = F.normalize(row_l, dim=1, eps=1e-7)
            self.memory_ab[y] = F.normalize(row_ab, dim=1, eps=1e-7)
"""
SCORE_L, SCORE_AB = SCORES.splitlines(keepends=True)
UPDATED_L = "self.memory_l[y] = F.normalize(row_l, dim=1, eps=1e-7)"
UPDATED_AB = "self.memory_ab[y] = F.normalize(row_ab, dim=1, eps=1e-7)"
CE = "return F.cross_entropy(scores, target)"
CMC_STEP = """                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
"""
Z_UPDATE = """self.Z.copy_(
                torch.where(self.Z > 0, self.decay * self.Z + (1 - self.decay) * estimate, estimate)
            )"""

VARIANTS: dict[str, Variant] = {
    "encoder widths": (
        "encoder.widths",
        ae(("nn.Conv2d(in_channels, 12,", "nn.Conv2d(in_channels, 16,"), ("nn.Conv2d(12, 24,", "nn.Conv2d(16, 24,")),
    ),
    "encoder chain": ("encoder.chain", ae(("nn.Conv2d(12, 24,", "nn.Conv2d(24, 24,"))),
    "encoder no grad": (
        "encoder.no_gradient",
        ae((ENCODER_CALL, ENCODER_CALL.replace("self.layers(x)", "self.layers(x).detach()"))),
    ),
    "encoder pooling": (
        "encoder.resized_between",
        ae(
            (
                "nn.Conv2d(in_channels, 12, kernel_size=4, stride=2, padding=1),\n            nn.ReLU(),",
                "nn.Conv2d(in_channels, 12, kernel_size=4, stride=2, padding=1),\n            nn.ReLU(), nn.MaxPool2d(2),",
            )
        ),
    ),
    "encoder reflect": (
        "encoder.padding_mode",
        ae(
            (
                "nn.Conv2d(in_channels, 12, kernel_size=4, stride=2, padding=1)",
                "nn.Conv2d(in_channels, 12, kernel_size=4, stride=2, padding=1, padding_mode='reflect')",
            )
        ),
    ),
    "encoder padded by hand": (
        "encoder.padding_mode",
        ae(
            (
                "nn.Conv2d(in_channels, 12, kernel_size=4, stride=2, padding=1)",
                "nn.ConstantPad2d(1, 0.5), nn.Conv2d(in_channels, 12, kernel_size=4, stride=2)",
            )
        ),
    ),
    "encoder fifth": (
        "encoder.layer_count",
        ae((ENCODER_LAST, ENCODER_LAST + " nn.Conv2d(24, 24, kernel_size=3, padding=1), nn.ReLU(),")),
    ),
    "encoder cuda": ("general.device", ae((ENCODER_CALL, ENCODER_CALL.replace("self.layers(x)", "self.layers(x.cuda())")))),
    "decoder widths": (
        "decoder.widths",
        ae(
            ("nn.ConvTranspose2d(feat_dim, 48,", "nn.ConvTranspose2d(feat_dim, 32,"),
            ("nn.ConvTranspose2d(48, 24,", "nn.ConvTranspose2d(32, 24,"),
        ),
    ),
    "cls no gradient when supervised": (
        "train_classifier.part_without_gradient",
        cls(("with torch.set_grad_enabled(supervised):", "with torch.set_grad_enabled(False):")),
    ),
    "cls method form": ("train_classifier.methods_form", cls(('"II": True', '"II": "yes"'))),
    "views channels": ("encoder_cmc.wrong_channels", mv(("x[:, 1:]", "x[:, :2]"))),
    "views squeeze": ("encoder_cmc.batch_of_one", mv(("return feat_l, feat_ab", "return feat_l.squeeze(), feat_ab.squeeze()"))),
    "score momentum squared": (
        "cmc_score.momentum_value",
        con(
            (
                "self.momentum * self.memory_l[y] + (1 - self.momentum) * l",
                "self.momentum**2 * self.memory_l[y] + (1 - self.momentum) * l",
            )
        ),
    ),
    "score last row never": (
        "cmc_score.rows_never_drawn",
        con(
            (
                "            idx = idx + (idx >= y[:, None])  # skip the image's own row\n",
                "            idx = torch.where(idx == y[:, None], 0, idx)\n            idx[idx == y[:, None]] = 1\n",
            )
        ),
    ),
    "score batch rows": (
        "cmc_score.rows_never_drawn",
        con(
            (
                "torch.randint(self.N - 1, (len(y), self.K + 1), device=y.device)",
                "torch.randint(len(y) - 1, (len(y), self.K + 1))",
            )
        ),
    ),
    "score last column": (
        "cmc_score.positive_column",
        con((SCORES, "        idx = torch.cat([idx[:, 1:], idx[:, :1]], 1)\n" + SCORES)),
    ),
    "score constant norm": (
        "cmc_score.gradient_cut",
        con(("        l = F.normalize(l, dim=1, eps=1e-7)\n", "        l = l / l.norm(dim=1, keepdim=True).detach()\n")),
    ),
    "score mean": ("cmc_score.scale", con((SCORES, SCORES.replace("/ self.T", "/ self.T / l.shape[1]")))),
    "loss shape": ("softmax_loss.not_scalar", con((CE, "return F.cross_entropy(scores, target)[None]"))),
}
