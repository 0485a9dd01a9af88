"""An nginx of the bench's own: what it does alone is a ceiling; it can also stand before services of the bench."""

import os
from collections.abc import Sequence
from pathlib import Path

from marketday.provisioners.local.binaries import nginx_program
from marketday.provisioners.local.model import ProcessSpec, TcpCheck

_CONFIGURATION = """daemon off; worker_processes 2; worker_rlimit_nofile 16384;
pid {folder}/pid; error_log stderr error; {user}
events {{ worker_connections 4096; }}
http {{
    access_log off; default_type application/json; sendfile on; tcp_nodelay on; keepalive_requests 10000;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/unused;
    uwsgi_temp_path {folder}/unused; scgi_temp_path {folder}/unused;
    {upstream}
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location / {{ root {folder}/files; }}
        location /constant/ {{ return 200 '{constant}'; }}
        {proxied}
    }}
}}
"""
# As in the edge: a request goes to the process with the fewest open ones. Otherwise it goes to each in turn,
# also to one that has less of the processor, and most requests then wait for that one.
_UPSTREAM = "upstream services {{ zone services 256k; least_conn; {servers} keepalive 64; keepalive_timeout 4s; }}"
_PROXIED = """location /v1/ {{
            proxy_pass http://services; proxy_http_version 1.1; proxy_set_header Connection "";
            proxy_set_header Host {authority}; proxy_set_header X-Request-Id $request_id;
        }}"""
CONSTANT = '{"drop":"dawn-serum","index":4711,"position":null,"joined_at":"2026-12-10T11:00:00.000Z","commitment":""}'


def nginx(
    folder: Path, port: int, *, file: bytes = b"", services: Sequence[int] = (), authority: str = "localhost"
) -> ProcessSpec:
    """Return the process: it serves `file` at /file, a constant below /constant/, and `/v1/` by `services` (ports)."""
    (folder / "files").mkdir(parents=True)
    (folder / "files" / "file").write_bytes(file)
    folder.chmod(0o755)
    servers = " ".join(f"server 127.0.0.1:{service} max_fails=0;" for service in services)
    text = _CONFIGURATION.format(
        folder=folder,
        port=port,
        user="user root;" if os.geteuid() == 0 else "",
        constant=CONSTANT,
        upstream=_UPSTREAM.format(servers=servers) if services else "",
        proxied=_PROXIED.format(authority=authority) if services else "",
    )
    configuration = folder / "nginx.conf"
    configuration.write_text(text)
    argv = (str(nginx_program()), "-p", str(folder), "-c", str(configuration), "-e", "stderr")
    return ProcessSpec(name="bench-nginx", argv=argv, folder=str(folder), ready=TcpCheck(port=port))
