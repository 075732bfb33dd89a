"""What becomes of the photos that people send."""

import io
import json
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from flask_babel import force_locale
from PIL import Image

from tests.kernel.media import corpus
from tests.kernel.media.corpus import BLUE, GREEN, RED, flag, saved, seen_alike
from town.kernel.media import decoder, pictures, turns
from town.kernel.media.pictures import NotAPicture, Picture, TooLarge, TooManyPixels, reencode
from town.kernel.media.turns import TooManyAtOnce
from town.kernel.registry import Town
from town.kernel.web import TownApp


def shown(picture: Picture, size: str = "large") -> Image.Image:
    return Image.open(io.BytesIO(picture.renditions[size]), formats=["WEBP"]).convert("RGB")


def chunks(webp: bytes) -> list[bytes]:
    """The names of a WebP file's parts: a picture without baggage has one."""
    names, at = [], 12
    while at < len(webp):
        names.append(webp[at : at + 4])
        (length,) = struct.unpack("<I", webp[at + 4 : at + 8])
        at += 8 + length + length % 2
    return names


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_photo_taken_sideways_is_shown_upright(orientation: int) -> None:
    picture = reencode(corpus.telling_jpeg(orientation))
    assert (picture.width, picture.height) == (400, 200)
    image = shown(picture)
    assert seen_alike(image.getpixel((50, 150)), RED)
    assert seen_alike(image.getpixel((350, 150)), BLUE)
    assert seen_alike(image.getpixel((200, 10)), GREEN)


def test_a_photo_no_longer_says_where_it_was_taken() -> None:
    told = corpus.telling_jpeg()
    assert all(secret in told for secret in corpus.SECRETS[:5])
    for rendition in reencode(told).renditions.values():
        assert chunks(rendition) in ([b"VP8 "], [b"VP8L"])
        assert not any(secret in rendition for secret in corpus.SECRETS)
        assert not Image.open(io.BytesIO(rendition)).getexif()


def test_an_iphone_photo_becomes_one_that_every_browser_shows() -> None:
    picture = reencode(corpus.heic(exif=corpus.exif().tobytes(), xmp=b"2 rue des Rouairies"))
    assert (picture.width, picture.height) == (400, 200)
    assert seen_alike(shown(picture).getpixel((350, 150)), BLUE)
    assert b"Rouairies" not in picture.renditions["large"]


def test_a_large_photo_is_kept_in_three_light_sizes() -> None:
    picture = reencode(saved(corpus.noise((1800, 1350)), "JPEG", quality=80))
    assert (picture.width, picture.height) == (1600, 1200)
    assert shown(picture, "large").size == (1600, 1200)
    assert shown(picture, "card").size == (640, 480)
    assert shown(picture, "small").size == (320, 240)
    calm = reencode(saved(flag((2400, 1800)), "JPEG"))
    assert len(calm.renditions["card"]) <= 60_000


def test_a_small_picture_is_not_enlarged() -> None:
    picture = reencode(saved(flag((100, 50)), "PNG"))
    assert {shown(picture, size).size for size in picture.renditions} == {(100, 50)}


def test_a_one_pixel_strip_keeps_a_width() -> None:
    picture = reencode(saved(flag((9000, 1)), "PNG"))
    assert (picture.width, picture.height) == (1600, 1)
    assert shown(picture, "small").size == (320, 1)


def test_a_picture_tells_its_colour_before_it_arrives() -> None:
    colour = reencode(saved(Image.new("RGB", (300, 300), RED), "PNG")).colour
    assert seen_alike(tuple(bytes.fromhex(colour[1:])), RED, by=4)


