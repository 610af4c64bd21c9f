// Command sarama drives rdkafka-broker with sarama, as the newest Kafka it knows and as Kafka 0.8.2, 0.9, 0.10.2 and 1.0:
// there it writes and reads the old message sets with the versions of that time.
package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	. "clients/tap"

	"github.com/IBM/sarama"
)

var admin sarama.ClusterAdmin

func config(version sarama.KafkaVersion) *sarama.Config {
	c := sarama.NewConfig()
	c.Version = version
	// what the oldest versions do not know
	c.ApiVersionsRequest = version.IsAtLeast(sarama.V0_10_0_0)
	c.Producer.Return.Successes = true
	c.Producer.Partitioner = sarama.NewManualPartitioner
	c.Consumer.Offsets.Initial = sarama.OffsetOldest
	c.Consumer.Offsets.AutoCommit.Interval = 200 * time.Millisecond
	c.Consumer.Group.Rebalance.Timeout = 10 * time.Second
	return c
}

func create(topic string, partitions int32) string {
	topic = Name(topic)
	Must(admin.CreateTopic(topic, &sarama.TopicDetail{NumPartitions: partitions, ReplicationFactor: 1}, false))
	return topic
}

func produce(topic string, count int, c *sarama.Config) {
	producer := Get(sarama.NewSyncProducer(Brokers(), c))
	defer producer.Close()
	messages := make([]*sarama.ProducerMessage, count)
	for n := range messages {
		messages[n] = &sarama.ProducerMessage{Topic: topic, Key: sarama.StringEncoder(fmt.Sprint(n)), Value: sarama.StringEncoder(fmt.Sprint("value ", n)),
			Timestamp: time.UnixMilli(1_700_000_000_000 + int64(n))}
		if c.Version.IsAtLeast(sarama.V0_11_0_0) {
			messages[n].Headers = []sarama.RecordHeader{{Key: []byte("n"), Value: fmt.Append(nil, n)}}
		}
	}
	Must(producer.SendMessages(messages))
}

// read returns count messages of partition 0, and what comes within a moment after them.
func read(topic string, count int, c *sarama.Config) (got []*sarama.ConsumerMessage) {
	consumer := Get(sarama.NewConsumer(Brokers(), c))
	defer consumer.Close()
	partition := Get(consumer.ConsumePartition(topic, 0, sarama.OffsetOldest))
	defer partition.Close()
	for wait := 20 * time.Second; ; {
		select {
		case message := <-partition.Messages():
			if got = append(got, message); len(got) >= count {
				wait = 300 * time.Millisecond
			}
		case <-time.After(wait):
			return got
		}
	}
}

func topics() error {
	create("a", 1)
	create("b", 3)
	Same("partitions of b", 3, Get(admin.ListTopics())[Name("b")].NumPartitions)
	Must(admin.CreatePartitions(Name("a"), 2, nil, false))
	Same("partitions of a", 2, len(Get(admin.DescribeTopics([]string{Name("a")}))[0].Partitions))
	Must(admin.DeleteTopic(Name("a")))
	_, there := Get(admin.ListTopics())[Name("a")]
	Same("a is listed", false, there)
	if err := admin.CreateTopic(Name("b"), &sarama.TopicDetail{NumPartitions: 1, ReplicationFactor: 1}, false); !errors.Is(err, sarama.ErrTopicAlreadyExists) {
		return fmt.Errorf("a topic created twice: %v", err)
	}
	return nil
}

func compressions(version sarama.KafkaVersion) func() error {
	return func() error {
		for codec := sarama.CompressionNone; codec <= sarama.CompressionZSTD; codec++ {
			if codec == sarama.CompressionZSTD && !version.IsAtLeast(sarama.V2_1_0_0) || codec == sarama.CompressionLZ4 && !version.IsAtLeast(sarama.V0_10_0_0) {
				continue
			}
			topic := create(fmt.Sprintf("codec-%v-%v", version, codec), 1)
			c := config(version)
			c.Producer.Compression = codec
			c.Producer.Flush.Messages, c.Producer.Flush.Frequency = 100, 10*time.Millisecond
			produce(topic, 300, c)
			for _, reader := range []*sarama.Config{c, config(sarama.MaxVersion)} {
				got := read(topic, 300, reader)
				Same(fmt.Sprint(codec, " count"), 300, len(got))
				for n, message := range got {
					Same(fmt.Sprint(codec), fmt.Sprintf("%d value %d at %d", n, n, n), fmt.Sprintf("%s %s at %d", message.Key, message.Value, message.Offset))
					if version.IsAtLeast(sarama.V0_10_0_0) {
						Same("timestamp", 1_700_000_000_000+n, message.Timestamp.UnixMilli())
					}
				}
			}
		}
		return nil
	}
}

