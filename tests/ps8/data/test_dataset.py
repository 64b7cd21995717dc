from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from ps8.data import STL10, STL10_CMC, DataError
from ps8.data.dataset import to_pil


def test_splits(small_sample: Path) -> None:
    train, unlabeled = STL10(small_sample, "train"), STL10(small_sample, "unlabeled")
    assert train.images.shape == (40, 3, 96, 96) and train.images.dtype == torch.uint8
    assert train.images.is_contiguous()
    assert train.labels.dtype == torch.int64 and train.labels.bincount().tolist() == [4] * 10
    assert len(unlabeled) == 60 and unlabeled.labels.unique().tolist() == [-1]
    assert len(train.classes) == 10
    assert repr(train) == "STL10('train', 40 images, 10 classes)"


def test_root_may_be_the_folder_itself(small_sample: Path) -> None:
    inner = STL10(small_sample / "stl10_binary", "test")
    assert torch.equal(inner.images, STL10(small_sample, "test").images)


def test_items(small_sample: Path) -> None:
    plain, indexed = STL10(small_sample, "train"), STL10_CMC(small_sample, "train")
    image, label = plain[3]
    assert torch.equal(image, plain.images[3]) and label == int(plain.labels[3])
    assert torch.equal(indexed[3][0], image) and indexed[3][1:] == (label, 3)
    assert indexed[-1][2] == 39
    assert len(list(plain)) == 40
    with pytest.raises(IndexError, match="40 images"):
        plain[40]


def test_transform_gets_a_pil_image(small_sample: Path) -> None:
    dataset = STL10_CMC(small_sample, "test", transform=np.asarray)
    array, _, index = dataset[2]
    assert array.shape == (96, 96, 3) and index == 2
    assert np.array_equal(array.transpose(2, 0, 1), dataset.images[2].numpy())


def test_mapped_equals_resident(small_sample: Path) -> None:
    mapped, resident = STL10(small_sample, "unlabeled", mmap=True), STL10(small_sample, "unlabeled")
    assert torch.equal(mapped.images, resident.images)
    assert torch.equal(mapped[7][0], resident[7][0])
    assert mapped.resident().images.is_contiguous()
    assert resident.resident() is resident
    assert torch.equal(mapped.take(9, 1).images, resident.take(9, 1).images)


def test_writing_to_a_mapped_set_leaves_the_file(small_sample: Path) -> None:
    before = STL10(small_sample, "test").images
    STL10(small_sample, "test", mmap=True).images[0] = 0
    assert torch.equal(STL10(small_sample, "test").images, before)


def test_take(small_sample: Path) -> None:
    whole = STL10_CMC(small_sample, "train")
    state = torch.get_rng_state()
    some = whole.take(10, seed=3)
    assert torch.equal(torch.get_rng_state(), state)
    assert isinstance(some, STL10_CMC) and len(some) == 10 and some.classes == whole.classes
    assert [some[i][2] for i in range(10)] == list(range(10))
    assert len(some.indices.unique()) == 10
    assert torch.equal(some.images, whole.images[some.indices])
    assert torch.equal(some.labels, whole.labels[some.indices])
    assert torch.equal(some.indices, whole.take(10, seed=3).indices)
    assert not torch.equal(some.indices, whole.take(10, seed=4).indices)
    fewer = some.take(5, seed=1)
    assert torch.equal(fewer.images, whole.images[fewer.indices])  # indices are always those of the file
    assert len(whole.take(1_000)) == 40
    with pytest.raises(ValueError, match="n = 0"):
        whole.take(0)


def test_indexed_shares_the_images(small_sample: Path) -> None:
    plain = STL10(small_sample, "unlabeled").take(8)
    indexed = plain.indexed()
    assert isinstance(indexed, STL10_CMC) and indexed[5][2] == 5
    assert indexed.images.data_ptr() == plain.images.data_ptr()


def test_from_arrays_checks() -> None:
    with pytest.raises(ValueError, match="uint8"):
        STL10.from_arrays(torch.zeros(2, 3, 96, 96))
    with pytest.raises(ValueError, match="2 labels"):
        STL10.from_arrays(torch.zeros(2, 3, 8, 8, dtype=torch.uint8), torch.zeros(3))


def test_pickles(small_sample: Path) -> None:
    dataset = STL10_CMC(small_sample, "test").take(3)
    assert torch.equal(pickle.loads(pickle.dumps(dataset)).images, dataset.images)


def test_labels_and_images_must_agree(small_sample: Path, tmp_path: Path) -> None:
    source = small_sample / "stl10_binary"
    (tmp_path / "train_X.bin").write_bytes((source / "train_X.bin").read_bytes())
    (tmp_path / "train_y.bin").write_bytes((source / "train_y.bin").read_bytes()[:-1])
    with pytest.raises(DataError, match=r"40 images, train_y.bin 39"):
        STL10(tmp_path, "train")
    with pytest.raises(ValueError, match="no split 'unlabelled'"):
        STL10(tmp_path, "unlabelled")


def test_to_pil() -> None:
    image = torch.arange(12, dtype=torch.uint8).view(3, 2, 2)
    assert to_pil(image).getpixel((1, 0)) == (1, 5, 9)  # x = 1, y = 0
