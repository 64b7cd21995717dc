# ruff: noqa
# mypy: ignore-errors
"""Right answers to 2.3 written in other ways, one a cell."""


# %% two_lines: the two losses apart, cleared first
def train_cmc(model, contrast, criterion_l, criterion_ab, dataloader, epochs=cfg.cmc_epochs):
    model, contrast = model.to(device), contrast.to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=cfg.cmc_lr, betas=cfg.cmc_betas)
    history = {"loss": [], "prob_l": [], "prob_ab": []}
    with ps8.progress(epochs, "CMC", model=model, contrast=contrast) as bar:
        for _ in bar:
            model.train()
            sums = {name: 0.0 for name in history}
            batches = 0
            for images, _labels, idx in dataloader:
                images, idx = images.to(device), idx.to(device)
                optimizer.zero_grad()
                l, ab = model(images)
                out_l, out_ab = contrast(l, ab, idx)
                loss_l = criterion_l(out_l)
                loss_ab = criterion_ab(out_ab)
                loss = loss_l + loss_ab
                loss.backward()
                optimizer.step()
                sums["loss"] += loss.item()
                sums["prob_l"] += match_probability(out_l)
                sums["prob_ab"] += match_probability(out_ab)
                batches += 1
            for name, total in sums.items():
                history[name].append(total / batches)
    return model, history


# %% two_backwards: each loss its own backward, the gradients add up
def train_cmc(model, contrast, criterion_l, criterion_ab, dataloader, epochs=cfg.cmc_epochs):
    model, contrast = model.to(device), contrast.to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=cfg.cmc_lr, betas=cfg.cmc_betas)
    history = {"loss": [], "prob_l": [], "prob_ab": []}
    for _ in range(epochs):
        model.train()
        seen = {"loss": [], "prob_l": [], "prob_ab": []}
        for images, _labels, idx in dataloader:
            images, idx = images.to(device), idx.to(device)
            optimizer.zero_grad(set_to_none=False)
            out_l, out_ab = contrast(*model(images), idx)
            loss_l, loss_ab = criterion_l(out_l), criterion_ab(out_ab)
            loss_l.backward(retain_graph=True)
            loss_ab.backward()
            optimizer.step()
            seen["loss"].append(loss_l.item() + loss_ab.item())
            seen["prob_l"].append(match_probability(out_l))
            seen["prob_ab"].append(match_probability(out_ab))
        for name, values in seen.items():
            history[name].append(sum(values) / len(values))
    return model, history


# %% by_keyword: arguments by name, cleared at the end
def train_cmc(model, contrast, criterion_l, criterion_ab, dataloader, epochs=cfg.cmc_epochs):
    model, contrast = model.to(device), contrast.to(device)
    optimizer = torch.optim.Adam(params=list(model.parameters()), lr=cfg.cmc_lr, betas=cfg.cmc_betas)
    history = {"loss": [], "prob_l": [], "prob_ab": []}
    with ps8.progress(epochs, "CMC", model=model, contrast=contrast) as bar:
        for _ in bar:
            model.train()
            loss_sum = l_sum = ab_sum = 0.0
            count = 0
            for batch in dataloader:
                images, number = batch[0].to(device), batch[2].to(device)
                features = model(images)
                scores = contrast(l=features[0], ab=features[1], y=number)
                terms = [criterion(out) for criterion, out in zip((criterion_l, criterion_ab), scores)]
                loss = sum(terms)
                loss.backward()
                optimizer.step()
                optimizer.zero_grad()
                loss_sum += loss.item()
                l_sum += match_probability(scores[0])
                ab_sum += match_probability(scores[1])
                count += 1
            history["loss"].append(loss_sum / count)
            history["prob_l"].append(l_sum / count)
            history["prob_ab"].append(ab_sum / count)
    return model, history


