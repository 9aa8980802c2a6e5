"""Checks that this machine can build for an architecture, and adds the Rust target with rustup if it is missing.

SAM names a target to cargo-lambda only for arm64. For x86_64 cargo-lambda builds for the host of rustc (aws-facts 8.1).
Takes the architecture.
"""

import pathlib
import shutil
import subprocess
import sys

TARGETS = {"x86_64": "x86_64-unknown-linux-gnu", "arm64": "aarch64-unknown-linux-gnu"}
NO_RUSTUP = """Rust has no standard library for {0} here, and rustup, which adds it, is not on the PATH.
Install Rust with rustup (https://rustup.rs), or install that library for your rustc from where you have rustc.
"""
NOT_ADDED = """rustc still has no standard library for {0}.
If rustup printed no error, another rustc than that of rustup is the first on the PATH: put ~/.cargo/bin before it.
"""


def ask_rustc(*options):
    return subprocess.run(["rustc", *options], stdout=subprocess.PIPE, text=True, check=True).stdout


def name_built_target(architecture):
    """The target that cargo-lambda builds for."""
    host = next(line.split()[1] for line in ask_rustc("-vV").splitlines() if line.startswith("host:"))
    return host if architecture == "x86_64" and host in TARGETS.values() else TARGETS[architecture]


def has_library(target):
    folder = pathlib.Path(ask_rustc("--print", "target-libdir", "--target", target).strip())
    return any(folder.glob("libstd-*"))


def add_target(target):
    if not shutil.which("rustup"):
        sys.exit(NO_RUSTUP.format(target))
    print(f"rustup target add {target}", flush=True)
    subprocess.run(["rustup", "target", "add", target], check=False)
    if not has_library(target):
        sys.exit(NOT_ADDED.format(target))


architecture = sys.argv[1]
if architecture not in TARGETS:
    sys.exit(f"ARCHITECTURE is {architecture}, but the template has {' and '.join(TARGETS)} only")
built = name_built_target(architecture)
if built != TARGETS[architecture]:
    sys.exit(f"ARCHITECTURE is {architecture}, but cargo-lambda would build for {built}, the host of this rustc: "
             "build on a machine of that architecture, or set ARCHITECTURE=arm64")
if not has_library(built):
    add_target(built)
