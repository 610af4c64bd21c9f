// Command franz drives rdkafka-broker with franz-go.
package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	. "clients/tap"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

var (
	ctx, cancel = context.WithTimeout(context.Background(), 4*time.Minute)
	admin       = kadm.NewClient(client())
)

func client(options ...kgo.Opt) *kgo.Client {
	return Get(kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(Brokers()...), kgo.RecordPartitioner(kgo.ManualPartitioner())}, options...)...))
}

func create(topic string, partitions int32) string {
	topic = Name(topic)
	Must(Get(admin.CreateTopic(ctx, partitions, 1, nil, topic)).Err)
	return topic
}

func produce(topic string, count int, options ...kgo.Opt) {
	cl := client(options...)
	defer cl.Close()
	records := make([]*kgo.Record, count)
	for n := range records {
		records[n] = &kgo.Record{Topic: topic, Value: fmt.Appendf(nil, "value %d", n), Timestamp: time.UnixMilli(1_700_000_000_000 + int64(n)),
			Headers: []kgo.RecordHeader{{Key: "n", Value: fmt.Append(nil, n)}}}
	}
	Must(cl.ProduceSync(ctx, records...).FirstErr())
}

// read returns count records from the topic's start, and what comes within a moment after them.
func read(topic string, count int, options ...kgo.Opt) (got []*kgo.Record) {
	cl := client(append(options, kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))...)
	defer cl.Close()
	for wait := 20 * time.Second; ; {
		limited, stop := context.WithTimeout(ctx, wait)
		fetches := cl.PollFetches(limited)
		stop()
		if limited.Err() != nil && fetches.Empty() {
			return got
		}
		if got = append(got, fetches.Records()...); len(got) >= count {
			wait = 300 * time.Millisecond
		}
	}
}

func topics() error {
	create("a", 1)
	create("b", 3)
	Same("partitions of b", 3, len(Get(admin.ListTopics(ctx))[Name("b")].Partitions))
	Must(Get(admin.UpdatePartitions(ctx, 2, Name("a"))).Error())
	Same("partitions of a", 2, len(Get(admin.ListTopics(ctx, Name("a")))[Name("a")].Partitions))
	Must(Get(admin.DeleteTopic(ctx, Name("a"))).Err)
	// it answers from metadata it keeps for a while
	Until("a is listed no more", func() bool { return !Get(admin.ListTopics(ctx)).Has(Name("a")) })
	_, err := admin.CreateTopic(ctx, 1, 1, nil, Name("b"))
	if err == nil {
		return fmt.Errorf("a topic was created twice")
	}
	return nil
}

func compressions() error {
	for codec, option := range map[string]kgo.CompressionCodec{"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(),
		"snappy": kgo.SnappyCompression(), "lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression()} {
		topic := create("codec-"+codec, 1)
		produce(topic, 300, kgo.ProducerBatchCompression(option), kgo.ProducerLinger(5*time.Millisecond))
		got := read(topic, 300)
		Same(codec+" count", 300, len(got))
		for n, record := range got {
			Same(codec, fmt.Sprintf("value %d n=%d %d", n, n, 1_700_000_000_000+n),
				fmt.Sprintf("%s %s=%s %d", record.Value, record.Headers[0].Key, record.Headers[0].Value, record.Timestamp.UnixMilli()))
		}
	}
	return nil
}

func notIdempotent() error {
	for n, acks := range []kgo.Acks{kgo.NoAck(), kgo.LeaderAck(), kgo.AllISRAcks()} {
		topic := create(fmt.Sprint("acks-", n), 1)
		produce(topic, 50, kgo.RequiredAcks(acks), kgo.DisableIdempotentWrite())
		Same("count", 50, len(read(topic, 50)))
	}
	return nil
}

type member struct {
	*kgo.Client
	sync.Mutex
	owned map[int32]bool
}