func idempotent() error {
	topic := create("idempotent", 1)
	c := config(sarama.MaxVersion)
	c.Producer.Idempotent, c.Producer.RequiredAcks, c.Net.MaxOpenRequests = true, sarama.WaitForAll, 1
	produce(topic, 200, c)
	Same("count", 200, len(read(topic, 200, c)))
	return nil
}

// member is one consumer of a group: what it owns and what all of them have seen.
type member struct {
	seen  *sync.Map
	lock  sync.Mutex
	owned int
	group sarama.ConsumerGroup
	done  chan struct{}
	stop  context.CancelFunc
}

func (m *member) own(count int) {
	m.lock.Lock()
	m.owned = count
	m.lock.Unlock()
}

func (m *member) count() int {
	m.lock.Lock()
	defer m.lock.Unlock()
	return m.owned
}

func (m *member) Setup(session sarama.ConsumerGroupSession) error {
	for _, partitions := range session.Claims() {
		m.own(len(partitions))
	}
	return nil
}

func (m *member) Cleanup(sarama.ConsumerGroupSession) error {
	m.own(0)
	return nil
}

func (m *member) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for message := range claim.Messages() {
		m.seen.Store(fmt.Sprint(message.Partition, message.Offset), true)
		session.MarkMessage(message, "")
	}
	return nil
}

func join(id, topic string, seen *sync.Map, c *sarama.Config) *member {
	ctx, stop := context.WithCancel(context.Background())
	m := &member{seen: seen, group: Get(sarama.NewConsumerGroup(Brokers(), id, c)), done: make(chan struct{}), stop: stop}
	go func() {
		defer close(m.done)
		for ctx.Err() == nil {
			if err := m.group.Consume(ctx, []string{topic}, m); err != nil {
				return
			}
		}
	}()
	return m
}

func (m *member) leave() {
	m.stop()
	<-m.done
	m.group.Close()
}

func group(version sarama.KafkaVersion) func() error {
	return func() error {
		topic, id := create(fmt.Sprint("group-", version), 4), Name(fmt.Sprint("g-", version))
		var seen sync.Map
		c := config(version)
		first, second := join(id, topic, &seen, c), join(id, topic, &seen, c)
		defer first.leave()
		left := false
		defer func() {
			if !left {
				second.leave()
			}
		}()
		Until("two members share four partitions", func() bool { return first.count() == 2 && second.count() == 2 })
		Same("members described", 2, len(Get(admin.DescribeConsumerGroups([]string{id}))[0].Members))
		producer := Get(sarama.NewSyncProducer(Brokers(), c))
		for n := range 100 {
			_, _, err := producer.SendMessage(&sarama.ProducerMessage{Topic: topic, Partition: int32(n % 4), Value: sarama.StringEncoder("x")})
			Must(err)
		}
		producer.Close()
		Until("every message is read", func() bool {
			count := 0
			seen.Range(func(any, any) bool { count++; return true })
			return count == 100
		})
		second.leave()
		left = true
		Until("the one that stays takes over", func() bool { return first.count() == 4 })
		Until("all offsets are committed", func() bool {
			sum := int64(0)
			for partition := range int32(4) {
				sum += Get(admin.ListConsumerGroupOffsets(id, map[string][]int32{topic: {partition}})).GetBlock(topic, partition).Offset
			}
			return sum == 100
		})
		Same("listed", "consumer", Get(admin.ListConsumerGroups())[id])
		return nil
	}
}

func offsetsByTime() error {
	topic := create("times", 1)
	produce(topic, 100, config(sarama.MaxVersion))
	for _, version := range []sarama.KafkaVersion{sarama.V0_10_2_0, sarama.MaxVersion} {
		client := Get(sarama.NewClient(Brokers(), config(version)))
		Same("first", 0, Get(client.GetOffset(topic, 0, sarama.OffsetOldest)))
		Same("end", 100, Get(client.GetOffset(topic, 0, sarama.OffsetNewest)))
		Same("by time", 40, Get(client.GetOffset(topic, 0, 1_700_000_000_040)))
		client.Close()
	}
	old := Get(sarama.NewClient(Brokers(), config(sarama.V0_8_2_0)))
	defer old.Close()
	Same("first, as 0.8.2", 0, Get(old.GetOffset(topic, 0, sarama.OffsetOldest)))
	Same("end, as 0.8.2", 100, Get(old.GetOffset(topic, 0, sarama.OffsetNewest)))
	return nil
}

