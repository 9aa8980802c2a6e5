"""Runs the readiness document against a real CodeDeploy agent 1.x and checks that it reports the agent's true state.

`make real-agent AGENT_SOURCE=folder`, where folder is a checkout of github.com/aws/aws-codedeploy-agent at a v1 tag;
docs/real-agents.md lists what else it needs and the results. The script puts the agent into each state of STATES. It
runs in Linux namespaces of its own, with their own folders, network, metadata service at 169.254.169.254 and
endpoints, so it changes nothing outside.
"""

import http.server
import json
import os
import pathlib
import re
import shutil
import ssl
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta, timezone

REGION, DOMAIN, ROLE = "eu-west-1", "amazonaws.com", "web-role"
COMMANDS, S3 = f"codedeploy-commands.{REGION}.{DOMAIN}", f"s3.{REGION}.{DOMAIN}"
HOME = pathlib.Path("/opt/codedeploy-agent")
CONFIG = pathlib.Path("/etc/codedeploy-agent/conf/codedeployagent.yml")
LOG = pathlib.Path("/var/log/aws/codedeploy-agent/codedeploy-agent.log")
REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
# The agent's own command line needs a gem (gli) that Debian does not package. This is the code behind its `start`.
START = """
Dir['/opt/codedeploy-agent/vendor/gems/*/lib'].each { |folder| $:.unshift folder }
$:.unshift '/opt/codedeploy-agent/lib'
require 'instance_agent'
InstanceAgent::Platform.util = InstanceAgent::LinuxUtil
InstanceAgent::Config.config(:config_file => '/etc/codedeploy-agent/conf/codedeployagent.yml')
InstanceAgent::Config.load_config
InstanceAgent::Runner::Master.start
"""
# For each state: a pattern of the log line that shows that the agent has reached it, how many seconds later readiness
# runs, and the codes that it must report.
POLLED = r"Client 200 .*poll_host_command"
# A crashing worker: the master starts a new one every few seconds, and in between there is none.
CRASHING = "agent-restarting"
STATES = {
    "polling": (POLLED, 3, []),
    "polling, folders moved": (POLLED, 3, []),
    "waiting in its first poll": (r"Version file found", 3, []),
    "stopped": ("", 0, ["agent-stopped"]),
    "commands answer 500": (r"Cannot reach InstanceService", 3, ["agent-not-polling"]),
    "access denied": (r"AccessDenied", 3, ["agent-access-denied"]),
    "clock skewed": (r"Signature expired", 3, ["agent-clock-skewed"]),
    "no role": (r"Missing credentials", 3, ["credentials-missing", "agent-no-credentials"]),
    "no route": (r"Error during certificate", 20, ["network-no-route", CRASHING]),
    "route lost": (r"Network error", 3, ["network-no-route", "agent-no-route"]),
    "certificate unknown": (r"Error validating", 20, ["network-tls-failing", CRASHING]),
    "no metadata": (r"error during start or run", 20, ["metadata-blocked", CRASHING]),
}


class Metadata(http.server.BaseHTTPRequestHandler):
    """The parts of IMDSv2 that the agent and the document use."""

    role = ROLE

    def do_PUT(self):
        self.answer("token")

    def do_GET(self):
        path = self.path.removeprefix("/latest/")
        expires = (datetime.now(timezone.utc) + timedelta(hours=6)).strftime("%Y-%m-%dT%H:%M:%SZ")
        keys = {"Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": "ASIAEXAMPLE", "SecretAccessKey": "x", "Token": "x"}
        identity = {"region": REGION, "accountId": "111122223333", "instanceId": "i-0a1b2c3d4e5f60718"}
        answers = {
            "meta-data": "", "meta-data/": "", "meta-data/instance-id": identity["instanceId"],
            "meta-data/services/partition": "aws", "meta-data/services/domain": DOMAIN,
            "meta-data/placement/region": REGION, "dynamic/instance-identity/document": json.dumps(identity),
        }
        if self.role:
            credentials = "meta-data/iam/security-credentials/"
            answers |= {credentials: self.role, credentials + self.role: json.dumps(keys | {"Expiration": expires})}
        self.answer(answers[path]) if path in answers else self.answer("", 404)

    def answer(self, text, status=200):
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


class Endpoint(Metadata):
    """The commands endpoint and S3. Answers polls as the state requires, other requests with 200."""

    errors = {
        "commands answer 500": (500, "InternalServerError", "try again"),
        "access denied": (400, "AccessDeniedException", "not authorized"),
        "clock skewed": (400, "InvalidSignatureException", "Signature expired: 20260101T000000Z is now earlier than ..."),
    }
    state = ""

    def do_GET(self):
        self.answer("")

    do_HEAD = do_GET

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.state == "waiting in its first poll":
            time.sleep(60)
        status, code, message = self.errors.get(self.state, (200, None, None))
        self.answer(json.dumps({"__type": code, "message": message} if code else {}), status)


def run(*command, **more):
    return subprocess.run(command, check=True, capture_output=True, text=True, **more)


