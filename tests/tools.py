"""Brings the tools of other distributions for the tests. Changes nothing on the system and needs no root.

Puts rpm, rpmbuild and busybox into .local/tools/bin: links to those on the PATH, or wrappers. What is not on the PATH
is downloaded as packages of this machine's Debian-like release (about 25 MB) and unpacked into .local/tools/root. dnf,
zypper, cloud-init and createrepo_c need no wrapper: tests mount that root's /usr over the machine's, for themselves.
Versions are not pinned otherwise: a stable release never changes the upstream version of a package.
"""

import pathlib
import shutil
import subprocess
import sys

TOOLS = {  # command: its Debian package
    "rpm": "rpm",
    "rpmbuild": "rpm",
    "busybox": "busybox",
    "createrepo_c": "createrepo-c",
    "dnf": "dnf",
    "zypper": "zypper",
    "cloud-init": "cloud-init",
}
FOLDER = pathlib.Path(__file__).parent.parent.absolute() / ".local/tools"
BIN = FOLDER / "bin"
WRAPPED = ("rpm", "rpmbuild", "busybox")  # the others run only inside
HELP = """The tests need {}, which are not on the PATH and could not be downloaded as Debian packages.
Install them and run `make setup` again. Fedora has all: rpm-build busybox createrepo_c dnf4 zypper cloud-init.
Where a distribution lacks one, the tests that use it fail: run them in a container of Debian or Ubuntu.
"""


def apt(*words):
    """Runs apt-get with lists and archives of its own: so it needs neither root nor an earlier `apt-get update`."""
    place = FOLDER / "apt"
    for folder in ("lists/partial", "cache/archives/partial"):
        (place / folder).mkdir(parents=True, exist_ok=True)
    options = {
        "Dir::State::lists": place / "lists",
        "Dir::Cache": place / "cache",
        "Debug::NoLocking": "true",  # nothing of the system is written, so no lock is needed
        "APT::Sandbox::User": "",
        "APT::Install-Recommends": "false",
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
    }
    given = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    command = ["apt-get", *given, *words]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


def download(packages):
    # The result is ignored: one of several sources may fail and not be needed. If it is needed, the download fails.
    apt("update", "-qq")
    done = apt("install", "-qq", "--yes", "--download-only", *packages)
    if done.returncode != 0:
        sys.exit(HELP.format(" and ".join(sorted(packages))) + done.stderr)
    for archive in (FOLDER / "apt/cache/archives").glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", archive, FOLDER / "root"], check=True)
    shutil.rmtree(FOLDER / "apt")
    # As their packages do when installed: it halves the time of each start.
    python = next(path for path in ("/usr/bin/python3", sys.executable) if pathlib.Path(path).exists())
    subprocess.run([python, "-m", "compileall", "-q", FOLDER / "root/usr/lib/python3/dist-packages"], check=False)


def wrap(name):
    """Writes a script that starts an unpacked program and tells it where its libraries and configuration are."""
    root = FOLDER / "root"
    program = next((root / place / name for place in ("usr/bin", "bin") if (root / place / name).exists()), None)
    if not program:
        sys.exit(f"the package {TOOLS[name]} of this release does not contain {name}")
    folders = {library.parent for library in root.glob("**/*.so.*")}
    libraries = ":".join(str(folder) for folder in sorted(folders) if "plugins" not in folder.name)
    script = BIN / name
    script.write_text(
        "#!/bin/bash\n"
        f"export LD_LIBRARY_PATH='{libraries}' RPM_CONFIGDIR='{root}/usr/lib/rpm'\n"
        # The process gets the name of the installed program, because tests read the command lines of processes.
        f"exec -a {name} '{program}' \"$@\"\n"
    )
    script.chmod(0o755)


shutil.rmtree(FOLDER, ignore_errors=True)
BIN.mkdir(parents=True)
found = {name: shutil.which(name) for name in TOOLS}
for name in WRAPPED:
    if found[name]:
        (BIN / name).symlink_to(found[name])
missing = [name for name, path in found.items() if not path]
if missing:
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        sys.exit(HELP.format(" and ".join(missing)))
    download({TOOLS[name] for name in missing})
    for name in WRAPPED:
        if not found[name]:
            wrap(name)
for name, option in (("rpm", "--version"), ("rpmbuild", "--version"), ("busybox", "true")):
    subprocess.run([BIN / name, option], stdout=subprocess.DEVNULL, check=True)
