package main

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"time"
)

// Validity of certificates. They start in the past because laptops' clocks may be late.
const (
	authorityValid   = 10 * 365 * 24 * time.Hour
	certificateValid = 800 * 24 * time.Hour
	clockSlack       = 48 * time.Hour
)

// An authority signs the brokers' certificates.
type authority struct {
	cert *x509.Certificate
	key  crypto.Signer
	pem  []byte
}

// openAuthority reads the authority from its two files, or creates them if they are missing.
func openAuthority(certFile, keyFile string, now time.Time) (*authority, error) {
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if errors.Is(err, fs.ErrNotExist) {
		if err := createAuthority(certFile, keyFile, now); err != nil {
			return nil, err
		}
		pair, err = tls.LoadX509KeyPair(certFile, keyFile)
	}
	if err != nil {
		return nil, fmt.Errorf("read the certificate authority in %s: %w", certFile, err)
	}

	signer, ok := pair.PrivateKey.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("the certificate authority's key in %s cannot sign", keyFile)
	}

	text, err := os.ReadFile(certFile)
	if err != nil {
		return nil, err
	}
	return &authority{cert: pair.Leaf, key: signer, pem: text}, nil
}

func createAuthority(certFile, keyFile string, now time.Time) error {
	key, keyPEM, err := newKey()
	if err != nil {
		return err
	}

	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: "Kafka workshop"},
		NotBefore: now.Add(-clockSlack), NotAfter: now.Add(authorityValid),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	// Write the key first: openAuthority does not replace a certificate without its key.
	return errors.Join(os.WriteFile(keyFile, keyPEM, 0o600), os.WriteFile(certFile, block("CERTIFICATE", der), 0o644))
}

// keystore returns a new key and a certificate for hosts, as a PEM key store of Kafka.
func (a *authority) keystore(now time.Time, hosts ...string) ([]byte, error) {
	key, keyPEM, err := newKey()
	if err != nil {
		return nil, err
	}

	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: hosts[0]},
		NotBefore: now.Add(-clockSlack), NotAfter: now.Add(certificateValid),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}

	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else if h != "" {
			template.DNSNames = append(template.DNSNames, h)
		}
	}

	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		return nil, err
	}
	return bytes.Join([][]byte{keyPEM, block("CERTIFICATE", der), a.pem}, nil), nil
}

// newKey generates a key and encodes it in PKCS#8, the only format that Kafka reads.
func newKey() (*ecdsa.PrivateKey, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	return key, block("PRIVATE KEY", der), err
}

func block(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func serial() *big.Int {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[0] &= 0x7f
	return new(big.Int).SetBytes(b[:])
}
