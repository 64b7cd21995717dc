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


@pytest.mark.parametrize(("width", "height", "shown"), [(20_000, 20_000, True), (20_001, 1, False), (1, 20_001, False)])
def test_how_large_a_side_may_be(width: int, height: int, shown: bool) -> None:
    bundle = {"image/png": coded(header(width, height))}
    if shown:
        assert picture_of(bundle) == Picture("image/png", bundle["image/png"])
    else:
        with pytest.raises(NoPicture, match=f"{width:,} x {height:,} pixels"):
            picture_of(bundle)


def test_a_size_is_told_before_anything_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base64, "b64decode", None)  # a call would raise
    with pytest.raises(NoPicture, match=r"a picture of 2\.1 MB is not shown: the most is 2 MB"):
        picture_of({"image/png": "A" * (MAX_PICTURE * 4 // 3 * 105 // 100)})


def test_the_first_reason_is_told_where_nothing_is_shown() -> None:
    with pytest.raises(NoPicture, match="what should be a PNG"):
        picture_of({"image/webp": "x", "image/jpeg": "%", "image/png": "%"})
    with pytest.raises(NoPicture, match="what should be a JPEG"):
        picture_of({"image/webp": "x", "image/jpeg": "%"})
    with pytest.raises(NoPicture, match="the format WebP"):
        picture_of({"image/webp": "x", 7: "y"})
    for mime, name in {"image/svg+xml": "SVG", "image/gif": "GIF", "image/webp": "WebP", "image/tiff": "tiff"}.items():
        with pytest.raises(NoPicture, match=f"in the format {name} is not shown"):
            picture_of({mime: "x"})


def test_a_format_with_a_long_name_is_shortened_and_pieces_are_joined() -> None:
    with pytest.raises(NoPicture) as caught:
        picture_of({"image/" + "x" * 500: "y"})
    assert len(str(caught.value)) < 100
    assert picture_of({"image/png": tuple(coded(PNG))}) == Picture("image/png", coded(PNG))
    assert Picture("image/png", "AAAA").uri == "data:image/png;base64,AAAA"
    assert picture_at(f"DATA:IMAGE/PNG;base64,{coded(PNG)}") == Picture("image/png", coded(PNG))
    with pytest.raises(NoPicture, match="the format unknown"):
        picture_at("data:image/png,x")