func transactions(version sarama.KafkaVersion) func() error {
	return func() error {
		topic, id := create(fmt.Sprint("target-", version), 1), Name("transactional")
		c := config(version)
		c.Producer.Idempotent, c.Producer.RequiredAcks, c.Net.MaxOpenRequests = true, sarama.WaitForAll, 1
		c.Producer.Transaction.ID = Name(fmt.Sprint("tx-", version))
		producer := Get(sarama.NewSyncProducer(Brokers(), c))
		defer producer.Close()
		for _, value := range []string{"committed", "aborted", "again"} {
			Must(producer.BeginTxn())
			_, _, err := producer.SendMessage(&sarama.ProducerMessage{Topic: topic, Value: sarama.StringEncoder(value)})
			Must(err)
			if value == "aborted" {
				Must(producer.AbortTxn())
				continue
			}
			Must(producer.AddOffsetsToTxn(map[string][]*sarama.PartitionOffsetMetadata{topic: {{Partition: 0, Offset: 2, LeaderEpoch: -1}}}, id))
			Must(producer.CommitTxn())
		}
		reader := config(version)
		reader.Consumer.IsolationLevel = sarama.ReadCommitted
		var values []string
		for _, message := range read(topic, 2, reader) {
			values = append(values, string(message.Value))
		}
		Same("committed", "[committed again]", values)
		Same("with aborted", 3, len(read(topic, 3, config(version))))
		Same("offset", 2, Get(admin.ListConsumerGroupOffsets(id, map[string][]int32{topic: {0}})).GetBlock(topic, 0).Offset)
		return nil
	}
}

func configs() error {
	topic := create("configs", 1)
	value := "12345"
	Must(admin.IncrementalAlterConfig(sarama.TopicResource, topic,
		map[string]sarama.IncrementalAlterConfigsEntry{"retention.ms": {Operation: sarama.IncrementalAlterConfigsOperationSet, Value: &value}}, false))
	entries := Get(admin.DescribeConfig(sarama.ConfigResource{Type: sarama.TopicResource, Name: topic, ConfigNames: []string{"retention.ms"}}))
	Same("retention.ms", value, entries[0].Value)
	return admin.AlterConfig(sarama.TopicResource, topic, map[string]*string{"segment.bytes": &[]string{"1048576"}[0]}, false)
}

func deleteRecords() error {
	topic := create("delete-records", 1)
	produce(topic, 20, config(sarama.MaxVersion))
	Must(admin.DeleteRecords(topic, map[int32]int64{0: 15}))
	got := read(topic, 5, config(sarama.MaxVersion))
	Same("count", 5, len(got))
	Same("first offset", 15, got[0].Offset)
	return nil
}

func main() {
	Client = "sarama"
	admin = Get(sarama.NewClusterAdmin(Brokers(), config(sarama.MaxVersion)))
	Check("creates, lists, grows and deletes topics", topics)
	for _, version := range []sarama.KafkaVersion{sarama.MaxVersion, sarama.V1_0_0_0, sarama.V0_10_2_0, sarama.V0_9_0_0, sarama.V0_8_2_0} {
		Check(fmt.Sprint("produces and consumes with every compression, as Kafka ", version), compressions(version))
	}
	Check("produces idempotently", idempotent)
	Check(fmt.Sprint("a group of two rebalances, as Kafka ", sarama.MaxVersion), group(sarama.MaxVersion))
	Check("a group of two rebalances, as Kafka 0.10.2", group(sarama.V0_10_2_0))
	Check("offsets by time", offsetsByTime)
	Check(fmt.Sprint("transactions commit and abort, as Kafka ", sarama.MaxVersion), transactions(sarama.MaxVersion))
	Check("transactions commit and abort, as Kafka 0.11", transactions(sarama.V0_11_0_0))
	Check("describes and alters configs", configs)
	Check("deletes records", deleteRecords)
	Done()
}