def serve(handler, address, tls=None):
    server = http.server.ThreadingHTTPServer(address, handler)
    server.handle_error = lambda *_: None  # a killed agent leaves broken connections
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def prepare_namespace():
    """Sets up folders, network and host names, in this namespace only."""
    run("ip", "link", "set", "lo", "up")
    run("ip", "address", "add", "169.254.169.254/32", "dev", "lo")
    for folder in ("/opt", "/var/log"):
        run("mount", "-t", "tmpfs", "tmpfs", folder)
    for folder in ("/opt/changed", "/opt/work"):
        os.mkdir(folder)
    run("mount", "-t", "overlay", "overlay", "-o", "lowerdir=/etc,upperdir=/opt/changed,workdir=/opt/work", "/etc")
    pathlib.Path("/etc/hosts").write_text(f"127.0.0.1 localhost {COMMANDS} {S3}\n")
    names = f"subjectAltName=DNS:{COMMANDS},DNS:{S3}"
    for name in ("known", "unknown"):
        run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}",
            "-addext", names, "-keyout", f"/opt/{name}.key", "-out", f"/opt/{name}.crt")
    for variable in ("SSL_CERT_FILE", "AWS_SSL_CA_BUNDLE", "AWS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        os.environ[variable] = "/opt/known.crt"


def install_agent(source, state):
    shutil.rmtree(HOME, ignore_errors=True)
    shutil.rmtree(LOG.parent, ignore_errors=True)
    shutil.copytree(source, HOME)
    (HOME / "start.rb").write_text(START)
    version = re.search(r"version\s*=\s*'([\d.]+)'", (HOME / "codedeploy_agent.gemspec").read_text()).group(1)
    (HOME / ".version").write_text(f"agent_version: OFFICIAL_{version}-1_rpm\n")
    CONFIG.parent.mkdir(parents=True, exist_ok=True)
    settings = (HOME / "conf/codedeployagent.yml").read_text()
    if state == "polling, folders moved":
        settings = settings.replace("/var/log/aws/codedeploy-agent", "/opt/moved/log")
        settings = settings.replace("/opt/codedeploy-agent/state", "/opt/moved/state")
        settings = settings.replace("/opt/codedeploy-agent/deployment-root", "/opt/moved/root")
    CONFIG.write_text(settings)
    return pathlib.Path("/opt/moved/log", LOG.name) if "moved" in state else LOG, version


def wait_for_log(log, pattern, seconds):
    for _ in range(1200):
        if re.search(pattern, log.read_text() if log.exists() else ""):
            return time.sleep(seconds)
        time.sleep(0.1)
    print(f"  the log did not show {pattern!r} within two minutes")


def run_readiness(script):
    """Runs the document as the SSM Agent would, with the default of every parameter and without waiting."""
    document = run(REPOSITORY / ".venv/bin/python", "-c",
                   "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))",
                   REPOSITORY / "documents/readiness.yaml").stdout
    defaults = {f"SSM_{name}": it["default"] for name, it in json.loads(document)["parameters"].items()}
    result = subprocess.run(["sh", "-c", script], env=os.environ | defaults | {"SSM_waitSeconds": "0"},
                            capture_output=True, text=True)
    return json.loads(result.stdout.splitlines()[0])


def matches(expected, findings):
    codes = [finding["code"] for finding in findings]
    return len(expected) == len(codes) and all(any(code in it.split("|") for it in expected) for code in codes)


def try_state(state, source, script):
    pattern, seconds, expected = STATES[state]
    log, version = install_agent(source, state)
    Metadata.role, Endpoint.role, Endpoint.state = None if state == "no role" else ROLE, None, state
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    name = "unknown" if state == "certificate unknown" else "known"
    tls.load_cert_chain(f"/opt/{name}.crt", f"/opt/{name}.key")
    servers = [] if state == "no metadata" else [serve(Metadata, ("169.254.169.254", 80))]
    if state != "no route":
        servers.append(serve(Endpoint, ("127.0.0.1", 443), tls))
    if state != "stopped":
        # The output is not captured, because the daemon would keep the pipe open.
        subprocess.run(["ruby", "-W0", HOME / "start.rb"], check=True, stdout=subprocess.DEVNULL)
    if state == "route lost":
        wait_for_log(log, POLLED, 0)
        closed = servers.pop()
        closed.shutdown()
        closed.server_close()
    wait_for_log(log, pattern, seconds)
    report = run_readiness(script)
    processes = run("ps", "-eo", "args").stdout.splitlines()
    stop(servers)
    as_expected = matches(expected, report["findings"])
    print(f"{'as expected' if as_expected else 'DIFFERENT':12} agent {version}, {state}: {report['agent']}")
    for finding in report["findings"]:
        print(f"  {finding['code']} ({finding['class']}): {finding['detail']}")
    for line in [line for line in processes if line.startswith("codedeploy-agent")]:
        print(f"  process: {line}")
    for line in log.read_text().splitlines()[-3:] if log.exists() else []:
        print(f"  log: {line[:220]}")
    return as_expected


def stop(servers):
    subprocess.run(["pkill", "-KILL", "-f", "^codedeploy-agent: "], check=False)
    for server in servers:
        server.shutdown()
        server.server_close()


def main():
    if sys.argv[1:2] != ["inside"]:
        if len(sys.argv) < 2 or not pathlib.Path(sys.argv[1], "lib/instance_agent.rb").exists():
            sys.exit("AGENT_SOURCE must be a checkout of github.com/aws/aws-codedeploy-agent at a v1 tag: "
                     "make real-agent AGENT_SOURCE=folder")
        options = ["unshare", "--map-root-user", "--net", "--mount", "--pid", "--fork", "--mount-proc"]
        os.execvp("unshare", [*options, sys.executable, __file__, "inside", str(pathlib.Path(sys.argv[1]).resolve()), *sys.argv[2:]])
    prepare_namespace()
    script = run(REPOSITORY / ".venv/bin/python", REPOSITORY / "tests/stack/script.py",
                 REPOSITORY / "documents/readiness.yaml", "readiness").stdout
    states = [state for state in STATES if len(sys.argv) < 4 or sys.argv[3] in state]
    results = [try_state(state, sys.argv[2], script) for state in states]
    print(f"{sum(results)} of {len(results)} states told as expected")
    sys.exit(not all(results))


main()
