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


# %% no_grad_then_requires: a branch for each way
def train_classifier(encoder, cls, dataloader, epochs=cfg.cls_epochs, supervised=False):
    encoder, cls = encoder.to(device), cls.to(device)
    criterion = nn.CrossEntropyLoss()
    if supervised:
        optimizer = torch.optim.Adam(
            list(encoder.parameters()) + list(cls.parameters()), lr=cfg.cls_lr, weight_decay=cfg.cls_weight_decay
        )
    else:
        optimizer = torch.optim.Adam(cls.parameters(), lr=cfg.cls_lr, weight_decay=cfg.cls_weight_decay)
    losses = []
    with ps8.progress(epochs, "classifier") as bar:
        for _ in bar:
            encoder.train(supervised)
            cls.train()
            total = 0.0
            for images, labels in dataloader:
                images, labels = images.to(device), labels.to(device)
                B = images.shape[0]
                if supervised:
                    z = encoder(images)
                else:
                    with torch.no_grad():
                        z = encoder(images)
                logits = cls(z.view(B, -1))
                loss = criterion(logits, labels.long())
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                total += loss.item()
            losses.append(total)
            bar.report(loss=total)
    return encoder, cls, losses


supervised = {"I": False, "II": True, "III": False}


# %% gradient_reaches_but_not_held: gradients reach the frozen encoder, the optimizer does not hold it
def train_classifier(encoder, cls, dataloader, epochs=cfg.cls_epochs, supervised=False):
    encoder, cls = encoder.to(device), cls.to(device)
    criterion = nn.CrossEntropyLoss()
    params = [{"params": cls.parameters(), "lr": cfg.cls_lr}]
    if supervised:
        params.append({"params": encoder.parameters(), "lr": cfg.cls_lr})
    optimizer = torch.optim.Adam(params, weight_decay=cfg.cls_weight_decay)
    losses = []
    with ps8.progress(epochs, "classifier") as bar:
        for _ in bar:
            encoder.train(supervised)
            cls.train()
            total = 0.0
            for images, labels in dataloader:
                images, labels = images.to(device), labels.to(device)
                loss = criterion(cls(encoder(images).flatten(1)), labels)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                total += loss.item()
            losses.append(total)
            bar.report(loss=total)
    return encoder, cls, losses


supervised = {"I": False, "II": True, "III": False}


# %% one_hot: the cross entropy from one-hot targets
def train_classifier(encoder, cls, dataloader, epochs=cfg.cls_epochs, supervised=False):
    encoder, cls = encoder.to(device), cls.to(device)
    trained = nn.ModuleList([cls])
    if supervised:
        trained.append(encoder)
    optimizer = torch.optim.Adam(trained.parameters(), lr=cfg.cls_lr, weight_decay=cfg.cls_weight_decay)
    losses = []
    for _ in range(epochs):
        encoder.train(supervised)
        cls.train()
        total = 0.0
        for images, labels in dataloader:
            images, labels = images.to(device), labels.to(device)
            optimizer.zero_grad()
            features = torch.flatten(encoder(images), 1)
            features = features if supervised else features.detach()
            target = F.one_hot(labels, 10).float()
            loss = -(target * F.log_softmax(cls(features), 1)).sum(1).mean()
            loss.backward()
            optimizer.step()
            total += loss.item()
        losses.append(total)
    return encoder, cls, losses


supervised = {"I": False, "II": True, "III": False}


# %% two_optimizers: an optimizer for each module
def train_classifier(encoder, cls, dataloader, epochs=cfg.cls_epochs, supervised=False):
    encoder, cls = encoder.to(device), cls.to(device)
    make = lambda m: torch.optim.Adam(m.parameters(), lr=cfg.cls_lr, weight_decay=cfg.cls_weight_decay)
    optimizers = [make(cls)] + ([make(encoder)] if supervised else [])
    losses = []
    for _ in range(epochs):
        encoder.train(supervised)
        cls.train()
        total = 0.0
        for images, labels in dataloader:
            images, labels = images.to(device), labels.to(device)
            with torch.set_grad_enabled(supervised):
                z = encoder(images)
            loss = F.cross_entropy(cls(z.reshape(z.shape[0], -1)), labels)
            for optimizer in optimizers:
                optimizer.zero_grad()
            loss.backward()
            for optimizer in optimizers:
                optimizer.step()
            total += loss.item()
        losses.append(total)
    return encoder, cls, losses


