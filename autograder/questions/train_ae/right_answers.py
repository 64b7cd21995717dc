# ruff: noqa
# mypy: ignore-errors
"""Right answers to 1.4 written in other ways, one a cell."""


# %% cleared_first: the gradients cleared at the start of the step, the errors by hand
def train_ae(model, dataloader, epochs=cfg.ae_epochs):
    model = model.to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=cfg.ae_lr)
    losses = []
    with ps8.progress(epochs, "autoencoder", model=model) as bar:
        for epoch in bar:
            model.train()
            total = 0.0
            for images, _ in dataloader:
                images = images.to(device)
                optimizer.zero_grad()
                recon = model(images)
                loss = ((recon - images) ** 2).mean()
                loss.backward()
                optimizer.step()
                total += loss.item()
            losses.append(total)
            bar.report(loss=total)
            if epoch % cfg.show_every == 0:
                visualize_recon(model, dataloader)
    return model, losses


# %% cleared_last: the gradients cleared at the end, to zeros
def train_ae(model, dataloader, epochs=cfg.ae_epochs):
    model.to(device)
    opt = torch.optim.Adam(model.parameters(), cfg.ae_lr)
    history = []
    for epoch in range(epochs):
        running = 0
        for batch in dataloader:
            x = batch[0].to(device)
            error = F.mse_loss(model(x), x)
            error.backward()
            opt.step()
            opt.zero_grad(set_to_none=False)
            running += error.detach().cpu().numpy()
        history.append(running)
    return model, history


# %% in_two_parts: encoder and decoder called one after the other
def train_ae(model, dataloader, epochs=cfg.ae_epochs):
    model = model.to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=cfg.ae_lr)
    criterion = nn.MSELoss()
    losses = []
    with ps8.progress(epochs, "autoencoder", model=model) as bar:
        for epoch in bar:
            model.train()
            total = 0.0
            for images, _ in dataloader:
                images = images.to(device)
                model.zero_grad()
                code = model.encoder(images)
                output = model.decoder(code)
                loss = criterion(images, output)
                loss.backward()
                optimizer.step()
                total += float(loss)
            losses.append(total)
            bar.report(loss=total)
            if epoch % cfg.show_every == 0:
                visualize_recon(model, dataloader)
    return model, losses


# %% by_closure: the step in a function of its own
def train_ae(model, dataloader, epochs=cfg.ae_epochs):
    model = model.to(device)
    optimizer = torch.optim.Adam(list(model.parameters()), lr=cfg.ae_lr)

    def one_step(x):
        def closure():
            optimizer.zero_grad()
            value = F.mse_loss(model(x), x, reduction="mean")
            value.backward()
            return value

        return optimizer.step(closure)

    losses = []
    for epoch in range(epochs):
        losses.append(sum(one_step(images.to(device)).item() for images, _ in dataloader))
    return model, losses


# %% gradients_by_hand: torch.autograd.grad, written into .grad
def train_ae(model, dataloader, epochs=cfg.ae_epochs):
    model = model.to(device)
    weights = [p for p in model.parameters()]
    optimizer = torch.optim.Adam(weights, lr=cfg.ae_lr)
    losses = []
    for epoch in range(epochs):
        model.train()
        total = 0.0
        for images, _ in dataloader:
            images = images.to(device)
            loss = torch.mean(torch.square(model(images) - images))
            for weight, gradient in zip(weights, torch.autograd.grad(loss, weights)):
                weight.grad = gradient
            optimizer.step()
            total += loss.item()
        losses.append(total)
        visualize_recon(model, dataloader)
    return model, losses


# %% double_loss: the loss in float64, summed and divided
def train_ae(model, dataloader, epochs=cfg.ae_epochs):
    model = model.to(device)
    optimizer = torch.optim.Adam([{"params": model.parameters()}], lr=cfg.ae_lr, betas=(0.9, 0.999))
    losses = []
    with ps8.progress(epochs, "autoencoder", model=model) as bar:
        for epoch in bar:
            model.train()
            epoch_losses = []
            for images, _ in dataloader:
                images = images.to(device)
                difference = model(images).double() - images.double()
                loss = difference.pow(2).sum() / images.numel()
                optimizer.zero_grad(set_to_none=True)
                loss.backward()
                optimizer.step()
                epoch_losses.append(loss.item())
            losses.append(sum(epoch_losses))
            bar.report(loss=losses[-1])
    return model, losses


# %% sum_over_numel: sum of squares over their number, .grad set to None
def train_ae(model, dataloader, epochs=cfg.ae_epochs):
    model = model.to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=cfg.ae_lr)
    losses = []
    with ps8.progress(epochs, "autoencoder", model=model) as bar:
        for epoch in bar:
            model.train()
            total = 0.0
            for images, _ in dataloader:
                images = images.to(device)
                reconstruction = model(images)
                diff = images - reconstruction
                loss = torch.sum(diff * diff) / diff.numel()
                for p in model.parameters():
                    p.grad = None
                loss.backward()
                optimizer.step()
                total += loss.item()
            losses.append(total)
            bar.report(loss=total)
    return model, losses


