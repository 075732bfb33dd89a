"""Pictures as neighbours and attackers send them, made on the spot."""

import io
import random
import struct
import zlib
from typing import Any

import pillow_heif
from PIL import Image, ImageCms, ImageDraw

RED, GREEN, BLUE = (200, 30, 30), (30, 160, 60), (30, 60, 200)

GPS = {1: "N", 2: (48.0, 27.0, 13.5), 3: "W", 4: (2.0, 3.0, 7.25)}
SECRETS = (b"Exif", b"http://ns.adobe.com/xap", b"Photoshop 3.0", b"2 rue des Rouairies", b"ICC_PROFILE", b"IPTC")


def flag(size: tuple[int, int] = (400, 200), mode: str = "RGB") -> Image.Image:
    """Red on the left, blue on the right, a green bar on top: any turn shows."""
    image = Image.new("RGB", size, RED)
    draw = ImageDraw.Draw(image)
    draw.rectangle((size[0] // 2, 0, *size), BLUE)
    draw.rectangle((0, 0, size[0], size[1] // 5), GREEN)
    return image.convert(mode)


def saved(image: Image.Image, kind: str, **how: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **how)
    return file.getvalue()


def noise(size: tuple[int, int]) -> Image.Image:
    return Image.frombytes("RGB", size, random.Random(22100).randbytes(size[0] * size[1] * 3))


def exif(orientation: int = 1) -> Image.Exif:
    made = Image.Exif()
    made[0x0112] = orientation
    made[0x010F] = "A telephone"
    made[0x010E] = "2 rue des Rouairies"
    made.get_ifd(0x8825).update(GPS)
    return made


def telling_jpeg(orientation: int = 6) -> bytes:
    """A JPEG that says where it was taken, in every way a JPEG can: EXIF, XMP, IPTC, a comment, a colour profile."""
    shown = flag()
    back = {6: Image.Transpose.ROTATE_90, 3: Image.Transpose.ROTATE_180, 8: Image.Transpose.ROTATE_270}
    stored = shown.transpose(back[orientation]) if orientation in back else shown
    data = saved(
        stored,
        "JPEG",
        quality=95,
        subsampling=0,
        exif=exif(orientation),
        xmp=b"<x:xmpmeta>2 rue des Rouairies</x:xmpmeta>",
        comment=b"2 rue des Rouairies",
        icc_profile=srgb(),
    )
    iptc = b"Photoshop 3.0\x008BIM\x04\x04\x00\x00\x00\x00\x00\x18\x1c\x02\x05\x00\x132 rue des Rouairies"
    return data[:2] + b"\xff\xed" + struct.pack(">H", len(iptc) + 2) + iptc + data[2:]


def srgb() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def heic(size: tuple[int, int] = (400, 200), **how: Any) -> bytes:
    file = io.BytesIO()
    pillow_heif.from_pillow(flag(size)).save(file, quality=90, **how)
    return file.getvalue()


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_header(width: int, height: int, depth: int = 8, colour: int = 2) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))


def png_bomb(width: int, height: int) -> bytes:
    """A real, decodable PNG of one colour: kilobytes in the post, gigabytes when opened."""
    squeeze = zlib.compressobj(9)
    line = b"\x00" + bytes(width * 3)
    body = b"".join(squeeze.compress(line) for _ in range(height)) + squeeze.flush()
    return png_header(width, height) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def png_of_claims(width: int, height: int) -> bytes:
    """A PNG that only claims to be that large."""
    return png_header(width, height) + chunk(b"IDAT", zlib.compress(b"\x00" * 100)) + chunk(b"IEND", b"")


def text_bomb() -> bytes:
    """A small PNG with 60 MB of text folded into it."""
    whole = saved(flag(), "PNG")
    text = chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(bytes(60_000_000), 9))
    return whole[:33] + text + whole[33:]


def sixteen_bit_rgb_png() -> bytes:
    width, height = 40, 20
    line = b"\x00" + struct.pack(">HHH", 0xC8C8, 0x1E1E, 0x1E1E) * width
    pixels = zlib.compress(line * height)
    return png_header(width, height, 16) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def animated(kind: str) -> bytes:
    frames = [Image.new("RGB", (60, 40), colour) for colour in (RED, GREEN, BLUE)]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)


def seen_alike(one: tuple[int, ...], other: tuple[int, int, int], by: int = 25) -> bool:
    return all(abs(a - b) <= by for a, b in zip(one[:3], other, strict=True))