func join(topic string, seen *sync.Map, options ...kgo.Opt) *member {
	m := &member{owned: map[int32]bool{}}
	change := func(owns bool) func(context.Context, *kgo.Client, map[string][]int32) {
		return func(_ context.Context, _ *kgo.Client, changed map[string][]int32) {
			m.Lock()
			defer m.Unlock()
			for _, partition := range changed[topic] {
				if owns {
					m.owned[partition] = true
				} else {
					delete(m.owned, partition)
				}
			}
		}
	}
	m.Client = client(append(options, kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.OnPartitionsAssigned(change(true)), kgo.OnPartitionsRevoked(change(false)), kgo.OnPartitionsLost(change(false)))...)
	go func() {
		for {
			fetches := m.PollFetches(ctx)
			if fetches.IsClientClosed() || ctx.Err() != nil {
				return
			}
			fetches.EachRecord(func(record *kgo.Record) { seen.Store(fmt.Sprint(record.Partition, record.Offset), true) })
		}
	}()
	return m
}

func (m *member) count() int {
	m.Lock()
	defer m.Unlock()
	return len(m.owned)
}

func group(kind string, balancer kgo.GroupBalancer) func() error {
	return func() error {
		topic, id := create("group-"+kind, 4), Name("g-"+kind)
		var seen sync.Map
		options := []kgo.Opt{kgo.ConsumerGroup(id), kgo.Balancers(balancer), kgo.AutoCommitInterval(200 * time.Millisecond)}
		first := join(topic, &seen, options...)
		defer first.Close()
		Until("the first owns all", func() bool { return first.count() == 4 })
		second := join(topic, &seen, append(options, kgo.InstanceID("static-"+kind))...)
		closed := false
		defer func() {
			if !closed {
				second.Close()
			}
		}()
		Until("two members share four partitions", func() bool { return first.count() == 2 && second.count() == 2 })
		Same("members described", 2, len(Get(admin.DescribeGroups(ctx, id))[id].Members))
		cl := client()
		for n := range 100 {
			Must(cl.ProduceSync(ctx, &kgo.Record{Topic: topic, Partition: int32(n % 4)}).FirstErr())
		}
		cl.Close()
		Until("every record is read", func() bool {
			count := 0
			seen.Range(func(any, any) bool { count++; return true })
			return count == 100
		})
		Must(second.CommitUncommittedOffsets(ctx))
		second.Close()
		closed = true
		// a static member's place outlives its client until an admin ends it
		Must(Get(admin.LeaveGroup(ctx, kadm.LeaveGroup(id).InstanceIDs("static-"+kind))).Error())
		Until("the one that stays takes over", func() bool { return first.count() == 4 })
		Must(first.CommitUncommittedOffsets(ctx))
		first.Close()
		sum := int64(0)
		Get(admin.FetchOffsets(ctx, id)).Each(func(o kadm.OffsetResponse) { sum += o.At })
		Same("offsets committed", 100, sum)
		Same("the group is listed", true, len(Get(admin.ListGroups(ctx))[id].Group) > 0)
		Must(Get(admin.DeleteOffsets(ctx, id, kadm.TopicsSet{topic: {0: {}}})).Error())
		Must(Get(admin.DeleteGroup(ctx, id)).Err)
		return nil
	}
}

func offsetsByTime() error {
	topic := create("times", 1)
	produce(topic, 100)
	at := func(offsets kadm.ListedOffsets) int64 { return offsets[topic][0].Offset }
	Same("by time", 40, at(Get(admin.ListOffsetsAfterMilli(ctx, 1_700_000_000_040, topic))))
	Same("first", 0, at(Get(admin.ListStartOffsets(ctx, topic))))
	Same("end", 100, at(Get(admin.ListEndOffsets(ctx, topic))))
	Same("of the latest timestamp", 99, at(Get(admin.ListMaxTimestampOffsets(ctx, topic))))
	return nil
}