# %% stacked: the losses stacked and summed in float64
def train_cmc(model, contrast, criterion_l, criterion_ab, dataloader, epochs=cfg.cmc_epochs):
    model, contrast = model.to(device), contrast.to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=cfg.cmc_lr, betas=cfg.cmc_betas)
    history = {"loss": [], "prob_l": [], "prob_ab": []}
    with ps8.progress(epochs, "CMC", model=model, contrast=contrast) as bar:
        for _ in bar:
            model.train()
            sums = dict.fromkeys(history, 0.0)
            for images, _labels, idx in dataloader:
                images, idx = images.to(device), idx.to(device)
                feat_l, feat_ab = model(images)
                out_l, out_ab = contrast(feat_l, feat_ab, idx, None)
                loss = torch.stack([criterion_ab(out_ab), criterion_l(out_l)]).double().sum()
                model.zero_grad()
                loss.backward()
                optimizer.step()
                for name, value in zip(sums, (loss.item(), match_probability(out_l), match_probability(out_ab))):
                    sums[name] += value / len(dataloader)
            for name, total in sums.items():
                history[name].append(total)
    return model, history


# %% gradients_by_hand: torch.autograd.grad, written into .grad
def train_cmc(model, contrast, criterion_l, criterion_ab, dataloader, epochs=cfg.cmc_epochs):
    model, contrast = model.to(device), contrast.to(device)
    weights = list(model.parameters())
    optimizer = torch.optim.Adam(weights, lr=cfg.cmc_lr, betas=cfg.cmc_betas)
    history = {"loss": [], "prob_l": [], "prob_ab": []}
    for _ in range(epochs):
        model.train()
        rows = []
        for images, _labels, idx in dataloader:
            images, idx = images.to(device), idx.to(device)
            feat_l, feat_ab = model(images)
            out_l, out_ab = contrast(feat_l, feat_ab, idx)
            loss = criterion_l(out_l).add(criterion_ab(out_ab))
            for weight, gradient in zip(weights, torch.autograd.grad(loss, weights)):
                weight.grad = gradient
            optimizer.step()
            rows.append((loss.item(), match_probability(out_l), match_probability(out_ab)))
        for name, column in zip(history, zip(*rows)):
            history[name].append(sum(column) / len(column))
    return model, history


# %% helper_and_tuple: the step in a function of its own
def one_step(model, contrast, criteria, optimizer, images, idx):
    outs = contrast(*model(images), idx)
    loss = sum(c(o) for c, o in zip(criteria, outs))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss, outs


def train_cmc(model, contrast, criterion_l, criterion_ab, dataloader, epochs=cfg.cmc_epochs):
    model, contrast = model.to(device), contrast.to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=cfg.cmc_lr, betas=cfg.cmc_betas)
    history = {"loss": [], "prob_l": [], "prob_ab": []}
    with ps8.progress(epochs, "CMC", model=model, contrast=contrast) as bar:
        for _ in bar:
            model.train()
            contrast.train()
            sums = dict.fromkeys(history, 0.0)
            batches = 0
            for images, _labels, idx in dataloader:
                images, idx = images.to(device), idx.to(device)
                loss, (out_l, out_ab) = one_step(model, contrast, (criterion_l, criterion_ab), optimizer, images, idx)
                sums["loss"] += loss.item()
                sums["prob_l"] += match_probability(out_l)
                sums["prob_ab"] += match_probability(out_ab)
                batches += 1
            for name, total in sums.items():
                history[name].append(total / batches)
            bar.report(**{name: values[-1] for name, values in history.items()})
    return model, history


# %% cuda: a GPU asked for by name
def train_cmc(model, contrast, criterion_l, criterion_ab, dataloader, epochs=cfg.cmc_epochs):
    model, contrast = model.cuda(), contrast.cuda()
    criterion_l, criterion_ab = criterion_l.cuda(), criterion_ab.cuda()
    optimizer = torch.optim.Adam(model.parameters(), lr=cfg.cmc_lr, betas=(0.5, 0.999))
    history = {"loss": [], "prob_l": [], "prob_ab": []}
    for _ in range(epochs):
        model.train()
        sums = dict.fromkeys(history, 0.0)
        batches = 0
        for images, _labels, idx in dataloader:
            images, idx = images.float().cuda(), idx.cuda()
            l, ab = model(images)
            out_l, out_ab = contrast(l, ab, idx)
            loss = criterion_l(out_l) + criterion_ab(out_ab)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            sums["loss"] += loss.item()
            sums["prob_l"] += match_probability(out_l)
            sums["prob_ab"] += match_probability(out_ab)
            batches += 1
        for name, total in sums.items():
            history[name].append(total / batches)
    return model, history


