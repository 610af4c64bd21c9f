// Command franz writes and reads what tests/peers/interop.php writes and reads, by franz-go.
//
//	franz write BROKERS TOPIC COMPRESSION [RELEASE]   writes the records of standard input, one JSON object a line
//	franz read BROKERS TOPIC COUNT [RELEASE]          prints as many records of partition 0 as such lines
//
// With RELEASE it speaks as to a broker of that release of Kafka, e.g. 0.9.0.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kversion"
)

// record is a line; bytes are base64, as encoding/json has it.
type record struct {
	Key       []byte   `json:"key"`
	Value     []byte   `json:"value"`
	Timestamp int64    `json:"timestamp"`
	Headers   []header `json:"headers"`
}

type header struct {
	Name  string `json:"name"`
	Value []byte `json:"value"`
}

func main() {
	if len(os.Args) != 5 && len(os.Args) != 6 {
		fail("franz write|read BROKERS TOPIC COMPRESSION|COUNT [RELEASE]")
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	options := []kgo.Opt{kgo.SeedBrokers(strings.Split(os.Args[2], ",")...)}
	if len(os.Args) == 6 {
		versions := kversion.FromString("v" + os.Args[5])
		if versions == nil {
			fail("not a release: " + os.Args[5])
		}
		options = append(options, kgo.MaxVersions(versions))
	}
	if os.Args[1] == "write" {
		write(ctx, options, os.Args[3], os.Args[4])
	} else {
		count, err := strconv.Atoi(os.Args[4])
		check(err)
		read(ctx, options, os.Args[3], count)
	}
}

func write(ctx context.Context, options []kgo.Opt, topic, compression string) {
	codecs := map[string]kgo.CompressionCodec{
		"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
		"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
	}
	client, err := kgo.NewClient(append(options, kgo.ProducerBatchCompression(codecs[compression]),
		kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.DisableIdempotentWrite(), kgo.ProducerLinger(50*time.Millisecond))...)
	check(err)
	defer client.Close()
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64<<20)
	var records []*kgo.Record
	for lines.Scan() {
		var line record
		check(json.Unmarshal(lines.Bytes(), &line))
		made := &kgo.Record{Topic: topic, Key: line.Key, Value: line.Value, Timestamp: time.UnixMilli(line.Timestamp)}
		for _, h := range line.Headers {
			made.Headers = append(made.Headers, kgo.RecordHeader{Key: h.Name, Value: h.Value})
		}
		records = append(records, made)
	}
	check(lines.Err())
	check(client.ProduceSync(ctx, records...).FirstErr())
}

func read(ctx context.Context, options []kgo.Opt, topic string, count int) {
	client, err := kgo.NewClient(append(options, kgo.ConsumePartitions(
		map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().AtStart()}}))...)
	check(err)
	defer client.Close()
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for count > 0 {
		fetches := client.PollFetches(ctx)
		check(fetches.Err())
		fetches.EachRecord(func(r *kgo.Record) {
			line := record{Key: r.Key, Value: r.Value, Timestamp: -1, Headers: []header{}}
			if !r.Timestamp.IsZero() {
				line.Timestamp = r.Timestamp.UnixMilli()
			}
			for _, h := range r.Headers {
				line.Headers = append(line.Headers, header{h.Key, h.Value})
			}
			text, err := json.Marshal(line)
			check(err)
			fmt.Fprintln(out, string(text))
			count--
		})
	}
}

func check(err error) {
	if err != nil {
		fail(err.Error())
	}
}

func fail(text string) {
	fmt.Fprintln(os.Stderr, text)
	os.Exit(1)
}