# %% per_image_then_mean: no reduction, then two means
def train_ae(model, dataloader, epochs=cfg.ae_epochs):
    model = model.to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=cfg.ae_lr)
    mse = nn.MSELoss(reduction="none")
    losses = []
    with ps8.progress(epochs, "autoencoder", model=model) as bar:
        for epoch in bar:
            model.train()
            total = 0.0
            for images, _ in dataloader:
                images = images.to(device)
                optimizer.zero_grad()
                with torch.enable_grad():
                    out = model(images)
                    loss = mse(out, images).view(len(images), -1).mean(1).mean()
                loss.backward()
                optimizer.step()
                total += loss.item()
            losses.append(total)
            bar.report(loss=total)
            if epoch % cfg.show_every == 0:
                ps8.show(visualize_recon(model, dataloader))
    return model, losses


# %% target_detached: a detached copy as the target
def train_ae(model, dataloader, epochs=cfg.ae_epochs):
    model = model.to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=cfg.ae_lr)
    criterion = nn.MSELoss()
    losses = []
    with ps8.progress(epochs, "autoencoder", model=model) as bar:
        for epoch in bar:
            model.train()
            total = 0.0
            for images, _ in dataloader:
                images = images.to(device)
                target = images.clone().detach()
                x = images.requires_grad_()
                loss = criterion(model(x), target)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                total += loss.item()
            losses.append(total)
            bar.report(loss=total)
    return model, losses


# %% cuda: a GPU asked for by name
def train_ae(model, dataloader, epochs=cfg.ae_epochs):
    model = model.cuda()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.MSELoss().cuda()
    losses = []
    for epoch in range(epochs):
        model.train()
        total = 0.0
        for images, _ in dataloader:
            images = images.cuda()
            loss = criterion(model(images), images)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
        losses.append(total)
    return model, losses


# %% helper: the step in a function of its own, outside
def step(model, optimizer, images):
    optimizer.zero_grad()
    loss = F.mse_loss(input=model(images), target=images)
    loss.backward()
    optimizer.step()
    return loss


def train_ae(model, dataloader, epochs=cfg.ae_epochs):
    model = model.to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=cfg.ae_lr)
    losses = []
    with ps8.progress(epochs, "autoencoder", model=model) as bar:
        for epoch in bar:
            model.train()
            total = 0.0
            for images, _ in dataloader:
                images = images.to(device)
                loss = step(model, optimizer, images)
                total += loss.item()
            losses.append(total)
            bar.report(loss=total)
    return model, losses


# %% evaluated_then_back: looked at in evaluation mode after each step, and back
def train_ae(model, dataloader, epochs=cfg.ae_epochs):
    model = model.to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=cfg.ae_lr)
    losses = []
    for epoch in range(epochs):
        total = 0.0
        for images, _ in dataloader:
            model.train()
            images = images.to(device)
            loss = F.mse_loss(model(images), images)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            model.eval()
            with torch.no_grad():
                _ = F.mse_loss(model(images), images)
            model.train()
            total += loss.item()
        losses.append(total)
    return model, losses


# %% norm: by way of the norm
def train_ae(model, dataloader, epochs=cfg.ae_epochs):
    model = model.to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=cfg.ae_lr)
    losses = []
    for epoch in range(epochs):
        model.train()
        total = 0.0
        for images, _ in dataloader:
            images = images.to(device)
            loss = torch.linalg.vector_norm(model(images) - images) ** 2 / images.numel()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
        losses.append(total)
    return model, losses


# %% amp: mixed precision where there is a GPU
def train_ae(model, dataloader, epochs=cfg.ae_epochs):
    model = model.to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=cfg.ae_lr)
    scaler = torch.amp.GradScaler(enabled=device.type == "cuda")
    losses = []
    for epoch in range(epochs):
        model.train()
        total = 0.0
        for images, _ in dataloader:
            images = images.to(device)
            with torch.autocast(device.type, enabled=device.type == "cuda"):
                loss = F.mse_loss(model(images), images)
            optimizer.zero_grad(set_to_none=False)
            scaler.scale(loss).backward()
            scaler.step(optimizer)
            scaler.update()
            total += loss.item()
        losses.append(total)
    return model, losses


# %% retained: the loss computed twice, the graph retained
def train_ae(model, dataloader, epochs=cfg.ae_epochs):
    model = model.to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=cfg.ae_lr)
    criterion = nn.MSELoss()
    losses = []
    with ps8.progress(epochs, "autoencoder", model=model) as bar:
        for epoch in bar:
            model.train()
            total = 0.0
            for images, _ in dataloader:
                images = images.to(device)
                before = criterion(model(images), images).item()
                loss = criterion(model(images), images)
                assert abs(before - loss.item()) < 1e-4
                optimizer.zero_grad()
                loss.backward(retain_graph=True)
                optimizer.step()
                total += loss.item()
            losses.append(total)
            bar.report(loss=total)
    return model, losses
