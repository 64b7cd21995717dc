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
SCORES = """        out_l = products(l, self.memory_ab, idx) / self.T
        out_ab = products(ab, self.memory_l, idx) / self.T
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
Z_UPDATE = "self.Z.copy_(torch.where(self.Z > 0, self.decay * self.Z + (1 - self.decay) * estimate, estimate))"

VARIANTS: dict[str, Variant] = {
    "encoder bias": (
        "encoder.bias_off",
        ae(
            (
                "nn.Conv2d(12, 24, kernel_size=4, stride=2, padding=1)",
                "nn.Conv2d(12, 24, kernel_size=4, stride=2, padding=1, bias=False)",
            )
        ),
    ),
    "encoder padding": (
        "encoder.padding",
        ae(
            (
                "nn.Conv2d(in_channels, 12, kernel_size=4, stride=2, padding=1)",
                "nn.Conv2d(in_channels, 12, kernel_size=4, stride=2, padding=0)",
            )
        ),
    ),
    "encoder stride": (
        "encoder.stride",
        ae(
            (
                "nn.Conv2d(in_channels, 12, kernel_size=4, stride=2, padding=1)",
                "nn.Conv2d(in_channels, 12, kernel_size=4, stride=1, padding=1)",
            )
        ),
    ),
    "encoder last ReLU": ("encoder.relu_last_missing", ae((ENCODER_LAST, ENCODER_LAST.replace("nn.ReLU(),", "")))),
    "encoder inner ReLU": (
        "encoder.relu_missing",
        ae(
            (
                "nn.Conv2d(24, 48, kernel_size=4, stride=2, padding=1),\n            nn.ReLU(),\n            nn.Conv2d(48, 24,",
                "nn.Conv2d(24, 48, kernel_size=4, stride=2, padding=1),\n            nn.Conv2d(48, 24,",
            )
        ),
    ),
    "encoder leaky": ("encoder.leaky", ae((ENCODER_LAST, ENCODER_LAST.replace("nn.ReLU()", "nn.LeakyReLU(0.2)")))),
    "encoder widths": (
        "encoder.widths",
        ae(("nn.Conv2d(in_channels, 12,", "nn.Conv2d(in_channels, 16,"), ("nn.Conv2d(12, 24,", "nn.Conv2d(16, 24,")),
    ),
    "encoder widths swapped": (
        "encoder.widths_order",
        ae(
            ("nn.Conv2d(in_channels, 12,", "nn.Conv2d(in_channels, 24,"),
            ("nn.Conv2d(12, 24,", "nn.Conv2d(24, 12,"),
            ("nn.Conv2d(24, 48,", "nn.Conv2d(12, 48,"),
        ),
    ),
    "encoder chain": ("encoder.chain", ae(("nn.Conv2d(12, 24,", "nn.Conv2d(24, 24,"))),
    "encoder kernel": (
        "encoder.kernel",
        ae(("nn.Conv2d(in_channels, 12, kernel_size=4,", "nn.Conv2d(in_channels, 12, kernel_size=3,")),
    ),
    "encoder batch norm": (
        "encoder.normalisation_added",
        ae((ENCODER_LAST, ENCODER_LAST.replace("nn.ReLU()", "nn.BatchNorm2d(24), nn.ReLU()"))),
    ),
    "encoder channels": ("encoder.arguments", ae(("nn.Conv2d(in_channels, 12,", "nn.Conv2d(3, 12,"))),
    "encoder flat": (
        "encoder.flattened",
        ae((ENCODER_CALL, ENCODER_CALL.replace("self.layers(x)", "self.layers(x).flatten(1)"))),
    ),
    "encoder returns input": (
        "encoder.wrong_return",
        ae((ENCODER_CALL, ENCODER_CALL.replace("return self.layers(x)", "self.layers(x)\n        return x"))),
    ),
    "encoder returns before": (
        "encoder.wrong_return",
        ae(
            (
                ENCODER_CALL,
                ENCODER_CALL.replace(
                    "return self.layers(x)", "y = self.layers[:6](x)\n        self.layers[6:](y)\n        return y"
                ),
            )
        ),
    ),
    "encoder no return": ("encoder.nothing_returned", ae((ENCODER_CALL, ENCODER_CALL.replace("return self", "self")))),
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
    "decoder no sigmoid": ("decoder.sigmoid_missing", ae((DECODER_LAST, DECODER_LAST.replace("nn.Sigmoid(),", "")))),
    "decoder relu last": ("decoder.relu_last", ae((DECODER_LAST, DECODER_LAST.replace("nn.Sigmoid(),", "nn.ReLU(),")))),
    "decoder relu then sigmoid": (
        "decoder.relu_before_sigmoid",
        ae((DECODER_LAST, DECODER_LAST.replace("nn.Sigmoid(),", "nn.ReLU(), nn.Sigmoid(),"))),
    ),
    "decoder tanh": ("decoder.tanh_last", ae((DECODER_LAST, DECODER_LAST.replace("nn.Sigmoid(),", "nn.Tanh(),")))),
    "decoder feat_dim": ("decoder.maps_fixed", ae(("nn.ConvTranspose2d(feat_dim, 48,", "nn.ConvTranspose2d(24, 48,"))),
    "decoder out_channels": ("decoder.arguments", ae(("nn.ConvTranspose2d(12, out_channels,", "nn.ConvTranspose2d(12, 3,"))),
    "decoder padding": (
        "decoder.padding",
        ae(
            (
                "nn.ConvTranspose2d(12, out_channels, kernel_size=4, stride=2, padding=1)",
                "nn.ConvTranspose2d(12, out_channels, kernel_size=4, stride=2)",
            )
        ),
    ),
    "decoder is a convolution": (
        "decoder.layer_missing",
        ae(
            (
                "nn.ConvTranspose2d(feat_dim, 48, kernel_size=4, stride=2, padding=1)",
                "nn.Upsample(scale_factor=2), nn.Conv2d(feat_dim, 48, kernel_size=3, padding=1)",
            )
        ),
    ),
    "decoder widths": (
        "decoder.widths",
        ae(
            ("nn.ConvTranspose2d(feat_dim, 48,", "nn.ConvTranspose2d(feat_dim, 32,"),
            ("nn.ConvTranspose2d(48, 24,", "nn.ConvTranspose2d(32, 24,"),
        ),
    ),
    "ae no step": ("train_ae.no_step", ae(("                optimizer.step()\n", ""))),
    "ae no backward": ("train_ae.no_backward", ae(("                loss.backward()\n", ""))),
    "ae no zero": ("train_ae.gradients_never_cleared", ae(("                optimizer.zero_grad()\n", ""))),
    "ae zero late": (
        "train_ae.zero_grad_after_backward",
        ae(
            (
                AE_STEP,
                AE_STEP.replace("                optimizer.zero_grad()\n", "").replace(
                    "loss.backward()\n", "loss.backward()\n                optimizer.zero_grad()\n"
                ),
            )
        ),
    ),
    "ae step early": (
        "train_ae.step_before_backward",
        ae(
            (
                AE_STEP,
                AE_STEP.replace("                optimizer.step()\n", "").replace(
                    "                loss.backward()\n", "                optimizer.step()\n                loss.backward()\n"
                ),
            )
        ),
    ),
    "ae two steps": (
        "train_ae.two_steps",
        ae(("                optimizer.step()\n", "                optimizer.step()\n                optimizer.step()\n")),
    ),
    "ae pair": ("train_ae.loss_without_model", ae(("criterion(model(images), images)", "criterion(images, images)"))),
    "ae pair 2": (
        "train_ae.loss_wrong_pair",
        ae(("criterion(model(images), images)", "criterion(model(images), torch.zeros_like(images))")),
    ),
    "ae detached": (
        "train_ae.loss_without_model",
        ae(("criterion(model(images), images)", "criterion(model(images).detach(), images)")),
    ),
    "ae encoder only": (
        "train_ae.loss_wrong_pair",
        ae(("criterion(model(images), images)", "criterion(model.encoder(images), images)")),
    ),
    "ae sum": ("train_ae.loss_summed", ae(("criterion(model(images), images)", "((model(images) - images) ** 2).sum()"))),
    "ae eval": (
        "train_ae.evaluation_mode",
        ae(("criterion(model(images), images)", "criterion(model.eval()(images), images)")),
    ),
    "ae graph": ("train_ae.graph_kept", ae(("total += loss.item()", "total += loss"))),
    "ae new optimizer": (
        "train_ae.optimizer_made_anew",
        ae((AE_STEP, "                optimizer = torch.optim.Adam(model.parameters(), lr=cfg.ae_lr)\n" + AE_STEP)),
    ),
    "cls trained when frozen": (
        "train_classifier.frozen_encoder_trained",
        cls(
            ("    if supervised:\n        parameters", "    if True:\n        parameters"),
            ("with torch.set_grad_enabled(supervised):", "with torch.set_grad_enabled(True):"),
        ),
    ),
    "cls frozen when supervised": (
        "train_classifier.supervised_encoder_frozen",
        cls(("    if supervised:\n        parameters", "    if False:\n        parameters")),
    ),
    "cls no gradient when supervised": (
        "train_classifier.part_without_gradient",
        cls(("with torch.set_grad_enabled(supervised):", "with torch.set_grad_enabled(False):")),
    ),
    "cls not trained": (
        "train_classifier.classifier_left_out",
        cls(("        parameters += list(encoder.parameters())", "        parameters = list(encoder.parameters())")),
    ),
    "cls not flat": (
        "train_classifier.not_flattened",
        cls(("encoder(images).flatten(1)\n                loss", "encoder(images)\n                loss")),
    ),
    "cls softmax": (
        "train_classifier.softmax_first",
        cls(("criterion(cls(features), labels)", "criterion(cls(features).softmax(1), labels)")),
    ),
    "cls sgd": ("train_classifier.optimizer_kind", cls(("torch.optim.Adam(parameters", "torch.optim.SGD(parameters"))),
    "cls adamw": ("train_classifier.optimizer_kind", cls(("torch.optim.Adam(parameters", "torch.optim.AdamW(parameters"))),
    "cls decay": ("train_classifier.weight_decay", cls((", weight_decay=cfg.cls_weight_decay", ""))),
    "cls rate": ("train_classifier.learning_rate", cls(("lr=cfg.cls_lr", "lr=0.01"))),
    "cls never cleared": (
        "train_classifier.gradients_never_cleared",
        cls((CLS_STEP, CLS_STEP.replace("                optimizer.zero_grad()\n", ""))),
    ),
    "cls zero late": (
        "train_classifier.zero_grad_after_backward",
        cls(
            (
                CLS_STEP,
                "                loss.backward()\n                optimizer.zero_grad()\n                optimizer.step()\n",
            )
        ),
    ),
    "cls step early": (
        "train_classifier.step_before_backward",
        cls(
            (
                CLS_STEP,
                "                optimizer.zero_grad()\n                optimizer.step()\n                loss.backward()\n",
            )
        ),
    ),
    "cls method I": ("train_classifier.methods_I", cls(('"I": False', '"I": True'))),
    "cls method II": ("train_classifier.methods_none", cls(('"II": True', '"II": False'))),
    "cls method form": ("train_classifier.methods_form", cls(('"II": True', '"II": "yes"'))),
    "views swapped": ("encoder_cmc.views_swapped", mv(("return feat_l, feat_ab", "return feat_ab, feat_l"))),
    "views not flat": (
        "encoder_cmc.not_flattened",
        mv(
            ("self.encoder_l(x[:, :1]).flatten(1)", "self.encoder_l(x[:, :1])"),
            ("self.encoder_ab(x[:, 1:]).flatten(1)", "self.encoder_ab(x[:, 1:])"),
        ),
    ),
    "views flat from 0": (
        "encoder_cmc.batch_flattened",
        mv(
            ("self.encoder_l(x[:, :1]).flatten(1)", "self.encoder_l(x[:, :1]).flatten()"),
            ("self.encoder_ab(x[:, 1:]).flatten(1)", "self.encoder_ab(x[:, 1:]).flatten()"),
        ),
    ),
    "views drop": ("encoder_cmc.channel_dim_dropped", mv(("x[:, :1]", "x[:, 0]"))),
    "views channels": ("encoder_cmc.wrong_channels", mv(("x[:, 1:]", "x[:, :2]"))),
    "views L is b": ("encoder_cmc.channels_swapped", mv(("x[:, :1]", "x[:, 2:]"), ("x[:, 1:]", "x[:, :2]"))),
    "views one encoder": ("encoder_cmc.one_encoder", mv(("self.encoder_ab(x[:, 1:])", "self.encoder_l(x[:, 1:2])"))),
    "views mean": (
        "encoder_cmc.one_encoder",
        mv(("self.encoder_ab = Encoder(in_channels=2)", "self.encoder_ab = self.encoder_l"), ("x[:, 1:]", "x[:, 1:2]")),
    ),
    "views detached": (
        "encoder_cmc.one_view_detached",
        mv(("self.encoder_ab(x[:, 1:]).flatten(1)", "self.encoder_ab(x[:, 1:]).flatten(1).detach()")),
    ),
    "views joined": ("encoder_cmc.concatenated", mv(("return feat_l, feat_ab", "return torch.cat([feat_l, feat_ab], 1)"))),
    "views unit": (
        "encoder_cmc.normalised",
        mv(
            (
                "return feat_l, feat_ab",
                "return feat_l / feat_l.norm(dim=1, keepdim=True), feat_ab / feat_ab.norm(dim=1, keepdim=True)",
            )
        ),
    ),
    "views squeeze": ("encoder_cmc.batch_of_one", mv(("return feat_l, feat_ab", "return feat_l.squeeze(), feat_ab.squeeze()"))),
    "score no T": ("cmc_score.temperature_forgotten", con((SCORES, SCORES.replace(" / self.T", "")))),
    "score no T in one": ("cmc_score.temperature_forgotten", con((SCORE_AB, SCORE_AB.replace(" / self.T", "")))),
    "score times T": ("cmc_score.temperature_multiplied", con((SCORES, SCORES.replace(" / self.T", " * self.T")))),
    "score T twice": (
        "cmc_score.temperature_twice",
        con(("        return out_l, out_ab\n", "        return out_l / self.T, out_ab / self.T\n")),
    ),
    "score T fixed": ("cmc_score.temperature_fixed", con((SCORES, SCORES.replace("self.T", "0.1")))),
    "score own bank": (
        "cmc_score.own_bank",
        con((SCORES, SCORES.replace("memory_ab", "x").replace("memory_l", "memory_ab").replace("x,", "memory_l,"))),
    ),
    "score own bank of l": ("cmc_score.own_bank", con((SCORE_L, SCORE_L.replace("memory_ab", "memory_l")))),
    "score outputs": ("cmc_score.outputs_swapped", con(("        return out_l, out_ab\n", "        return out_ab, out_l\n"))),
    "score live": (
        "cmc_score.live_instead_of_bank",
        con((SCORES, "        out_l = (l @ ab.T)[:, :, None] / self.T\n        out_ab = (ab @ l.T)[:, :, None] / self.T\n")),
    ),
    "score live one": (
        "cmc_score.live_instead_of_bank",
        con(
            (
                SCORES,
                "        out_l = out_ab = (ab * l).sum(1)[:, None, None].expand(-1, self.K + 1, -1) / self.T\n",
            )
        ),
    ),
    "score bank in graph": (
        "cmc_score.bank_in_graph",
        con((UPDATE_START, UPDATE_START.replace("torch.no_grad()", "torch.enable_grad()"))),
    ),
    "score early": ("cmc_score.update_before_scores", con((SCORES, ""), (UPDATE, UPDATE + SCORES))),
    "score between": ("cmc_score.update_between", con((SCORE_AB, ""), (UPDATE, UPDATE + SCORE_AB))),
    "score momentum": (
        "cmc_score.momentum_wrong_side",
        con(
            (
                "self.momentum * self.memory_l[y] + (1 - self.momentum) * l",
                "(1 - self.momentum) * self.memory_l[y] + self.momentum * l",
            ),
            (
                "self.momentum * self.memory_ab[y] + (1 - self.momentum) * ab",
                "(1 - self.momentum) * self.memory_ab[y] + self.momentum * ab",
            ),
        ),
    ),
    "score momentum ignored": (
        "cmc_score.momentum_ignored",
        con(("self.momentum * self.memory_l[y] + (1 - self.momentum) * l", "0.5 * self.memory_l[y] + 0.5 * l")),
    ),
    "score momentum squared": (
        "cmc_score.momentum_value",
        con(
            (
                "self.momentum * self.memory_l[y] + (1 - self.momentum) * l",
                "self.momentum**2 * self.memory_l[y] + (1 - self.momentum) * l",
            )
        ),
    ),
    "score rows not unit": (
        "cmc_score.row_not_normalised",
        con((UPDATED_L, "self.memory_l[y] = row_l"), (UPDATED_AB, "self.memory_ab[y] = row_ab")),
    ),
    "score rows not assigned": (
        "cmc_score.row_not_normalised",
        con((UPDATED_L, "F.normalize(row_l, dim=1)\n            self.memory_l[y] = row_l")),
    ),
    "score live not unit": (
        "cmc_score.live_not_normalised",
        con(("        l = F.normalize(l, dim=1, eps=1e-7)\n        ab = F.normalize(ab, dim=1, eps=1e-7)\n", "")),
    ),
    "score live not assigned": (
        "cmc_score.live_not_normalised",
        con(("        l = F.normalize(l, dim=1, eps=1e-7)\n", "        F.normalize(l, dim=1, eps=1e-7)\n")),
    ),
    "score live over batch": (
        "cmc_score.normalised_over_batch",
        con(("        l = F.normalize(l, dim=1, eps=1e-7)\n", "        l = F.normalize(l, dim=0, eps=1e-7) * 3\n")),
    ),
    "score all rows": ("cmc_score.all_rows_updated", con((UPDATED_L, UPDATED_L + "\n            self.memory_l.mul_(0.9)"))),
    "score positions": (
        "cmc_score.y_as_position",
        con(
            (UPDATED_L, "self.memory_l[torch.arange(len(y))] = F.normalize(row_l, dim=1)"),
            (UPDATED_AB, "self.memory_ab[: len(y)] = F.normalize(row_ab, dim=1)"),
        ),
    ),
    "score no update": (
        "cmc_score.no_update",
        con(
            (UPDATED_L, "self.memory_l[y].copy_(F.normalize(row_l, dim=1))"),
            (UPDATED_AB, "self.memory_ab[y].copy_(F.normalize(row_ab, dim=1))"),
        ),
    ),
    "score one update": ("cmc_score.one_bank_updated", con((UPDATED_AB, "pass"))),
    "score negatives updated": (
        "cmc_score.negatives_updated",
        con((UPDATED_L, "self.memory_l[idx] = F.normalize(row_l, dim=1)[:, None].expand(-1, idx.shape[1], -1)")),
    ),
    "score cross update": (
        "cmc_score.update_other_view",
        con(
            (
                "self.momentum * self.memory_l[y] + (1 - self.momentum) * l",
                "self.momentum * self.memory_l[y] + (1 - self.momentum) * ab",
            ),
            (
                "self.momentum * self.memory_ab[y] + (1 - self.momentum) * ab",
                "self.momentum * self.memory_ab[y] + (1 - self.momentum) * l",
            ),
        ),
    ),
    "score own positives": (
        "cmc_score.negatives_contain_positive",
        con(
            ("torch.randint(self.N - 1,", "torch.randint(self.N,"),
            ("            idx = idx + (idx >= y[:, None])  # skip the image's own row\n", ""),
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
    "score column": ("cmc_score.drawn_positive_column", con(("            idx[:, 0] = y\n", "            idx[:, -1] = y\n"))),
    "score last column": (
        "cmc_score.positive_column",
        con((SCORES, "        idx = torch.cat([idx[:, 1:], idx[:, :1]], 1)\n" + SCORES)),
    ),
    "score ignores idx": ("cmc_score.idx_ignored", con(("if idx is None:", "if True:"))),
    "score squeezed": (
        "cmc_score.last_dimension",
        con(("        return out_l, out_ab\n", "        return out_l.squeeze(-1), out_ab.squeeze(-1)\n")),
    ),
    "score squeeze": (
        "cmc_score.squeeze_breaks",
        con(("        return out_l, out_ab\n", "        return out_l.squeeze()[..., None], out_ab.squeeze()[..., None]\n")),
    ),
    "score softmax": (
        "cmc_score.probabilities",
        con(("        return out_l, out_ab\n", "        return out_l.softmax(1), out_ab.softmax(1)\n")),
    ),
    "score exp": (
        "cmc_score.exponential",
        con(("        return out_l, out_ab\n", "        return out_l.exp(), out_ab.exp()\n")),
    ),
    "score no grad": (
        "cmc_score.scores_without_gradient",
        con(("        l = F.normalize(l, dim=1, eps=1e-7)\n", "        l = F.normalize(l, dim=1, eps=1e-7).detach()\n")),
    ),
    "score detached": (
        "cmc_score.scores_without_gradient",
        con(("        return out_l, out_ab\n", "        return out_l.detach(), out_ab.detach()\n")),
    ),
    "score constant norm": (
        "cmc_score.gradient_cut",
        con(("        l = F.normalize(l, dim=1, eps=1e-7)\n", "        l = l / l.norm(dim=1, keepdim=True).detach()\n")),
    ),
    "score raw update": (
        "cmc_score.update_raw_live",
        con(
            ("        l = F.normalize(l, dim=1, eps=1e-7)\n", "        raw, l = l, F.normalize(l, dim=1, eps=1e-7)\n"),
            ("(1 - self.momentum) * l\n", "(1 - self.momentum) * raw\n"),
        ),
    ),
    "score mean": ("cmc_score.scale", con((SCORES, SCORES.replace("/ self.T", "/ self.T / l.shape[1]")))),
    "loss column one": (
        "softmax_loss.label_one",
        con(
            (
                "torch.zeros(len(scores), dtype=torch.long, device=scores.device)",
                "torch.ones(len(scores), dtype=torch.long, device=scores.device)",
            )
        ),
    ),
    "loss last column": (
        "softmax_loss.positive_last",
        con(
            (
                "torch.zeros(len(scores), dtype=torch.long, device=scores.device)",
                "torch.full((len(scores),), scores.shape[1] - 1)",
            )
        ),
    ),
    "loss rows": (
        "softmax_loss.label_per_row",
        con(
            (
                "torch.zeros(len(scores), dtype=torch.long, device=scores.device)",
                "torch.arange(len(scores), device=scores.device)",
            )
        ),
    ),
    "loss sum": ("softmax_loss.sum_for_mean", con((CE, 'return F.cross_entropy(scores, target, reduction="sum")'))),
    "loss none": ("softmax_loss.not_reduced", con((CE, 'return F.cross_entropy(scores, target, reduction="none")'))),
    "loss softmax": ("softmax_loss.softmax_first", con((CE, "return F.cross_entropy(scores.softmax(1), target)"))),
    "loss sign": ("softmax_loss.sign", con((CE, "return -F.cross_entropy(scores, target)"))),
    "loss probability": ("softmax_loss.no_logarithm", con((CE, "return scores.softmax(1)[:, 0].mean()"))),
    "loss squeeze": ("softmax_loss.squeeze_breaks", con(("scores = x.squeeze(-1)", "scores = x.squeeze()"))),
    "loss overflow": ("softmax_loss.overflow", con((CE, "return -(scores.exp()[:, 0] / scores.exp().sum(1)).log().mean()"))),
    "loss dimension": ("softmax_loss.squeeze_missing", con(("scores = x.squeeze(-1)", "scores = x"))),
    "loss number": ("softmax_loss.not_a_tensor", con((CE, "return F.cross_entropy(scores, target).item()"))),
    "loss shape": ("softmax_loss.not_scalar", con((CE, "return F.cross_entropy(scores, target)[None]"))),
    "loss positive excluded": (
        "softmax_loss.noise_only",
        con((CE, "return (scores[:, 1:].logsumexp(1) - scores[:, 0]).mean()")),
    ),
    "cmc labels": (
        "train_cmc.labels_for_numbers",
        cmc(("contrast(feat_l, feat_ab, idx)", "contrast(feat_l, feat_ab, _labels)")),
    ),
    "cmc idx as idx": (
        "train_cmc.labels_for_numbers",
        cmc(("contrast(feat_l, feat_ab, idx)", "contrast(feat_l, feat_ab, _labels, idx)")),
    ),
    "cmc positions": (
        "train_cmc.positions_for_numbers",
        cmc(("contrast(feat_l, feat_ab, idx)", "contrast(feat_l, feat_ab, torch.arange(len(idx)))")),
    ),
    "cmc no numbers": ("train_cmc.numbers_missing", cmc(("contrast(feat_l, feat_ab, idx)", "contrast(feat_l, feat_ab)"))),
    "cmc features": ("train_cmc.features_swapped", cmc(("contrast(feat_l, feat_ab, idx)", "contrast(feat_ab, feat_l, idx)"))),
    "cmc detached": (
        "train_cmc.one_view_detached",
        cmc(("contrast(feat_l, feat_ab, idx)", "contrast(feat_l.detach(), feat_ab, idx)")),
    ),
    "cmc one criterion": ("train_cmc.one_criterion", cmc(("criterion_ab(out_ab)", "criterion_l(out_ab)"))),
    "cmc criteria": (
        "train_cmc.criteria_swapped",
        cmc(("criterion_l(out_l) + criterion_ab(out_ab)", "criterion_ab(out_l) + criterion_l(out_ab)")),
    ),
    "cmc outputs": ("train_cmc.scores_swapped", cmc(("out_l, out_ab = contrast", "out_ab, out_l = contrast"))),
    "cmc one view": ("train_cmc.one_view", cmc(("criterion_l(out_l) + criterion_ab(out_ab)", "criterion_l(out_l)"))),
    "cmc mean": (
        "train_cmc.mean_of_views",
        cmc(("criterion_l(out_l) + criterion_ab(out_ab)", "(criterion_l(out_l) + criterion_ab(out_ab)) / 2")),
    ),
    "cmc same scores": ("train_cmc.criteria_swapped", cmc(("criterion_ab(out_ab)", "criterion_ab(out_l)"))),
    "cmc never cleared": ("train_cmc.gradients_never_cleared", cmc(("                optimizer.zero_grad()\n", ""))),
    "cmc zero late": (
        "train_cmc.zero_grad_after_backward",
        cmc(
            (
                CMC_STEP,
                "                loss.backward()\n                optimizer.zero_grad()\n                optimizer.step()\n",
            )
        ),
    ),
    "cmc no step": ("train_cmc.no_step", cmc(("                optimizer.step()\n", ""))),
    "cmc no backward": ("train_cmc.no_backward", cmc(("                loss.backward()\n", ""))),
    "cmc twice": (
        "train_cmc.contrast_twice",
        cmc(
            (
                "out_l, out_ab = contrast(feat_l, feat_ab, idx)",
                "out_l, _ = contrast(feat_l, feat_ab, idx)\n                _, out_ab = contrast(feat_l, feat_ab, idx)",
            )
        ),
    ),
    "cmc softmax": ("train_cmc.softmax_before_criterion", cmc(("criterion_l(out_l)", "criterion_l(out_l.softmax(1))"))),
    "nce each batch": ("nce.normaliser_each_batch", nce((Z_UPDATE, "self.Z.copy_(estimate)"))),
    "nce never": ("nce.normaliser_never_updated", nce((Z_UPDATE, "self.Z.copy_(torch.where(self.Z > 0, self.Z, estimate))"))),
    "nce decay": (
        "nce.decay_wrong_side",
        nce(("self.decay * self.Z + (1 - self.decay) * estimate", "(1 - self.decay) * self.Z + self.decay * estimate")),
    ),
    "nce first": (
        "nce.normaliser_first_averaged",
        nce((Z_UPDATE, "self.Z.copy_(self.decay * self.Z + (1 - self.decay) * estimate)")),
    ),
    "nce no N": ("nce.normaliser_without_N", nce(("self.N * scores.exp().mean()", "scores.exp().mean()"))),
    "nce no noise": ("nce.odds_without_noise", nce((" - math.log(self.K / self.N)", ""))),
    "nce upside": ("nce.odds_noise_upside_down", nce((" - math.log(self.K / self.N)", " + math.log(self.K / self.N)"))),
    "nce no Z": ("nce.odds_without_normaliser", nce((" - self.Z.log()", ""))),
    "nce no K": ("nce.odds_without_K", nce(("math.log(self.K / self.N)", "math.log(1 / self.N)"))),
    "nce graph": (
        "nce.normaliser_in_graph",
        nce(
            (
                "- self.Z.log()",
                "- (self.Z + (1 - self.decay) * self.N * (scores.exp().mean() - scores.exp().mean().detach())).log()",
            )
        ),
    ),
    "nce mean": ("nce.noise_averaged", nce((".sum(dim=1)", ".mean(dim=1)"))),
    "nce positive": ("nce.positive_only", nce(("(positive + noise)", "positive"))),
    "nce noise": ("nce.noise_only", nce(("(positive + noise)", "noise"))),
    "nce sign": ("nce.sign", nce(("return -(", "return ("))),
    "nce sum": ("nce.sum_for_mean", nce(("(positive + noise).mean()", "(positive + noise).sum()"))),
    "nce column": ("nce.positive_column", nce(("log_odds[:, 0]", "log_odds[:, -1]"), ("log_odds[:, 1:]", "log_odds[:, :-1]"))),
    "nce overflow": (
        "nce.overflow",
        nce(
            ("F.logsigmoid(-log_odds[:, 1:])", "torch.sigmoid(-log_odds[:, 1:]).log()"),
            ("F.logsigmoid(log_odds[:, 0])", "torch.sigmoid(log_odds[:, 0]).log()"),
        ),
    ),
    "nce late": (
        "nce.normaliser_after_loss",
        nce(
            ("        log_odds = scores - self.Z.log()", "        log_odds = scores - old.log()"),
            ("            " + Z_UPDATE, "            old = torch.where(self.Z > 0, self.Z, estimate)\n            " + Z_UPDATE),
        ),
    ),
    "nce squeeze": ("nce.squeeze_breaks", nce(("scores = x.squeeze(-1)", "scores = x.squeeze()"))),
}
