"""What the loads of a running server share: this machine, its disk, and what the server used."""
import hashlib
import os
import subprocess
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def client(folder, name):
    """bench/NAME.c with the loop of connections, compiled into `folder`."""
    program = os.path.join(folder, name)
    sources = [os.path.join(ROOT, "bench", f) for f in (f"{name}.c", "load.c")]
    subprocess.run(["cc", "-O2", "-D_GNU_SOURCE", "-o", program, *sources], check=True)
    return program


def syncs(folder, size, seconds):
    """Writes of `size` bytes with fdatasync, one after another: how many a second, and how long one took in ms."""
    path, took, end = os.path.join(folder, "sync"), [], time.monotonic() + seconds
    with open(path, "wb", buffering=0) as f:
        while (began := time.monotonic()) < end:
            f.write(b"x" * size)
            os.fdatasync(f.fileno())
            took.append((time.monotonic() - began) * 1000)
    os.unlink(path)
    took.sort()
    return {"per_second": round(len(took) / seconds), "p50_ms": round(took[len(took) // 2], 2), "p99_ms": round(took[len(took) * 99 // 100], 2)}


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def processor():
    with open("/proc/cpuinfo") as f:
        return next((line.split(":", 1)[1].strip() for line in f if line.startswith("model name")), "unknown")


def yardstick():
    """MB/s of one core hashing (SHA-256) just now: a rented machine's processors are not always equally fast."""
    piece, n, began = b"x" * (1 << 20), 0, time.monotonic()
    while (took := time.monotonic() - began) < 0.15:
        hashlib.sha256(piece).digest()
        n += 1
    return round(n * 1.048576 / took)