func transactions() error {
	source, target, id := create("source", 1), create("target", 1), Name("transactional")
	produce(source, 6)
	session := Get(kgo.NewGroupTransactSession(kgo.SeedBrokers(Brokers()...), kgo.TransactionalID(Name("tx")), kgo.ConsumerGroup(id),
		kgo.ConsumeTopics(source), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchIsolationLevel(kgo.ReadCommitted())))
	defer session.Close()
	for tries, committed := 0, false; !committed; tries++ {
		fetches := session.PollFetches(ctx)
		Must(fetches.Err())
		if fetches.Empty() {
			continue
		}
		Must(session.Begin())
		var records []*kgo.Record
		fetches.EachRecord(func(r *kgo.Record) { records = append(records, &kgo.Record{Topic: target, Value: r.Value}) })
		Must(session.ProduceSync(ctx, records...).FirstErr())
		committed = Get(session.End(ctx, kgo.TransactionEndTry(tries > 0)))
	}
	Same("committed", 6, len(read(target, 6, kgo.FetchIsolationLevel(kgo.ReadCommitted()))))
	Same("with aborted", 12, len(read(target, 12)))
	Same("offset", 6, Get(admin.FetchOffsets(ctx, id))[source][0].At)
	Same("listed", 1, len(Get(admin.DescribeTransactions(ctx, Name("tx")))))
	return nil
}

func configs() error {
	topic := create("configs", 1)
	value := "12345"
	for _, answer := range Get(admin.AlterTopicConfigs(ctx, []kadm.AlterConfig{{Op: kadm.SetConfig, Name: "retention.ms", Value: &value}}, topic)) {
		Must(answer.Err)
	}
	for _, config := range Get(Get(admin.DescribeTopicConfigs(ctx, topic)).On(topic, nil)).Configs {
		switch config.Key {
		case "retention.ms":
			Same(config.Key, value, *config.Value)
		case "cleanup.policy":
			Same(config.Key, "delete", *config.Value)
		}
	}
	return nil
}

func deleteRecords() error {
	topic := create("delete-records", 1)
	produce(topic, 20)
	Must(Get(admin.DeleteRecords(ctx, kadm.Offsets{topic: {0: {Topic: topic, At: 15, LeaderEpoch: -1}}})).Error())
	got := read(topic, 5)
	Same("count", 5, len(got))
	Same("first offset", 15, got[0].Offset)
	return nil
}

func describe() error {
	Same("brokers", 1, len(Get(admin.ListBrokers(ctx))))
	for _, folders := range Get(admin.DescribeAllLogDirs(ctx, nil)) {
		Must(folders.Error())
	}
	epoch := Get(admin.OffsetForLeaderEpoch(ctx, func() (r kadm.OffsetForLeaderEpochRequest) { r.Add(Name("times"), 0, 0); return }()))
	Same("end of the epoch", 100, epoch[Name("times")][0].EndOffset)
	Must(Get(admin.AlterUserSCRAMs(ctx, nil, []kadm.UpsertSCRAM{{User: Name("user"), Mechanism: kadm.ScramSha512, Iterations: 4096, Password: "secret"}})).Error())
	Same("iterations", 4096, Get(admin.DescribeUserSCRAMs(ctx, Name("user")))[Name("user")].CredInfos[0].Iterations)
	return nil
}

func main() {
	defer cancel()
	Client = "franz-go"
	Check("creates, lists, grows and deletes topics", topics)
	Check("produces idempotently and consumes with every compression", compressions)
	Check("produces with each kind of acknowledgement", notIdempotent)
	Check("a group of two rebalances, cooperatively, with a static member", group("sticky", kgo.CooperativeStickyBalancer()))
	Check("a group of two rebalances, eagerly", group("range", kgo.RangeBalancer()))
	Check("offsets by time", offsetsByTime)
	Check("transactions commit and abort, with a group's offsets", transactions)
	Check("describes and alters configs", configs)
	Check("deletes records", deleteRecords)
	Check("describes brokers, folders, epochs and users", describe)
	Done()
}
