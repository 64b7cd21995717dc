from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from ps8.data import STL10, STL10_CMC, BatchLoader, RGB2Lab, rgb_to_lab
from ps8.data.batch_loader import Windows, cut, cut_by_index
from ps8.data.dataset import to_pil


def numbered(n: int = 10, side: int = 96) -> STL10_CMC:
    images = torch.randint(0, 256, (n, 3, side, side), dtype=torch.uint8, generator=torch.Generator().manual_seed(5))
    return STL10_CMC.from_arrays(images, torch.arange(n))


def test_looks_like_a_dataloader(small_sample: Path) -> None:
    dataset = STL10(small_sample, "train")
    loader = BatchLoader(dataset, 16, device="cpu")
    batches = list(loader)
    assert loader.dataset is dataset and len(loader) == len(batches) == 3
    assert [len(x) for x, _ in batches] == [16, 16, 8]
    x, y = batches[0]
    assert x.dtype == torch.float32 and x.shape == (16, 3, 64, 64) and x.min() >= 0 and x.max() <= 1
    assert torch.equal(y, dataset.labels[:16])
    assert torch.equal(x, dataset.images[:16, :, 16:80, 16:80] / 255)


def test_drop_last() -> None:
    for n in (10, 12):
        loader = BatchLoader(numbered(n), 4, drop_last=True, device="cpu")
        assert [len(x) for x, *_ in loader] == [4] * len(loader) == [4] * (n // 4)
    assert list(BatchLoader(numbered(3), 4, drop_last=True, device="cpu")) == []


@pytest.mark.parametrize("color", ["rgb", "lab"])
@pytest.mark.parametrize("crop", ["random", "center"])
def test_equals_the_plain_way(small_sample: Path, color: str, crop: str) -> None:
    """PIL's crop and mirror, then ToTensor or scikit-image, image by image: the same batches, kept or not."""
    functional = pytest.importorskip("torchvision.transforms.functional")
    dataset = STL10_CMC(small_sample, "unlabeled")
    options = {
        "crop": crop,
        "flip": True,
        "color": color,
        "lab_scale": "raw",
        "shuffle": True,
        "device": "cpu",
    }
    where, loader = (BatchLoader(dataset, 16, **options) for _ in range(2))  # type: ignore[arg-type]
    flips = 0
    for _ in range(2):  # Lab is kept from the second epoch on
        for windows, (x, _, index) in zip(where.windows(), loader, strict=True):
            assert torch.equal(windows.rows, index)
            for actual, row, top, left, flip in zip(x, *(w.tolist() for w in windows), strict=True):
                image = to_pil(dataset.images[row])
                center = crop == "center"
                image = functional.center_crop(image, 64) if center else functional.crop(image, top, left, 64, 64)
                image = functional.hflip(image) if flip else image
                flips += flip
                if color == "rgb":
                    assert torch.equal(actual, functional.to_tensor(image))
                else:
                    plain = torch.from_numpy(RGB2Lab()(image)).permute(2, 0, 1)
                    assert (actual - plain).abs().max() < 1e-3
    assert 30 < flips < 90  # of 120


def test_index_and_label_go_with_the_image() -> None:
    dataset = numbered(50)
    for x, y, index in BatchLoader(dataset, 7, shuffle=True, device="cpu"):
        assert torch.equal(y, index)
        assert torch.equal(x, dataset.images[index][:, :, 16:80, 16:80] / 255)


def test_every_image_once_an_epoch_in_a_new_order() -> None:
    loader = BatchLoader(numbered(50), 8, shuffle=True, device="cpu")
    first, second = (torch.cat([index for *_, index in loader]) for _ in range(2))
    assert sorted(first.tolist()) == sorted(second.tolist()) == list(range(50))
    assert not torch.equal(first, second)


def test_crops_reach_every_corner() -> None:
    loader = BatchLoader(numbered(400, 66), 400, crop="random", device="cpu")
    windows = next(iter(loader.windows()))
    assert {*windows.top.tolist()} == {*windows.left.tolist()} == {0, 1, 2}
    assert not windows.flip.any()


def test_a_rerun_gives_the_same_numbers_whatever_else_is_drawn() -> None:
    def run(seed: int) -> list[torch.Tensor]:
        loader = BatchLoader(numbered(20), 8, crop="random", flip=True, color="lab", shuffle=True, device="cpu", seed=seed)
        out = []
        for _ in range(3):
            for x, *_ in loader:
                torch.rand(int(torch.randint(9, ())))
                out.append(x)
        return out

    one, two = run(1), run(1)
    assert all(torch.equal(a, b) for a, b in zip(one, two, strict=True))
    assert not torch.equal(one[0], run(2)[0])


def test_global_random_state_is_left_alone() -> None:
    state = torch.get_rng_state()
    list(BatchLoader(numbered(20), 8, crop="random", flip=True, shuffle=True, device="cpu"))
    assert torch.equal(torch.get_rng_state(), state)


def test_lab_is_kept_from_the_second_epoch_if_it_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    loader = BatchLoader(numbered(6), 4, color="lab", device="cpu")
    first = list(loader)
    assert loader._lab is None
    second = list(loader)
    assert loader._lab is not None and loader._lab.shape == (6, 3, 64, 64)
    assert all(torch.allclose(a[0], b[0], atol=1e-5) for a, b in zip(first, second, strict=True))
    monkeypatch.setattr("ps8.data.batch_loader.KEEP_BYTES", 1_000)
    large = BatchLoader(numbered(6), 4, color="lab", device="cpu")
    for _ in range(3):
        list(large)
    assert large._lab is None


def test_both_ways_to_cut_agree() -> None:
    images = numbered(9, 20).images
    g = torch.Generator().manual_seed(0)
    rows, top, left = (torch.randint(high, (30,), generator=g) for high in (9, 5, 5))
    windows = Windows(rows, top, left, torch.rand(30, generator=g) < 0.5)
    assert torch.equal(cut(images, windows, 16), cut_by_index(images, windows, 16))


def test_mapped_sets_give_the_same_batches(small_sample: Path) -> None:
    resident, mapped = (
        BatchLoader(
            STL10(small_sample, "unlabeled", mmap=mmap),
            32,
            crop="random",
            flip=True,
            shuffle=True,
            device="cpu",
        )
        for mmap in (False, True)
    )
    for (x, _), (z, _) in zip(resident, mapped, strict=True):
        assert torch.equal(x, z)


def test_lab_scale() -> None:
    dataset = numbered(4)
    (x, *_), = BatchLoader(dataset, 4, color="lab", lab_scale="standard", device="cpu")  # fmt: skip
    raw = rgb_to_lab(dataset.images[:, :, 16:80, 16:80])
    assert x[:, 0].mean() == pytest.approx(float((raw[:, 0].mean() - 47) / 25), abs=1e-4)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"crop": "middle"}, "crop must be one of 'random', 'center', not 'middle'"),
        ({"color": "hsv"}, "color must be one of"),
        ({"batch_size": 0}, "batch_size"),
        ({"crop_size": 97}, "97x97 crops from images of 96x96"),
        ({"color": "lab", "lab_scale": "unit"}, "unit"),
    ],
)
def test_wrong_arguments(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        BatchLoader(numbered(2), device="cpu", **options)  # type: ignore[arg-type]


def test_odd_center_is_torchvisions() -> None:
    functional = pytest.importorskip("torchvision.transforms.functional")
    dataset = numbered(1, 69)
    (x, *_), = BatchLoader(dataset, device="cpu")  # fmt: skip
    plain = np.asarray(functional.center_crop(to_pil(dataset.images[0]), 64))
    assert torch.equal(x[0], torch.from_numpy(plain.copy()).permute(2, 0, 1) / 255)


def test_with_replacement_a_row_of_the_bank_tells_nothing_by_its_age() -> None:
    """How long ago was an image last shown? Shuffled, the one that comes next has waited longest; replaced, it is any image."""
    n, epochs = 200, 60
    waited = {}
    for replace in (False, True):
        loader = BatchLoader(numbered(n, side=64), 10, shuffle=True, replace=replace, device="cpu")
        last, ages = torch.zeros(n), []
        for step, windows in enumerate(w for _ in range(epochs) for w in loader.windows()):
            if step >= 10 * len(loader):
                age = step - last
                ages.append((age[windows.rows].mean() / age.mean()).item())  # of the images shown, over that of all
            last[windows.rows] = step
        waited[replace] = sum(ages) / len(ages)
    assert waited[False] > 1.3
    assert waited[True] == pytest.approx(1, abs=0.1)


def test_with_replacement_an_epoch_is_as_long_and_reproducible() -> None:
    one, two = (BatchLoader(numbered(50), 16, replace=True, device="cpu", seed=3) for _ in "12")
    rows = [torch.cat([w.rows for w in loader.windows()]) for loader in (one, two)]
    assert len(rows[0]) == 50 and torch.equal(*rows)
    assert len(rows[0].unique()) < 50
    assert not torch.equal(rows[0], torch.cat([w.rows for w in one.windows()]))


@pytest.mark.parametrize(("n", "size"), [(50, 16), (20, 20), (7, 16)])
def test_with_replacement_the_images_of_a_batch_differ(n: int, size: int) -> None:
    """Two writes to one row of the bank are undefined on a GPU: there are none."""
    loader = BatchLoader(numbered(n), size, replace=True, device="cpu")
    for windows in (w for _ in range(20) for w in loader.windows()):
        assert len(windows.rows.unique()) == len(windows.rows)
