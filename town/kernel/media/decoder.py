"""The room where strangers' pictures are opened: a script of its own, poor in memory, time and rights.

`pictures.py` runs this file in a process that lives for one picture: the picture is its standard input, the WebP
renditions and a line of JSON about them its standard output, what went wrong its exit status. It imports nothing of the
town: whatever a broken or hostile picture makes of this process, there is no database, key or neighbour in it.
"""

import io
import json
import resource
import signal
import sys
from typing import Any, BinaryIO

MEBI = 1024 * 1024
MEMORY = 768 * MEBI
CPU_SECONDS = 10
WALL_SECONDS = 15
LARGEST_ANSWER = 8 * MEBI

LARGEST_JPEG = 64_000_000
"""Pixels of a JPEG: its decoder can shrink while reading, so even this one costs little."""
LARGEST_OTHER = 40_000_000

NOT_A_PICTURE = 3
TOO_MANY_PIXELS = 4

FORMATS = ("JPEG", "PNG", "WEBP")
"""The only ones that are looked at, with HEIF when the file begins like one."""

UPRIGHT = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}
"""EXIF orientation -> how to turn it back (`PIL.Image.Transpose`)."""

WHITE = (255, 255, 255)


def shut_the_door() -> None:
    """Give up memory, time, files and children before the first byte of the picture is read."""
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, LARGEST_ANSWER),
        (resource.RLIMIT_CORE, 0),
    ):
        try:
            resource.setrlimit(limit, (value, value))
        except ValueError:  # macOS knows no RLIMIT_AS; servers run Linux
            if sys.platform == "linux":
                raise
    signal.alarm(WALL_SECONDS)  # ends this process even when the server that waits for it is gone


def open_picture(data: bytes) -> Any:
    """The opened, not yet decoded picture. Ends the process when it is too large or no picture at all."""
    import warnings

    from PIL import Image

    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = LARGEST_JPEG
    formats: tuple[str, ...] = FORMATS
    if data[4:8] == b"ftyp":
        import pillow_heif

        pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=2)
        formats = ("HEIF",)
    try:
        image = Image.open(io.BytesIO(data), formats=formats)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        sys.exit(TOO_MANY_PIXELS)
    # A JPEG with a second view inside calls itself MPO.
    largest = LARGEST_JPEG if image.format in ("JPEG", "MPO") else LARGEST_OTHER
    if image.width * image.height > largest:
        sys.exit(TOO_MANY_PIXELS)
    return image


def upright(image: Any, longest: int) -> Any:
    """Its first frame: upright, at most `longest` pixels a side, in plain sRGB on white, and nothing else left of it.

    Transparency is flattened: what a picture hides under it would stay readable.
    """
    from PIL import Image

    turn = UPRIGHT.get(orientation(image))
    profile = image.info.get("icc_profile")
    image = one_that_shrinks(image)
    image.thumbnail((longest, longest), Image.Resampling.LANCZOS, reducing_gap=2.0)  # a JPEG shrinks while it is read
    if image.mode in ("LA", "RGBA"):
        image = image.convert("RGBA")
        on_white = Image.new("RGB", image.size, WHITE)
        on_white.paste(image, mask=image.getchannel("A"))
        image = on_white
    image = to_srgb(image, profile)
    if turn is not None:
        image = image.transpose(Image.Transpose(turn))
    plain = Image.new("RGB", image.size)
    plain.paste(image)
    return plain


def orientation(image: Any) -> int:
    try:
        return int(image.getexif().get(0x0112, 1))
    except Exception:  # a broken EXIF block says nothing about the picture itself
        return 1


def one_that_shrinks(image: Any) -> Any:
    """The same picture in a mode that can be scaled down smoothly."""
    if image.mode in ("L", "RGB", "CMYK", "LA", "RGBA"):
        return image
    if image.mode.startswith("I"):  # 16 bits of grey: converting alone would cut all but the darkest to white
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def to_srgb(image: Any, profile: bytes | None) -> Any:
    """The same colours without the profile: those of phones are wider, and look dull when it is only dropped."""
    if profile:
        from PIL import ImageCms

        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a profile for another mode, or none at all
    return image.convert("RGB")


def as_webp(image: Any, longest: int, weight: int | None) -> bytes:
    """WebP bytes of at most `longest` pixels a side, and of at most `weight` bytes where that is possible decently."""
    from PIL import Image

    smaller = image.copy()
    smaller.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    encoded = b""
    for quality in (80, 65, 50, 35):
        file = io.BytesIO()
        smaller.save(file, "WEBP", quality=quality, method=4, exif=b"", xmp=b"", icc_profile=b"")
        encoded = file.getvalue()
        if weight is None or len(encoded) <= weight:
            break
    return encoded


def main(source: BinaryIO, answer: BinaryIO, sizes: dict[str, tuple[int, int | None]]) -> None:
    """Read a picture from `source`, write a line of JSON and the renditions to `answer`."""
    from PIL import Image

    image = upright(open_picture(source.read()), max(longest for longest, _ in sizes.values()))
    renditions = {name: as_webp(image, longest, weight) for name, (longest, weight) in sizes.items()}
    colour = image.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    about = {
        "width": image.width,
        "height": image.height,
        "colour": "#{:02x}{:02x}{:02x}".format(*colour),
        "renditions": {name: len(encoded) for name, encoded in renditions.items()},
    }
    answer.write(json.dumps(about).encode() + b"\n" + b"".join(renditions.values()))
    answer.flush()


if __name__ == "__main__":
    shut_the_door()
    libraries, wanted = json.loads(sys.argv[1])
    sys.path.extend(libraries)
    try:
        main(sys.stdin.buffer, sys.stdout.buffer, wanted)
    except Exception:  # libraries raise anything at all on broken pictures, MemoryError included
        sys.exit(NOT_A_PICTURE)
