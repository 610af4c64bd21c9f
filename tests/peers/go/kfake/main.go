// Command kfake serves franz-go's fake Kafka cluster, as the release it is told to be at most.
//
//	kfake RELEASE NODES TOPIC...   e.g. kfake 2.4 3 t
//
// Prints "ready on HOST:PORT,HOST:PORT" and serves until its standard input ends.
package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kversion"
)

func main() {
	if len(os.Args) < 4 {
		fail("kfake RELEASE NODES TOPIC...")
	}
	versions := kversion.FromString(os.Args[1])
	if versions == nil {
		fail("no such release of Kafka: " + os.Args[1])
	}
	nodes, err := strconv.Atoi(os.Args[2])
	if err != nil {
		fail(err.Error())
	}
	cluster, err := kfake.NewCluster(
		kfake.NumBrokers(nodes),
		kfake.SeedTopics(3, os.Args[3:]...),
		kfake.MaxVersions(versions),
	)
	if err != nil {
		fail(err.Error())
	}
	defer cluster.Close()
	fmt.Println("ready on", strings.Join(cluster.ListenAddrs(), ","))
	_, _ = io.Copy(io.Discard, os.Stdin)
}

func fail(text string) {
	fmt.Fprintln(os.Stderr, text)
	os.Exit(2)
}