def oddities() -> dict[str, bytes]:
    transparent = Image.new("RGBA", (400, 200), (*RED, 0))
    transparent.paste((*RED, 255), (0, 0, 200, 200))
    palette = flag().quantize(8)
    return {
        "cmyk": saved(flag(mode="CMYK"), "JPEG", quality=95),
        "cmyk with a profile of another kind": saved(flag(mode="CMYK"), "JPEG", icc_profile=corpus.srgb()),
        "a broken profile": saved(flag(), "JPEG", icc_profile=b"nothing of the kind"),
        "a broken exif": saved(flag(), "JPEG", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff"),
        "palette": saved(palette, "PNG"),
        "palette with transparency": saved(palette, "PNG", transparency=200),
        "alpha": saved(transparent, "PNG"),
        "grey with alpha": saved(flag(mode="LA"), "PNG"),
        "two colours": saved(flag(mode="1"), "PNG"),
        "progressive": saved(flag(), "JPEG", progressive=True),
        "webp": saved(flag(), "WEBP"),
        "lossless webp with alpha": saved(transparent, "WEBP", lossless=True),
        "moving webp": corpus.animated("WEBP"),
        "moving png": corpus.animated("PNG"),
        "16-bit colours": corpus.sixteen_bit_rgb_png(),
        "a page behind the photo": saved(flag(), "JPEG") + b"<script>alert(1)</script>",
        "an archive behind the photo": saved(flag(), "PNG") + b"PK\x03\x04" + bytes(200),
    }


@pytest.mark.parametrize("odd", oddities())
def test_odd_pictures_become_ordinary_ones(odd: str) -> None:
    picture = reencode(oddities()[odd])
    for rendition in picture.renditions.values():
        assert chunks(rendition) in ([b"VP8 "], [b"VP8L"])
        assert b"script" not in rendition
        assert b"PK\x03\x04" not in rendition
    red = shown(picture).getpixel((5, picture.height - 5))
    if "grey" not in odd and "two" not in odd:
        assert seen_alike(red, RED, by=45)


def test_a_fax_of_sixteen_bits_keeps_its_greys() -> None:
    greys = Image.frombytes("I;16", (200, 100), (b"\x00\x40" * 100 + b"\x00\xc0" * 100) * 100)
    image = shown(reencode(saved(greys, "PNG")))
    assert seen_alike(image.getpixel((50, 50)), (0x40,) * 3)
    assert seen_alike(image.getpixel((150, 50)), (0xC0,) * 3)


def test_what_transparency_hides_is_gone() -> None:
    hiding = Image.new("RGBA", (200, 200), (*BLUE, 0))
    assert shown(reencode(saved(hiding, "PNG"))).getpixel((100, 100)) == (255, 255, 255)


def test_a_photo_of_a_phone_with_two_lenses_shows_its_first_view() -> None:
    double = saved(flag(), "MPO", save_all=True, append_images=[Image.new("RGB", (400, 200), GREEN)])
    assert seen_alike(shown(reencode(double)).getpixel((350, 150)), BLUE)


def test_wide_colours_are_translated_and_not_only_relabelled() -> None:
    from PIL import ImageCms

    lab = ImageCms.createProfile("LAB")
    srgb = ImageCms.createProfile("sRGB")
    in_lab = ImageCms.profileToProfile(flag(), srgb, lab, outputMode="LAB")
    image = decoder.to_srgb(in_lab, ImageCms.ImageCmsProfile(lab).tobytes())
    assert image.mode == "RGB"
    assert seen_alike(image.getpixel((50, 150)), RED)


REFUSED: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "one byte": lambda: b"\xff",
    "svg": lambda: b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"></svg>',
    "html": lambda: b"<!doctype html><script>alert(1)</script>",
    "pdf": lambda: b"%PDF-1.7\n",
    "gif": lambda: corpus.animated("GIF"),
    "tiff": lambda: saved(flag(), "TIFF"),
    "bmp": lambda: saved(flag(), "BMP"),
    "a page dressed as a jpeg": lambda: b"\xff\xd8\xff\xe0<script>alert(1)</script>",
    "a script in a png's clothes": lambda: b"\x89PNG\r\n\x1a\n<?php system($_GET[0]);",
    "half a jpeg": lambda: (whole := saved(flag(), "JPEG"))[: len(whole) // 2],
    "half a png": lambda: (whole := saved(corpus.noise((300, 300)), "PNG"))[: len(whole) // 2],
    "half a heic": lambda: (whole := corpus.heic())[: len(whole) // 2],
    "half a webp": lambda: (whole := saved(corpus.noise((300, 300)), "WEBP"))[: len(whole) // 2],
    "a film": lambda: b"\x00\x00\x00\x18ftypmp42" + bytes(4000),
    "60 MB of text in a png": corpus.text_bomb,
    "only the claim of a jpeg": lambda: b"\xff\xd8\xff\xd9",
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_photo_is_refused_with_a_helpful_sentence(what: str) -> None:
    with pytest.raises(NotAPicture) as refusal:
        reencode(REFUSED[what]())
    assert "JPEG, PNG, WebP" in str(refusal.value)
    assert refusal.value.status == 422


@pytest.mark.parametrize("size", [(65500, 65500), (8000, 8000), (2_000_000_000, 1)])
def test_a_bomb_is_refused_before_it_goes_off(size: tuple[int, int]) -> None:
    with pytest.raises((TooManyPixels, NotAPicture)):
        reencode(corpus.png_of_claims(*size))


SERVER = """
import resource, sys
from tests.kernel.media import corpus
from town.kernel.media.pictures import TooManyPixels, reencode
bomb, poster = corpus.png_bomb(7000, 7000), corpus.png_bomb(6000, 6000)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for _ in range(3):
    reencode(poster)
try:
    reencode(bomb)
except TooManyPixels:
    print(len(bomb), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.slow
def test_a_bomb_and_some_posters_leave_the_server_its_memory() -> None:
    said = subprocess.run([sys.executable, "-c", SERVER], capture_output=True, text=True, check=True, timeout=120)
    weight, growth = map(int, said.stdout.split())
    assert weight < 1_000_000
    assert growth < 32 * 1024  # KiB; each of these is 100 MB and more when opened


def test_the_largest_photo_of_a_telephone_is_taken() -> None:
    large = saved(Image.new("RGB", (9248, 6920), RED), "JPEG", quality=60)
    picture = reencode(large)
    assert (picture.width, picture.height) == (1600, 1197)
    with pytest.raises(TooManyPixels):
        reencode(saved(Image.new("L", (8200, 8000)), "JPEG"))


@pytest.mark.slow
def test_a_picture_within_the_limits_fits_into_the_memory_it_is_given() -> None:
    picture = reencode(saved(Image.new("RGBA", (8000, 5000), (*BLUE, 128)), "PNG", compress_level=1))
    assert (picture.width, picture.height) == (1600, 1000)


def test_a_photo_that_is_too_heavy_is_refused_with_its_weight() -> None:
    with pytest.raises(TooLarge) as refusal:
        reencode(b"\xff\xd8\xff" + bytes(18 * 1024 * 1024 - 3))
    assert "18" in str(refusal.value)


def test_the_sentences_are_said_in_french(thomery: Town) -> None:
    with force_locale("fr"):
        heavy = str(TooLarge(18 * 1024 * 1024))
        assert heavy == "La photo est trop lourde (18 Mo). Choisissez-en une autre ou envoyez sans photo."
        assert str(NotAPicture()).endswith("ou envoyez sans photo.")


def test_only_two_pictures_are_opened_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    inside, most, lock = 0, 0, threading.Lock()
    real = pictures._decode

    def counted(data: bytes, sizes: object) -> bytes:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        try:
            return real(data, sizes)  # type: ignore[arg-type]  # passed on as it came
        finally:
            with lock:
                inside -= 1

    monkeypatch.setattr(pictures, "_decode", counted)
    photo, done = corpus.telling_jpeg(), []
    people = [threading.Thread(target=lambda: done.append(reencode(photo))) for _ in range(8)]
    for neighbour in people:
        neighbour.start()
    for neighbour in people:
        neighbour.join()
    assert len(done) == 8
    assert most == turns.AT_ONCE == 2


def test_whoever_gets_no_turn_is_asked_to_try_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "_of_this_process", threading.BoundedSemaphore(1))
    monkeypatch.setattr(turns, "PATIENCE", 0.01)
    with turns.a_turn(), pytest.raises(TooManyAtOnce) as busy:
        reencode(corpus.telling_jpeg())
    assert busy.value.status == 503
    reencode(corpus.telling_jpeg())


SEATED = """
import fcntl, sys
seats = [open(f"{sys.argv[1]}/decoding-{number}.lock", "w") for number in range(2)]
for seat in seats:
    fcntl.flock(seat, fcntl.LOCK_EX)
print("seated", flush=True)
sys.stdin.read()
"""


def test_the_processes_of_a_server_share_their_turns(
    thomery: Town, house: TownApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 0.2)
    instance = str(house.extensions["towns"].instance)
    reencode(corpus.telling_jpeg())
    with subprocess.Popen(
        [sys.executable, "-c", SEATED, instance], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"seated\n"
        with pytest.raises(TooManyAtOnce):
            reencode(corpus.telling_jpeg())
        other.kill()  # whoever dies leaves its seats
    reencode(corpus.telling_jpeg())


@pytest.fixture
def bad_decoder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    def install(body: str) -> None:
        script = tmp_path / "decoder.py"
        script.write_text("import sys, time\n" + body)
        monkeypatch.setattr(decoder, "__file__", str(script))

    return install


def claim(width: int, colour: str, length: object, body: str) -> str:
    renditions = dict.fromkeys(pictures.SIZES, length)
    return json.dumps({"width": width, "height": 9, "colour": colour, "renditions": renditions}) + "\\n" + body


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "nothing",
        "{}\\n",
        "[1, 2]\\n",
        claim(9, "#ffffff", 1, "abc"),
        claim(9, "#ffffff", -1, "abc"),
        claim(9, "#ffffff", "x", ""),
        claim(10**9, "#ffffff", 0, ""),
        claim(9, "red", 0, ""),
        claim(9, "#1234567", 12, "RIFF0000WEBP" * 3),
    ],
)
def test_a_decoder_that_was_taken_over_is_not_believed(answer: str, bad_decoder: Callable[[str], None]) -> None:
    bad_decoder(f"sys.stdout.write('{answer}')")
    with pytest.raises(NotAPicture):
        reencode(corpus.telling_jpeg())


def test_a_decoder_that_hangs_is_stopped(bad_decoder: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    bad_decoder("time.sleep(3600)")
    monkeypatch.setattr(decoder, "WALL_SECONDS", 0.2)
    with pytest.raises(NotAPicture):
        reencode(corpus.telling_jpeg())


ROOM = """
import runpy, sys
runpy.run_path(sys.argv[1])["shut_the_door"]()
for size in (1 << 20, 1 << 30):
    try:
        bytearray(size)
        print("had")
    except MemoryError:
        print("refused")
"""


def test_the_decoder_has_no_more_memory_than_it_was_given() -> None:
    room = subprocess.run(
        [sys.executable, "-I", "-S", "-c", ROOM, decoder.__file__], capture_output=True, text=True, check=True
    )
    assert room.stdout.split() == ["had", "refused"]


def test_the_decoder_knows_nothing_of_the_town() -> None:
    spy = "import runpy, sys; runpy.run_path(sys.argv[1]); print([name for name in sys.modules if 'town' in name])"
    seen = subprocess.run(
        [sys.executable, "-I", "-S", "-c", spy, decoder.__file__], capture_output=True, text=True, check=True
    )
    assert seen.stdout.strip() == "[]"


def test_a_decoder_that_answers_in_order_is_believed(bad_decoder: Callable[[str], None]) -> None:
    bad_decoder(f"sys.stdout.write('{claim(9, '#ffffff', 12, 'RIFF0000WEBP' * 3)}')")
    assert reencode(corpus.telling_jpeg()).renditions["card"] == b"RIFF0000WEBP"
