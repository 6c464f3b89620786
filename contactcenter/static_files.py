"""Static files as browsers get them: readable in the repository, small on the wire, cached for good.

Our own scripts and styles lose their comments, everything textual is compressed once and kept in the data folder.
`{% static %}` puts a version into the path (`/static/v-1a2b3c4d/messenger/main.js`), so that a script's relative
imports are of the same version and browsers need never ask again; the address without a version works too.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import tempfile
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import rcssmin
import rjsmin
from django.conf import settings
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotFound
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

from contactcenter.up import bundles

VERSIONED = re.compile(r"v-[0-9a-f]{8}/")
TEXTUAL = {".css", ".html", ".js", ".json", ".mjs", ".svg", ".txt", ".xml"}
MINIFY = {".css": rcssmin.cssmin, ".js": rjsmin.jsmin}
FOR_GOOD = "max-age=31536000, public, immutable"


@cache
def version() -> str:
    """Eight hex digits that change with any of our own static files, and with what is bundled of npm's."""
    digest = hashlib.sha256(bundles.fingerprint().encode())
    for path in sorted(path for root in settings.STATICFILES_DIRS for path in Path(root).rglob("*") if path.is_file()):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:8]


class VersionedStorage(StaticFilesStorage):
    """Addresses with the version in them."""

    def url(self, name: str | None) -> str:
        versioned = name if settings.DEBUG or name is None else f"v-{version()}/{name}"
        return super().url(versioned)


class StaticFilesMiddleware(WhiteNoiseMiddleware):
    """WhiteNoise, with files made smaller and versions in paths."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._bundles: dict[str, StaticFile] = {}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        if not path.startswith(self.static_prefix):
            return super().__call__(request)
        name = path.removeprefix(self.static_prefix)
        named = VERSIONED.match(name)
        if named:
            request.path_info = self.static_prefix + name[named.end() :]
        response = self._bundle(request) or super().__call__(request)
        if named and named[0] == f"v-{version()}/" and response.status_code in (200, 304):
            response["Cache-Control"] = FOR_GOOD
        return response

    def _bundle(self, request: HttpRequest) -> HttpResponseBase | None:
        """What was built of an entry in `static/bundles/`, not the entry; it may be built after we started."""
        url = request.path_info
        name = url.removeprefix(f"{self.static_prefix}bundles/")
        if name == url:
            return None
        if url not in self._bundles:
            path = bundles.built(settings.DATA_DIR, name)
            if path is None:
                return HttpResponseNotFound()
            self._bundles[url] = self.get_static_file(str(path), url)
        return self.serve(self._bundles[url], request)

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponse:
        """Whole: the files are small, and what streams from a file is read in pieces, each on a thread."""
        found = static_file.get_response(request.method, request.META)
        with found.file or BytesIO() as file:
            return HttpResponse(file.read(), status=int(found.status), headers=dict(found.headers))

    def get_static_file(self, path: str, url: str, stat_cache: dict[str, Any] | None = None) -> Any:
        smaller = _smaller(Path(path)) if Path(path).suffix in TEXTUAL and Path(path).is_file() else None
        if smaller is None:
            return super().get_static_file(path, url, stat_cache)
        return super().get_static_file(str(smaller), url)


def _smaller(path: Path) -> Path | None:
    """The file to send in its place, beside it one with `.gz`; None for what can't be read as text."""
    try:
        text = path.read_bytes().decode()
    except UnicodeDecodeError:
        return None
    ours = any(path.is_relative_to(root) for root in settings.STATICFILES_DIRS)
    minify = MINIFY.get(path.suffix) if ours else None
    return _kept((minify(text) if minify else text).encode(), path.suffix)


def _kept(content: bytes, suffix: str) -> Path:
    """A file with this content in the data folder, and its compressed twin; named by the content, made once."""
    folder = settings.DATA_DIR / "static-served"
    kept: Path = folder / f"{hashlib.sha256(content).hexdigest()[:32]}{suffix}"
    if not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _write(Path(f"{kept}.gz"), gzip.compress(content, 9, mtime=0))
        _write(kept, content)
    return kept


def _write(path: Path, content: bytes) -> None:
    """All of it or nothing: several processes start at the same time."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
    Path(file.name).replace(path)
