"""A real Kafka broker for tests and trials, from Maven Central, on loopback ports of this machine.

    python scripts/kafka.py start    prints the bootstrap address of a broker that runs until `stop`
    python scripts/kafka.py stop
    python scripts/kafka.py run      the same in the foreground, until Ctrl-C or the end of its input

Needs Java 17 or later, and Maven the first time. Everything is kept in build/kafka; a broker's records are deleted when
it stops.
"""

import hashlib
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from service import free_port, obey, refuse, tail

ROOT = Path(__file__).resolve().parent.parent
POM = Path(__file__).resolve().parent / "kafka" / "pom.xml"
CACHE = ROOT / "build" / "kafka"
RUNNING = CACHE / "running"  # What `start` started.
CLUSTER = "ZGVza3dpcmUtdGVzdHMtMQ"  # 16 bytes in base64; Kafka's tool takes none that begins with a dash.
READY = "Kafka Server started"
PATIENCE = 60.0  # Seconds until a broker must be ready; 5 to 15 are usual.

PROPERTIES = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{broker}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={folder}/records
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
"""

LOGGING = """
rootLogger.level=WARN
rootLogger.appenderRef.console.ref=console
appender.console.type=Console
appender.console.name=console
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=%d %p %c: %m%n
logger.ready.name=kafka.server.KafkaRaftServer
logger.ready.level=INFO
"""


def launch(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    """A broker that is ready, and its address; its output goes to a file in its folder."""
    java = shutil.which("java")
    if java is None:
        refuse("Kafka needs Java 17 or later, and there is none: install a JRE (Debian: openjdk-17-jre-headless)")
    libraries = install()
    ports = {"broker": free_port(), "controller": free_port()}
    properties = folder / "server.properties"
    properties.write_text(PROPERTIES.format(folder=folder, **ports), encoding="utf-8")
    logging = folder / "log4j2.properties"
    logging.write_text(LOGGING, encoding="utf-8")
    # A small heap and the quick compiler: a broker of tests lives for minutes.
    command = [java, "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", f"{libraries}/*"]
    command.append(f"-Dlog4j2.configurationFile={logging}")
    output = folder / "broker.log"
    with output.open("wb") as file:
        form = [*command, "kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", str(properties)]
        if subprocess.run(form, stdout=file, stderr=file, stdin=subprocess.DEVNULL, check=False).returncode != 0:
            refuse(f"Kafka's storage tool failed:\n{tail(output)}")
        broker = subprocess.Popen(
            [*command, "kafka.Kafka", str(properties)],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,  # Ctrl-C reaches this script, which then stops the broker in order.
        )
    wait_until_ready(broker, output)
    return broker, f"127.0.0.1:{ports['broker']}"


def install() -> Path:
    """The folder of Kafka's jars, fetched from Maven Central where they are not here yet."""
    libraries = CACHE / f"libs-{hashlib.sha256(POM.read_bytes()).hexdigest()[:12]}"
    if libraries.exists():
        return libraries
    maven = shutil.which("mvn")
    if maven is None:
        refuse(
            "Kafka's jars are not here yet, and Maven fetches them: install it (Debian: maven), or set "
            "DESKWIRE_TEST_KAFKA to the address of a broker"
        )
    CACHE.mkdir(parents=True, exist_ok=True)
    fetched = Path(tempfile.mkdtemp(dir=CACHE))
    goal = "org.apache.maven.plugins:maven-dependency-plugin:copy-dependencies"
    done = subprocess.run(
        [maven, "-q", "-B", "-f", str(POM), goal, f"-DoutputDirectory={fetched}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    if done.returncode != 0:
        shutil.rmtree(fetched, ignore_errors=True)
        refuse(f"Maven could not fetch Kafka:\n{done.stdout[-2000:]}")
    try:
        fetched.rename(libraries)
    except OSError:  # Somebody else was quicker.
        shutil.rmtree(fetched, ignore_errors=True)
    return libraries


def wait_until_ready(broker: subprocess.Popen[bytes], output: Path) -> None:
    """Return when the broker says that it has started."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if READY in output.read_text(encoding="utf-8", errors="replace"):
            return
        if broker.poll() is not None:
            refuse(f"Kafka ended with status {broker.returncode}:\n{tail(output)}")
        time.sleep(0.1)
    broker.kill()
    refuse(f"Kafka was not ready within {PATIENCE:g} s:\n{tail(output)}")


if __name__ == "__main__":
    obey(__doc__ or "", "deskwire-kafka-", RUNNING, launch)
