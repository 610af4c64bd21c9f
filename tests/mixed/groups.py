"""Our consumers and others' in one group: who owns what, whoever is the leader.

Arguments: brokers php extension. Prints TAP. For every assignor and every other library, members of both kinds join and
leave in both orders (the first to join leads). After each step every partition has exactly one owner, the shares are
even, and in the end every record was read; with a cooperative assignor nothing is owned twice in between.
"""

import json
import os
import subprocess
import sys
import threading
import time

import confluent_kafka
import confluent_kafka.admin

brokers, php, extension = sys.argv[1:]
here = os.path.dirname(os.path.abspath(__file__))
PARTITIONS = 6
PATIENCE = 60  # seconds for a group to settle; kafka-python takes its time now and then
STABLE = 1.0  # seconds without a change that count as settled


class Member:
    """A process that tells what it owns."""

    def __init__(self, name, command):
        self.name = name
        self.owned = None
        self.changed = time.monotonic()
        self.read = []
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.process.stdout:
            try:
                told = json.loads(line)
            except ValueError:
                print(f"# {self.name}: {line.rstrip()}", flush=True)
                continue
            if "owned" in told:
                self.owned = told["owned"]
                self.changed = time.monotonic()
            else:
                self.read.append(told["read"])

    def leave(self):
        self.process.stdin.close()
        self.process.wait(PATIENCE)


def member(kind, group, topic, assignor):
    rest = [brokers, group, topic, assignor]
    if kind == "ours":
        command = [php, "-n", "-d", f"extension={extension}", f"{here}/member.php", *rest]
    else:
        command = [sys.executable, f"{here}/member.py", kind, *rest]
    return Member(kind, command)


def settle(members, wanted_each):
    """Waits until every partition has one owner and shares are even. The answer is the problem, if there is one."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        shares = [one.owned or [] for one in members]
        is_whole = sorted(sum(shares, [])) == list(range(PARTITIONS))
        is_even = sorted(map(len, shares)) == wanted_each
        last = max(one.changed for one in members)
        if is_whole and is_even and time.monotonic() - last > STABLE:
            return None
        time.sleep(0.05)
    return "not settled: " + ", ".join(f"{one.name} {one.owned}" for one in members)


def produce(topic, values):
    producer = confluent_kafka.Producer({"bootstrap.servers": brokers})
    for number, value in enumerate(values):
        producer.produce(topic, value, partition=number % PARTITIONS)
    producer.flush(10)


def scenario(assignor, first, second, number):
    topic = f"mixed-{os.getpid()}-{number}"
    admin = confluent_kafka.admin.AdminClient({"bootstrap.servers": brokers})
    created = admin.create_topics([confluent_kafka.admin.NewTopic(topic, PARTITIONS, 1)])
    for future in created.values():
        future.result()
    members = []
    values = [f"{phase}-{number}" for phase in range(3) for number in range(60)]
    try:
        # The leader is who came first; then one of the other kind, one more of each, and the leader leaves.
        for kind, wanted in [(first, [6]), (second, [3, 3]), (first, [2, 2, 2])]:
            produce(topic, [value for value in values if value.startswith(f"{len(members)}-")])
            members.append(member(kind, topic, topic, assignor))
            problem = settle(members, wanted)
            if problem:
                return problem
        leader, *rest = members
        leader.leave()
        problem = settle(rest, [3, 3])
        if problem:
            return f"after the leader left: {problem}"
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            seen = {value for one in members for value in one.read}
            if seen == set(values):
                return None
            time.sleep(0.05)
        return f"{len(set(values) - seen)} records were not read"
    finally:
        for one in members:
            if one.process.poll() is None:
                one.leave()


def main():
    cases = [
        (assignor, "librdkafka") for assignor in ["range", "roundrobin", "cooperative-sticky"]
    ]
    cases += [(assignor, "kafka-python") for assignor in ["range", "roundrobin"]]
    number = failed = 0
    print(f"1..{2 * len(cases)}", flush=True)
    for assignor, other in cases:
        for first, second in [("ours", other), (other, "ours")]:
            number += 1
            problem = scenario(assignor, first, second, number)
            verdict = "not ok" if problem else "ok"
            print(f"{verdict} {number} - {assignor}: {first} leads, {second} joins", flush=True)
            if problem:
                failed += 1
                print(f"# {problem}", flush=True)
    sys.exit(1 if failed else 0)


main()
