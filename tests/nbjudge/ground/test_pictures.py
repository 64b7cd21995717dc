from __future__ import annotations

import base64

import pytest
from nbjudge.ground.pictures import MAX_PICTURE, REFUSED, NoPicture, Picture, picture_at, picture_of

PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"


def coded(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def header(width: int, height: int) -> bytes:
    return PNG + b"\0\0\0\rIHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big")


@pytest.mark.parametrize(
    ("mime", "raw"), [("image/png", PNG + b"x"), ("image/jpeg", JPEG), ("image/png", PNG.ljust(MAX_PICTURE))]
)
def test_a_picture_is_kept(mime: str, raw: bytes) -> None:
    lines = base64.encodebytes(raw).decode()
    assert picture_of({mime: lines, "text/plain": "x"}) == picture_of({mime: lines.splitlines()}) == Picture(mime, coded(raw))
    assert picture_at(f"data:{mime};base64,{coded(raw)}") == Picture(mime, coded(raw))


def test_png_before_jpeg_and_either_before_what_is_refused() -> None:
    both = {"image/svg+xml": "<svg>", "image/jpeg": coded(JPEG), "image/png": coded(PNG)}
    assert picture_of(both) == Picture("image/png", coded(PNG))
    assert picture_of({**both, "image/png": "%"}) == Picture("image/jpeg", coded(JPEG))


@pytest.mark.parametrize("bundle", [None, 7, {}, {"text/html": "<img>"}, {"image/png": ""}, {"image/png": None}])
def test_no_picture_is_claimed(bundle: object) -> None:
    assert picture_of(bundle) is None


@pytest.mark.parametrize(
    ("bundle", "why"),
    [
        ({"image/png": coded(b"<svg>")}, "what should be a PNG picture is none, and is not shown"),
        ({"image/jpeg": coded(PNG)}, "what should be a JPEG picture is none, and is not shown"),
        ({"image/png": "%%%"}, "what should be a PNG picture is none, and is not shown"),
        ({"image/png": 7}, "what should be a PNG picture is none, and is not shown"),
        ({"image/png": coded(PNG.ljust(MAX_PICTURE + 1))}, "a picture of 2.0 MB is not shown: the most is 2 MB"),
        ({"image/png": "A" * 10**8}, "a picture of 71.5 MB is not shown: the most is 2 MB"),
        (
            {"image/png": coded(header(20_001, 2))},
            "a picture of 20,001 x 2 pixels is not shown: the most is 20,000 a side",
        ),
        ({"image/gif": coded(b"GIF89a")}, "a picture in the format GIF is not shown: only PNG and JPEG are"),
        ({"image/<b>\n": "x"}, r"a picture in the format <b>\n is not shown: only PNG and JPEG are"),
        ({REFUSED: "said before"}, "said before"),
    ],
)
def test_a_picture_that_is_not_shown_says_why(bundle: dict, why: str) -> None:
    with pytest.raises(NoPicture) as caught:
        picture_of(bundle)
    assert str(caught.value) == why


def test_an_address_of_another_kind_holds_no_picture() -> None:
    assert picture_at("https://a.example/data:image/png;base64,") is None
    for address in ("data:text/html,x", "data:image/png,x", "data:image/svg+xml;base64,eA=="):
        with pytest.raises(NoPicture):
            picture_at(address)
