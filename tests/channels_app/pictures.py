"""Files for tests, made when they are needed."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image

GPS = 0x8825
MARK = b"CANARY-52.5200N"


def picture(kind: str, size: tuple[int, int] = (64, 48), mode: str = "RGB", **options: Any) -> bytes:
    """An image of Pillow's format name."""
    out = BytesIO()
    Image.new(mode, size, (200, 30, 90) if mode == "RGB" else None).save(out, kind, **options)
    return out.getvalue()


def with_gps(kind: str) -> bytes:
    """An image whose EXIF says where it was taken, and that its camera lay on its side."""
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: turn right
    exif[0x010E] = MARK.decode()
    exif.get_ifd(GPS)[1] = "N"
    exif.get_ifd(GPS)[2] = (52.0, 31.0, 12.0)
    return picture(kind, exif=exif)


def animation(kind: str, frames: int = 3) -> bytes:
    """An image that moves."""
    images = [Image.new("RGB", (20, 20), (40 * number, 0, 0)) for number in range(frames)]
    out = BytesIO()
    images[0].save(out, kind, save_all=True, append_images=images[1:], duration=120, loop=0)
    return out.getvalue()


def bomb(width: int = 50_000, height: int = 50_000) -> bytes:
    """A PNG of a few hundred bytes that says it has so many pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
