"""Certificates that no one should trust, by the `openssl` program: a folder in, a server's context out."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

_CA = """
[ca]
default_ca = own
[own]
database = {folder}/index.txt
new_certs_dir = {folder}
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[alt]
subjectAltName = IP:127.0.0.1
"""


def expired(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A context whose certificate was valid for one day, years ago, and the certificate's file."""
    key, request, cert, config = (folder / name for name in ("key.pem", "req.pem", "cert.pem", "ca.cnf"))
    (folder / "index.txt").write_text("")
    config.write_text(_CA.format(folder=folder))
    _openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
             "-keyout", key, "-out", request, "-subj", "/CN=127.0.0.1")  # fmt: skip
    _openssl("ca", "-config", config, "-batch", "-selfsign", "-keyfile", key, "-in", request, "-out", cert,
             "-startdate", "20200101000000Z", "-enddate", "20200102000000Z", "-extensions", "alt",
             "-notext")  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context, cert


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
