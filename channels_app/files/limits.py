"""What uploads may be. Pure."""

from __future__ import annotations

from dataclasses import dataclass

_EXECUTABLE = (
    "ade adp apk app appimage appx asp bas bat cer chm cmd cnt com command cpl crt csh deb der diagcab dmg exe "
    "fxp gadget grp hlp hpj hta htc inf ins isp its jar jnlp js jse ksh lnk mad maf mag mam maq mar mas mat "
    "mau mav maw mcf mda mdb mde mdt mdw mdz msc msh msh1 msh2 mshxml msi msp mst msu ops osd pcd pif pkg pl "
    "plg prf prg ps1 ps2 psc1 psc2 pst reg rpm run scf scr sct sh shb shs sys tmp url vb vbe vbp vbs vhd vhdx "
    "vsmacros vsw webpnp ws wsc wsf wsh xbap xll xnk"
)
# What an upload never may be: formats that a double click executes.
BLOCKED_EXTENSIONS = tuple(f".{name}" for name in _EXECUTABLE.split())


@dataclass(frozen=True)
class UploadLimits:
    """Size and types that one place takes: the installation, or a deployment that narrows it."""

    max_file_size_kb: int = 10_240
    file_types: tuple[str, ...] = ("*/*",)  # media types; "image/*" and "*/*" match as wildcards
    blocked_extensions: tuple[str, ...] = BLOCKED_EXTENSIONS
