package kafka

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

	"kafka-workshop/internal/workshop"

	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/aws"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

// The mechanisms that need no user: choosing one of them enables SASL.
const (
	oauthBearer = "OAUTHBEARER"
	mskIAM      = "AWS_MSK_IAM"
)

// AWS holds the credentials of AWS_MSK_IAM, under the names that AWS's own tools read.
type AWS struct {
	AccessKeyID     string          `env:"AWS_ACCESS_KEY_ID" help:"Access key of AWS_MSK_IAM."`
	SecretAccessKey workshop.Secret `env:"AWS_SECRET_ACCESS_KEY" help:"The access key's secret. Better in the environment or --env FILE than on the command line."`
	SessionToken    workshop.Secret `env:"AWS_SESSION_TOKEN" help:"Session token of temporary credentials. They are not renewed."`
}

// LogsIn reports whether clients log in to the cluster.
func (c Config) LogsIn() bool {
	return c.Username != "" || c.SASL == oauthBearer || c.SASL == mskIAM
}

// Credentials names the settings of the login, for errors that ask to check them.
func (c Config) Credentials() string {
	switch {
	case c.SASL == mskIAM:
		return "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN and what IAM allows them"
	case c.SASL == oauthBearer && c.Token.File != "":
		return "the token in " + c.Token.File
	case c.SASL == oauthBearer:
		return "--username, KAFKA_PASSWORD and --token-scope"
	}
	return "--username and KAFKA_PASSWORD"
}

// validateLogin names the flag at fault.
func (c Config) validateLogin() error {
	switch {
	case c.SASL == mskIAM:
		return c.validateAWS()
	case c.SASL == oauthBearer:
		if err := c.Token.validate(c.Username); err != nil {
			return err
		}
	case c.Token.File != "" || c.Token.URL != "":
		return errors.New("--token-file and --token-url are for --sasl OAUTHBEARER: give it too, or neither of them")
	}

	if c.Username == "" && c.Password != "" {
		return errors.New("--password without --username: give both")
	}
	if c.Username != "" && c.Password == "" {
		return errors.New("--username without --password: give both (KAFKA_PASSWORD in the environment)")
	}
	return nil
}

func (c Config) validateAWS() error {
	switch {
	case c.AWS.AccessKeyID == "" || c.AWS.SecretAccessKey == "":
		return errors.New("--sasl AWS_MSK_IAM needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, as aws configure export-credentials --format env prints them")
	case c.Username != "" || c.Password != "":
		return errors.New("--sasl AWS_MSK_IAM logs in with AWS's access key: remove --username and --password")
	case !c.TLS && c.CA == "":
		return errors.New("--sasl AWS_MSK_IAM needs --tls")
	case os.Getenv("AWS_REGION") != "" || os.Getenv("AWS_DEFAULT_REGION") != "": // the library reads them
		return nil
	}

	for _, broker := range c.Brokers {
		host, _, _ := net.SplitHostPort(strings.TrimSpace(broker))
		if !strings.HasSuffix(host, ".amazonaws.com") && !strings.HasSuffix(host, ".amazonaws.com.cn") {
			return fmt.Errorf("--brokers %q: the host name contains no AWS region: set AWS_REGION in the environment", broker)
		}
	}
	return nil
}

// mechanism returns the login's SASL mechanism. The token endpoint of OAUTHBEARER is trusted like the brokers.
func (c Config) mechanism(tlsConfig *tls.Config) sasl.Mechanism {
	switch c.SASL {
	case oauthBearer:
		return c.bearer(tlsConfig)
	case mskIAM:
		return aws.Auth{
			AccessKey: c.AWS.AccessKeyID, SecretKey: string(c.AWS.SecretAccessKey), SessionToken: string(c.AWS.SessionToken),
			UserAgent: "kafka-workshop", // the library's own contains the host name
		}.AsManagedStreamingIAMMechanism()
	case "PLAIN":
		return plain.Auth{User: c.Username, Pass: string(c.Password)}.AsMechanism()
	case "SCRAM-SHA-512":
		return scram.Auth{User: c.Username, Pass: string(c.Password)}.AsSha512Mechanism()
	default:
		return scram.Auth{User: c.Username, Pass: string(c.Password)}.AsSha256Mechanism()
	}
}