# %% unpacked_features: forward called by its name, cleared twice, the loss in two lines
def train_cmc(model, contrast, criterion_l, criterion_ab, dataloader, epochs=cfg.cmc_epochs):
    model, contrast = model.to(device), contrast.to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=cfg.cmc_lr, betas=cfg.cmc_betas)
    history = {"loss": [], "prob_l": [], "prob_ab": []}
    with ps8.progress(epochs, "CMC", model=model, contrast=contrast) as bar:
        for _ in bar:
            model.train()
            sums = dict.fromkeys(history, 0.0)
            batches = 0
            for images, _labels, idx in dataloader:
                images, idx = images.to(device), idx.to(device)
                optimizer.zero_grad(set_to_none=False)
                feats = model.forward(images)
                scores = contrast.forward(feats[0], feats[1], y=idx, idx=None)
                out_l, out_ab = scores[0], scores[1]
                loss = criterion_l.forward(out_l)
                loss = loss + criterion_ab.forward(out_ab)
                loss.backward()
                optimizer.step()
                optimizer.zero_grad(set_to_none=False)
                sums["loss"] += loss.detach().cpu().item()
                sums["prob_l"] += match_probability(out_l)
                sums["prob_ab"] += match_probability(out_ab)
                batches += 1
            for name, total in sums.items():
                history[name].append(total / batches)
            bar.report(**{name: values[-1] for name, values in history.items()})
    return model, history


# %% anomaly: gradients zeroed by hand, a backward of the two losses stacked
def train_cmc(model, contrast, criterion_l, criterion_ab, dataloader, epochs=cfg.cmc_epochs):
    model, contrast = model.to(device), contrast.to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=cfg.cmc_lr, betas=cfg.cmc_betas)
    history = {"loss": [], "prob_l": [], "prob_ab": []}
    with ps8.progress(epochs, "CMC", model=model, contrast=contrast) as bar:
        for _ in bar:
            model.train()
            sums = dict.fromkeys(history, 0.0)
            batches = 0
            for images, _labels, idx in dataloader:
                images, idx = images.to(device), idx.to(device)
                for p in model.parameters():
                    if p.grad is not None:
                        p.grad.zero_()
                feat_l, feat_ab = model(images)
                assert feat_l.shape == feat_ab.shape
                out_l, out_ab = contrast(feat_l, feat_ab, idx)
                losses = torch.stack([criterion_l(out_l), criterion_ab(out_ab)])
                loss = losses.sum()
                losses.backward(torch.ones_like(losses))
                optimizer.step()
                sums["loss"] += loss.item()
                sums["prob_l"] += match_probability(out_l)
                sums["prob_ab"] += match_probability(out_ab)
                batches += 1
            for name, total in sums.items():
                history[name].append(total / batches)
            bar.report(**{name: values[-1] for name, values in history.items()})
    return model, history


# %% called_per_view: the model called once for each view
def train_cmc(model, contrast, criterion_l, criterion_ab, dataloader, epochs=cfg.cmc_epochs):
    model, contrast = model.to(device), contrast.to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=cfg.cmc_lr, betas=cfg.cmc_betas)
    history = {"loss": [], "prob_l": [], "prob_ab": []}
    with ps8.progress(epochs, "CMC", model=model, contrast=contrast) as bar:
        for _ in bar:
            model.train()
            sums = dict.fromkeys(history, 0.0)
            batches = 0
            for images, _labels, idx in dataloader:
                images, idx = images.to(device), idx.to(device)
                feat_l, _ = model(images)
                _, feat_ab = model(images)
                out_l, out_ab = contrast(feat_l, feat_ab, idx)
                loss = 0
                for criterion, out in ((criterion_l, out_l), (criterion_ab, out_ab)):
                    loss += criterion(out)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                sums["loss"] += loss.item()
                sums["prob_l"] += match_probability(out_l)
                sums["prob_ab"] += match_probability(out_ab)
                batches += 1
            for name, total in sums.items():
                history[name].append(total / batches)
            bar.report(**{name: values[-1] for name, values in history.items()})
    return model, history
