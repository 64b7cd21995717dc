# ruff: noqa
# mypy: ignore-errors
"""Right answers to 1.5 written in other ways, one a cell."""


# %% detached: the graph cut after the encoder when it is frozen
def train_classifier(encoder, cls, dataloader, epochs=cfg.cls_epochs, supervised=False):
    encoder, cls = encoder.to(device), cls.to(device)
    params = [*cls.parameters(), *encoder.parameters()] if supervised else cls.parameters()
    optimizer = torch.optim.Adam(params, lr=cfg.cls_lr, weight_decay=cfg.cls_weight_decay)
    losses = []
    with ps8.progress(epochs, "classifier") as bar:
        for _ in bar:
            encoder.train(supervised)
            cls.train()
            total = 0.0
            for images, labels in dataloader:
                images, labels = images.to(device), labels.to(device)
                optimizer.zero_grad()
                z = encoder(images)
                z = z.view(z.size(0), -1)
                if not supervised:
                    z = z.detach()
                loss = F.cross_entropy(cls(z), labels)
                loss.backward()
                optimizer.step()
                total += loss.item()
            losses.append(total)
            bar.report(loss=total)
    return encoder, cls, losses


supervised = {"I": False, "II": True, "III": False}


# %% requires_grad: frozen by switching the gradients off, and on again afterwards
def train_classifier(encoder, cls, dataloader, epochs=cfg.cls_epochs, supervised=False):
    encoder.to(device), cls.to(device)
    for p in encoder.parameters():
        p.requires_grad_(supervised)
    learned = [p for m in (encoder, cls) for p in m.parameters() if p.requires_grad]
    optimizer = torch.optim.Adam(learned, lr=cfg.cls_lr, weight_decay=cfg.cls_weight_decay)
    criterion = nn.CrossEntropyLoss()
    history = []
    for epoch in range(epochs):
        running = 0.0
        for x, y in dataloader:
            x, y = x.to(device), y.to(device)
            logits = cls(torch.flatten(encoder(x), start_dim=1))
            loss = criterion(logits, y)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            running += loss.item()
        history.append(running)
    for p in encoder.parameters():
        p.requires_grad_(True)
    return encoder, cls, history


supervised = dict(I=False, II=True, III=False)


# %% two_groups: a parameter group for each module, the frozen one left out
def train_classifier(encoder, cls, dataloader, epochs=cfg.cls_epochs, supervised=False):
    encoder, cls = encoder.to(device), cls.to(device)
    optimizer = torch.optim.Adam(cls.parameters(), lr=cfg.cls_lr, weight_decay=cfg.cls_weight_decay)
    if supervised:
        optimizer.add_param_group({"params": encoder.parameters()})
    losses = []
    for _ in range(epochs):
        total = 0.0
        for images, labels in dataloader:
            images, labels = images.to(device), labels.to(device)
            if supervised:
                encoder.train()
                features = encoder(images)
            else:
                encoder.eval()
                with torch.no_grad():
                    features = encoder(images)
            scores = cls(features.reshape(images.shape[0], -1))
            loss = F.nll_loss(F.log_softmax(scores, dim=-1), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
        losses.append(total)
    return encoder, cls, losses


supervised = {}
supervised["III"] = False
supervised["II"] = True
supervised["I"] = False


# %% by_hand: the cross entropy from its formula, zeros for gradients
def train_classifier(encoder, cls, dataloader, epochs=cfg.cls_epochs, supervised=False):
    encoder, cls = encoder.to(device), cls.to(device)
    if supervised:
        parameters = list(encoder.parameters()) + list(cls.parameters())
    else:
        parameters = list(cls.parameters())
    optimizer = torch.optim.Adam(parameters, lr=cfg.cls_lr, weight_decay=cfg.cls_weight_decay)
    optimizer.zero_grad(set_to_none=False)
    losses = []
    with ps8.progress(epochs, "classifier") as bar:
        for _ in bar:
            encoder.train(supervised)
            cls.train()
            total = 0.0
            for images, labels in dataloader:
                images, labels = images.to(device), labels.to(device)
                with torch.set_grad_enabled(supervised):
                    features = torch.stack([f.flatten() for f in encoder(images)])
                logits = cls(features)
                right = logits.gather(1, labels[:, None])[:, 0]
                loss = (logits.logsumexp(dim=1) - right).mean()
                loss.backward()
                optimizer.step()
                optimizer.zero_grad(set_to_none=False)
                total += loss.item()
            losses.append(total)
    return encoder, cls, losses


supervised = {method: method == "II" for method in ("I", "II", "III")}


# %% encoder_in_optimizer: the frozen encoder is held, but no gradient ever reaches it
def train_classifier(encoder, cls, dataloader, epochs=cfg.cls_epochs, supervised=False):
    encoder, cls = encoder.to(device), cls.to(device)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(
        [{"params": cls.parameters()}, {"params": encoder.parameters()}], lr=cfg.cls_lr, weight_decay=cfg.cls_weight_decay
    )
    losses = []
    with ps8.progress(epochs, "classifier") as bar:
        for _ in bar:
            encoder.train(supervised)
            cls.train()
            total = 0.0
            for images, labels in dataloader:
                images, labels = images.to(device), labels.to(device)
                z = nn.Flatten()(encoder(images))
                loss = criterion(cls(z if supervised else z.data), labels)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                total += loss.item()
            losses.append(total)
            bar.report(loss=total)
    return encoder, cls, losses


supervised = {
    "I": bool(0),
    "II": bool(1),
    "III": bool(0),
}


# %% double: logits in float64
def train_classifier(encoder, cls, dataloader, epochs=cfg.cls_epochs, supervised=False):
    encoder, cls = encoder.to(device), cls.to(device)
    learners = nn.ModuleList([cls, encoder]) if supervised else cls
    optimizer = torch.optim.Adam(learners.parameters(), lr=cfg.cls_lr, weight_decay=cfg.cls_weight_decay)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for images, labels in dataloader:
            with torch.inference_mode(False), torch.set_grad_enabled(supervised):
                features = encoder(images.to(device)).flatten(start_dim=1)
            log_p = torch.log_softmax(cls(features).double(), 1)
            loss = -log_p[torch.arange(len(labels)), labels].mean()
            cls.zero_grad(), encoder.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
        losses.append(total)
    return encoder, cls, losses


supervised = {"I": False, "II": not False, "III": False}
