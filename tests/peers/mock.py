"""librdkafka's mock cluster, out of the library that confluent-kafka brings, at the command of who started it.

Prints "ready on HOST:PORT,..." and then "done" after each command it reads:

  topic NAME PARTITIONS          a topic
  errors KEY CODE...             the next requests of this API are answered with these errors
  versions KEY MIN MAX           it speaks these versions of an API
  rtt NODE MS                    a node is as far away as that
  down NODE | up NODE            a node refuses connections, or takes them again
  leader TOPIC PARTITION NODE    a partition is led by that node
  coordinator TYPE KEY NODE      that node looks after a `group` or `transaction`
"""

import ctypes
import glob
import os
import sys

import confluent_kafka

folder = os.path.dirname(confluent_kafka.__file__)
library = ctypes.CDLL(glob.glob(os.path.join(folder, "..", "confluent_kafka.libs", "librdkafka*.so*"))[0])
for name in ("rd_kafka_conf_new", "rd_kafka_new", "rd_kafka_mock_cluster_new"):
    getattr(library, name).restype = ctypes.c_void_p
library.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p

text = ctypes.create_string_buffer(512)
handle = ctypes.c_void_p(library.rd_kafka_new(0, ctypes.c_void_p(library.rd_kafka_conf_new()), text, 512))
assert handle, text.value
cluster = ctypes.c_void_p(library.rd_kafka_mock_cluster_new(handle, 3))
print("ready on", library.rd_kafka_mock_cluster_bootstraps(cluster).decode(), flush=True)

for line in sys.stdin:
    verb, *words = line.split()
    if verb == "topic":
        code = library.rd_kafka_mock_topic_create(cluster, words[0].encode(), int(words[1]), 3)
    elif verb == "errors":
        codes = (ctypes.c_int * (len(words) - 1))(*map(int, words[1:]))
        code = library.rd_kafka_mock_push_request_errors_array(
            cluster, ctypes.c_int16(int(words[0])), ctypes.c_size_t(len(codes)), codes) or 0
    elif verb == "versions":
        key, *ends = (ctypes.c_int16(int(word)) for word in words)
        code = library.rd_kafka_mock_set_apiversion(cluster, key, *ends)
    elif verb == "rtt":
        code = library.rd_kafka_mock_broker_set_rtt(cluster, int(words[0]), int(words[1]))
    elif verb in ("down", "up"):
        code = getattr(library, f"rd_kafka_mock_broker_set_{verb}")(cluster, int(words[0]))
    elif verb == "leader":
        code = library.rd_kafka_mock_partition_set_leader(cluster, words[0].encode(), int(words[1]), int(words[2]))
    elif verb == "coordinator":
        code = library.rd_kafka_mock_coordinator_set(cluster, words[0].encode(), words[1].encode(), int(words[2]))
    else:
        sys.exit(f"no such command: {line}")
    print("done" if verb == "errors" or code == 0 else f"failed {code}", flush=True)