supervised = {"I": False, "II": True, "III": False}


# %% cuda: a GPU asked for by name
def train_classifier(encoder, cls, dataloader, epochs=cfg.cls_epochs, supervised=False):
    encoder, cls = encoder.cuda(), cls.cuda()
    criterion = nn.CrossEntropyLoss()
    parameters = list(cls.parameters()) + (list(encoder.parameters()) if supervised else [])
    optimizer = torch.optim.Adam(parameters, lr=1e-3, weight_decay=1e-4)
    losses = []
    for _ in range(epochs):
        encoder.train(supervised)
        cls.train()
        total = 0.0
        for images, labels in dataloader:
            images, labels = images.cuda(non_blocking=True), labels.to("cuda:0")
            features = encoder(images).view(images.size(0), -1)
            if not supervised:
                features = features.detach()
            loss = criterion(cls(features), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
        losses.append(total)
    return encoder, cls, losses


supervised = {"I": False, "II": True, "III": False}


# %% frozen_for_good: requires_grad off, and a filter
def train_classifier(encoder, cls, dataloader, epochs=cfg.cls_epochs, supervised=False):
    encoder, cls = encoder.to(device), cls.to(device)
    criterion = nn.CrossEntropyLoss()
    if not supervised:
        for p in encoder.parameters():
            p.requires_grad = False
    optimizer = torch.optim.Adam(
        filter(lambda p: p.requires_grad, list(encoder.parameters()) + list(cls.parameters())),
        lr=cfg.cls_lr,
        weight_decay=cfg.cls_weight_decay,
    )
    losses = []
    for _ in range(epochs):
        encoder.train(supervised)
        cls.train()
        total = 0.0
        for images, labels in dataloader:
            images, labels = images.to(device), labels.to(device)
            loss = criterion(cls(encoder(images).flatten(start_dim=1)), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
        losses.append(total)
    return encoder, cls, losses


supervised = {"I": False, "II": True, "III": False}


# %% copy_of_frozen: no reduction, a cloned and detached copy, clipping to infinity
def train_classifier(encoder, cls, dataloader, epochs=cfg.cls_epochs, supervised=False):
    encoder, cls = encoder.to(device), cls.to(device)
    criterion = nn.CrossEntropyLoss(reduction="none")
    params = list(cls.parameters())
    if supervised:
        params.extend(encoder.parameters())
    optimizer = torch.optim.Adam(params, lr=cfg.cls_lr, weight_decay=cfg.cls_weight_decay)
    losses = []
    for _ in range(epochs):
        encoder.train(supervised)
        cls.train()
        total = 0.0
        for images, labels in dataloader:
            images, labels = images.to(device), labels.to(device)
            optimizer.zero_grad()
            z = encoder(images)
            z = z.flatten(1)
            if not supervised:
                z = z.clone().detach().requires_grad_(False)
            loss = criterion(cls(z), labels).mean()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(params, float("inf"))
            optimizer.step()
            total += loss.item()
        losses.append(total)
    return encoder, cls, losses


supervised = {"I": False, "II": True, "III": False}


# %% log_softmax_first: a log-softmax before the cross entropy, which changes nothing
def train_classifier(encoder, cls, dataloader, epochs=cfg.cls_epochs, supervised=False):
    encoder, cls = encoder.to(device), cls.to(device)
    criterion = nn.CrossEntropyLoss()
    parameters = []
    for module in (encoder, cls):
        if module is cls or supervised:
            parameters.extend(module.parameters())
    optimizer = torch.optim.Adam(parameters, cfg.cls_lr, weight_decay=cfg.cls_weight_decay)
    losses = []
    with ps8.progress(epochs, "classifier") as bar:
        for _ in bar:
            encoder.train(supervised)
            cls.train()
            total = 0.0
            for images, labels in dataloader:
                images, labels = images.to(device), labels.to(device)
                features = encoder(images).flatten(1)
                log_p = nn.LogSoftmax(dim=1)(cls(features if supervised else features.detach()))
                loss = criterion(log_p, labels)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                total += loss.item()
            losses.append(total)
            bar.report(loss=total)
    return encoder, cls, losses


supervised = {"I": False, "II": True, "III": False}
