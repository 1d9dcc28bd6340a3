package inspect

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"syscall"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Explain turns an error of a connection, a login or a request into one line that names the fault
// and says what to do. addr is the host:port that was spoken to; "" takes it from the error.
func Explain(err error, addr string) string {
	if err == nil {
		return ""
	}
	if addr == "" {
		addr = addressIn(err)
	}
	if s := explainLogin(err); s != "" {
		return s
	}
	if s := explainRights(err); s != "" {
		return s
	}
	if s := explainTLS(err); s != "" {
		return s
	}
	if s := explainNetwork(err, addr); s != "" {
		return s
	}
	return strings.Join(strings.Fields(err.Error()), " ")
}

func addressIn(err error) string {
	var op *net.OpError
	if errors.As(err, &op) && op.Addr != nil {
		return op.Addr.String()
	}
	return "the broker"
}

func explainLogin(err error) string {
	switch {
	case errors.Is(err, kerr.SaslAuthenticationFailed):
		return "The broker refuses this user name or password: check --username and KAFKA_PASSWORD."
	case errors.Is(err, kerr.UnsupportedSaslMechanism):
		return "The broker knows another kind of login: try --sasl SCRAM-SHA-512 or --sasl PLAIN."
	case errors.Is(err, kerr.IllegalSaslState):
		return "The broker takes no login at this port: leave --username away."
	}
	return ""
}

func explainRights(err error) string {
	switch {
	case errors.Is(err, kerr.TopicAuthorizationFailed):
		return "This user may not use the topic (TOPIC_AUTHORIZATION_FAILED): check the team's number and --username, or tell the instructor."
	case errors.Is(err, kerr.GroupAuthorizationFailed):
		return "This user may not use the group (GROUP_AUTHORIZATION_FAILED): check the team's number and --username, or tell the instructor."
	case errors.Is(err, kerr.TransactionalIDAuthorizationFailed):
		return "This user may not use the team's transactional ids (TRANSACTIONAL_ID_AUTHORIZATION_FAILED): run without --exactly-once, or tell the instructor."
	case errors.Is(err, kerr.ClusterAuthorizationFailed):
		return "This user may not do that on the cluster (CLUSTER_AUTHORIZATION_FAILED): tell the instructor."
	case errors.Is(err, kerr.UnknownTopicOrPartition), errors.Is(err, kerr.UnknownTopicID):
		return "The topic does not exist (yet): check --lesson and --namespace, or tell the instructor."
	case errors.Is(err, kerr.InconsistentGroupProtocol):
		return "The group runs another assignor (INCONSISTENT_GROUP_PROTOCOL): start with the one that its members use, see --assignor."
	}
	return ""
}

func explainTLS(err error) string {
	var (
		authority x509.UnknownAuthorityError
		host      x509.HostnameError
		invalid   x509.CertificateInvalidError
		header    tls.RecordHeaderError
		first     *kgo.ErrFirstReadEOF
	)
	switch {
	case errors.As(err, &authority):
		return "The broker's certificate is signed by an authority that is not known here: give its file with --ca."
	case errors.As(err, &host):
		return "The broker's certificate is for another address (" + host.Error() + "): use the join address, or tell the instructor."
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "The broker's certificate is not valid now: is your clock right?"
	case errors.As(err, &header):
		return "The broker does not speak TLS at this port: leave --tls and --ca away."
	case errors.As(err, &first):
		return "The broker hangs up at once: it may expect TLS (--tls, or --ca FILE) or a login (--username), or takes neither."
	case strings.Contains(err.Error(), "tls alert record"): // the library has no type for these two
		return "The broker expects TLS: give --tls, or --ca FILE for its certificate's authority."
	case strings.Contains(err.Error(), "HTTP response"):
		return "A web server answers here, not Kafka: is the port right? Kafka's is usually 9092."
	}
	return ""
}

func explainNetwork(err error, addr string) string {
	var dns *net.DNSError
	host, port, splitErr := net.SplitHostPort(addr)
	if splitErr != nil {
		host, port = addr, "9092"
	}
	loopback := host == "localhost" || net.ParseIP(host).IsLoopback()
	switch {
	case errors.As(err, &dns):
		return fmt.Sprintf("No address is known here for the name %s: use the join address, or the network of the room.", dns.Name)
	case loopback && boxed() && errors.Is(err, syscall.ECONNREFUSED):
		return "Localhost here is not the instructor's laptop: use the join address."
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Sprintf("Nothing listens at %s: is it the join address, and is the broker up?", addr)
	case errors.Is(err, syscall.EHOSTUNREACH) && runtime.GOOS == "darwin":
		return "Allow your terminal under Privacy & Security → Local Network."
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return fmt.Sprintf("No way to %s from this network: are you in the room's wifi?", addr)
	case errors.Is(err, context.DeadlineExceeded), os.IsTimeout(err), isTimeout(err):
		return fmt.Sprintf("No answer from %s: your network may block port %s (leave the VPN or use another network), or this wifi separates laptops.", addr, port)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return "The connection to " + addr + " broke: the broker may have gone, or expects TLS (--tls, or --ca FILE)."
	}
	return ""
}

func isTimeout(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.As(err, &timeout) && timeout.Timeout()
}

// boxed reports WSL2 or a container, where localhost is not the laptop.
func boxed() bool {
	if _, err := os.Stat("/.dockerenv"); err == nil {
		return true
	}
	kernel, err := os.ReadFile("/proc/sys/kernel/osrelease")
	return err == nil && strings.Contains(strings.ToLower(string(kernel)), "microsoft")
}
