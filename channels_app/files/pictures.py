"""Images: guarded against bombs, written again without what a camera hid in them, and made small.

No database, no storage: a file in, values out.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps, ImageSequence

from channels_app.files.refusal import FileFault, FileRefused
from channels_app.files.sniffing import REWRITTEN

MAX_PIXELS = 50_000_000  # of one image: about 200 MB while it is read
MAX_PIXELS_ALL = 100_000_000  # of all frames of an animation
THUMBNAIL = (480, 480)
_DECODERS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/apng": "PNG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
}
_KEPT = ("icc_profile", "transparency")  # what the picture needs to look the same


@dataclass(frozen=True, slots=True)
class Picture:
    """Size in pixels as shown, a WebP of at most 480 pixels a side, and the cleaned file (None: keep the original)."""

    width: int
    height: int
    thumbnail: bytes
    clean: bytes | None


def readable(mime: str) -> bool:
    """Whether we can read images of this type."""
    return mime in _DECODERS


def read_picture(path: Path, mime: str) -> Picture:
    """Read an image by the decoder of its type alone. :raises FileRefused: too large or broken."""
    try:
        with Image.open(path, formats=[_DECODERS[mime]]) as image:
            _check_size(image, mime)
            return _read(image, mime)
    except FileRefused:
        raise
    except Exception as error:  # a named edge: on a broken file a decoder may raise anything
        raise FileRefused(FileFault.CONTENT_REFUSED, "The image can't be read.") from error


def _check_size(image: Image.Image, mime: str) -> None:
    """Before a pixel is decoded. A GIF's frames aren't counted: only its first is ever read."""
    pixels = image.width * image.height
    frames = 1 if mime == "image/gif" else getattr(image, "n_frames", 1)
    if pixels > MAX_PIXELS or (frames > 1 and pixels * frames > MAX_PIXELS_ALL):
        raise FileRefused(FileFault.CONTENT_REFUSED, "The image has too many pixels.")


def _read(image: Image.Image, mime: str) -> Picture:
    animated = mime in REWRITTEN and image.format != "MPO" and getattr(image, "n_frames", 1) > 1
    clean = _animation(image) if animated else None
    image.seek(0)
    upright = _bare(ImageOps.exif_transpose(image))
    if mime in REWRITTEN and not animated:
        clean = _encoded(upright, _DECODERS[mime])
    return Picture(upright.width, upright.height, _thumbnail(upright), clean)


def _bare(image: Image.Image) -> Image.Image:
    """Without EXIF (and its GPS), XMP and comments."""
    image.load()
    image.info = {name: image.info[name] for name in _KEPT if name in image.info}
    return image


def _encoded(image: Image.Image, encoder: str) -> bytes:
    quality: dict[str, Any] = {} if encoder == "PNG" else {"quality": 90}
    out = BytesIO()
    image.save(out, encoder, icc_profile=image.info.get("icc_profile"), **quality)
    return out.getvalue()


def _animation(image: Image.Image) -> bytes:
    """All frames again, each as it looks, with their times."""
    frames, durations = [], []
    for frame in ImageSequence.Iterator(image):
        durations.append(int(frame.info.get("duration", 100)))
        frames.append(_bare(frame.convert("RGBA")))
    out = BytesIO()
    loop = int(image.info.get("loop", 0))
    frames[0].save(out, image.format, save_all=True, append_images=frames[1:], duration=durations, loop=loop)
    return out.getvalue()


def _thumbnail(image: Image.Image) -> bytes:
    small = image.copy()
    small.thumbnail(THUMBNAIL)
    out = BytesIO()
    profile = small.info.get("icc_profile") if small.mode in {"RGB", "RGBA"} else None
    small.save(out, "WEBP", quality=80, icc_profile=profile)
    return out.getvalue()
