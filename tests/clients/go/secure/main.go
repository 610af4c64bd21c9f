// Command secure comes in by TLS and SASL with franz-go and with sarama: `secure ssl=HOST:PORT,sasl_ssl=HOST:PORT PREFIX`;
// CA_FILE names the certificates to trust.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"os"
	"strings"
	"time"

	. "clients/tap"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/oauth"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	franzscram "github.com/twmb/franz-go/pkg/sasl/scram"
	"github.com/xdg-go/scram"
)

const count = 100

type login struct{ listener, mechanism, password string }

func (l login) address() string {
	for _, part := range Brokers() {
		if name, address, _ := strings.Cut(part, "="); name == l.listener {
			return address
		}
	}
	panic("no address of " + l.listener)
}

func trust() *tls.Config {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(Get(os.ReadFile(os.Getenv("CA_FILE"))))
	return &tls.Config{RootCAs: pool}
}

// token is an unsecured JWS, as Kafka's own tests use them.
func token() string {
	claims := fmt.Sprintf(`{"sub":"alice","iat":%d,"exp":%d}`, time.Now().Unix()-1, time.Now().Unix()+3600)
	coded := base64.RawURLEncoding.EncodeToString
	return coded([]byte(`{"alg":"none"}`)) + "." + coded([]byte(claims)) + "."
}

func franz(topic string, l login) error {
	options := []kgo.Opt{kgo.SeedBrokers(l.address()), kgo.DialTLSConfig(trust()), kgo.ConsumeTopics(topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.AllowAutoTopicCreation(), kgo.RequestRetries(2)}
	user := franzscram.Auth{User: "alice", Pass: l.password}
	switch l.mechanism {
	case "PLAIN":
		options = append(options, kgo.SASL(plain.Auth{User: "alice", Pass: l.password}.AsMechanism()))
	case "SCRAM-SHA-256":
		options = append(options, kgo.SASL(user.AsSha256Mechanism()))
	case "SCRAM-SHA-512":
		options = append(options, kgo.SASL(user.AsSha512Mechanism()))
	case "OAUTHBEARER":
		options = append(options, kgo.SASL(oauth.Auth{Token: token()}.AsMechanism()))
	}
	client := Get(kgo.NewClient(options...))
	defer client.Close()
	patience, end := context.WithTimeout(context.Background(), 30*time.Second)
	defer end()
	// records are tried again for as long as there is patience, whatever the error is
	if err := client.Ping(patience); err != nil {
		return err
	}
	for n := range count {
		if err := client.ProduceSync(patience, &kgo.Record{Topic: topic, Value: fmt.Append(nil, n)}).FirstErr(); err != nil {
			return err
		}
	}
	for n := 0; n < count; {
		fetches := client.PollFetches(patience)
		if err := fetches.Err(); err != nil {
			return err
		}
		n += len(fetches.Records())
	}
	return nil
}

// conversation is SCRAM for sarama, which leaves it to its user.
type conversation struct {
	hash scram.HashGeneratorFcn
	*scram.ClientConversation
}

func (c *conversation) Begin(user, password, authorization string) error {
	client, err := c.hash.NewClient(user, password, authorization)
	if err == nil {
		c.ClientConversation = client.NewConversation()
	}
	return err
}

type tokens struct{}

func (tokens) Token() (*sarama.AccessToken, error) { return &sarama.AccessToken{Token: token()}, nil }

func ibm(topic string, l login) error {
	c := sarama.NewConfig()
	c.Version = sarama.MaxVersion
	c.Producer.Return.Successes = true
	c.Metadata.Retry.Max = 2
	c.Net.TLS.Enable, c.Net.TLS.Config = true, trust()
	c.Net.SASL.Enable = l.mechanism != ""
	c.Net.SASL.Mechanism = sarama.SASLMechanism(l.mechanism)
	c.Net.SASL.User, c.Net.SASL.Password = "alice", l.password
	c.Net.SASL.TokenProvider = tokens{}
	c.Net.SASL.SCRAMClientGeneratorFunc = func() sarama.SCRAMClient {
		if l.mechanism == "SCRAM-SHA-256" {
			return &conversation{hash: scram.SHA256}
		}
		return &conversation{hash: scram.SHA512}
	}
	producer, err := sarama.NewSyncProducer([]string{l.address()}, c)
	if err != nil {
		return err
	}
	defer producer.Close()
	for n := range count {
		Get(Partition(producer.SendMessage(&sarama.ProducerMessage{Topic: topic, Value: sarama.StringEncoder(fmt.Sprint(n))})))
	}
	consumer := Get(sarama.NewConsumer([]string{l.address()}, c))
	defer consumer.Close()
	partition := Get(consumer.ConsumePartition(topic, 0, sarama.OffsetOldest))
	defer partition.Close()
	for n := range count {
		select {
		case message := <-partition.Messages():
			Same("value", n, string(message.Value))
		case <-time.After(20 * time.Second):
			return fmt.Errorf("only %d messages came", n)
		}
	}
	return nil
}

// Partition drops the offset of what was sent.
func Partition(partition int32, _ int64, err error) (int32, error) { return partition, err }

func main() {
	for _, client := range []struct {
		name string
		run  func(string, login) error
	}{{"franz-go", franz}, {"sarama", ibm}} {
		Client = client.name
		for _, l := range []login{{"ssl", "", ""}, {"sasl_ssl", "PLAIN", "plain-secret"}, {"sasl_ssl", "SCRAM-SHA-256", "scram-secret"},
			{"sasl_ssl", "SCRAM-SHA-512", "scram-secret"}, {"sasl_ssl", "OAUTHBEARER", ""}} {
			what := strings.TrimSpace(l.listener + " " + l.mechanism)
			Check(what+": produces and consumes", func() error { return client.run(Name(client.name+"-"+strings.ReplaceAll(what, " ", "-")), l) })
		}
		Check("sasl_ssl SCRAM-SHA-512: a wrong password is refused", func() error {
			err := client.run(Name("refused"), login{"sasl_ssl", "SCRAM-SHA-512", "wrong"})
			if err == nil || !strings.Contains(strings.ToLower(err.Error()), "auth") {
				return fmt.Errorf("not an error of authentication: %v", err)
			}
			return nil
		})
	}
	Done()
}
