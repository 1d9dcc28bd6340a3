// Package leaks gives tests database addresses that are broken in every way in which a password can break them, and
// finds what a program's output reveals of them.
package leaks

import "strings"

// secret must not appear in any output, not even four characters of it. No word of a message has four of these in a row.
const secret = "zQxwKvJqYzWxGhVp"

// Addresses returns broken addresses for servers at these host:port. They contain the secret as a password, or its
// parts wherever a wrong sign puts them.
func Addresses(servers ...string) []string {
	first, second := secret[:8], secret[8:]
	var out []string
	for _, server := range servers {
		host, port, _ := strings.Cut(server, ":")
		for _, sign := range []string{"@", "/", "#", " ", ":", "?", "%", "%zz", "[", "]", "&", "=", `\`, "'", `"`, ",", "?a=", "@/", "/@", ":/", "://", "\t", "é"} {
			for _, user := range []string{"workshop:", secret + ":", ":"} {
				out = append(out, "postgres://"+user+first+sign+second+"@"+server+"/none")
			}
			out = append(out,
				"postgresql://u:"+first+sign+second+"@"+server+"/none?sslmode=disable",
				"postgres://u:12"+sign+secret+"@"+server+"/none",
				"host="+host+" port="+port+" user=u password="+first+sign+second,
				"host="+host+" port="+port+" user=u password='"+first+sign+second+"' dbname="+secret,
				"host="+host+" port="+port+" user=u password='"+first+sign+second)
		}
		out = append(out,
			"postgres://u:"+secret+"@"+server+"/"+secret, "postgres://"+secret+"@"+server+"/none",
			"postgres://u:"+secret+"@"+server+"0000/none", "postgres://u:"+secret+"@"+server+"/none?"+secret+"="+secret,
			"postgres://u:p@"+server+"/none?sslmode="+secret, "postgres://u:p@"+server+"/none?sslrootcert=/"+secret+"/"+secret,
			"postgres://u:p@"+server+"/none?target_session_attrs="+secret, "postgres://u:p@"+server+"/none?service="+secret,
			"postgres://u:p@"+server+"/none?connect_timeout="+secret, "postgres://u:p@"+server+"/none?default_query_exec_mode="+secret,
			"postgres://u:p@"+server+"/none?channel_binding="+secret, "postgres://u:p@"+server+"/none?max_protocol_version="+secret,
			"postgres://u:p@"+server+"/none?options=-c%20"+secret+"%3D1", "postgres://u:p@"+server+"/none?require_auth="+secret,
			"postgres://u:p@"+server+"/none?statement_cache_capacity="+secret, "postgres://u:p@"+server+","+secret+"/none",
			"host="+host+" port="+port+" "+secret, "host="+host+" port="+port+" "+secret+"="+secret)
	}
	return append(out,
		secret, "postgres:/"+secret, "postgres:"+secret, "mysql://u:"+secret+"@h/db", "http://"+secret, "u:"+secret+"@h/db",
		"host=/"+secret, "host="+secret+".invalid", "postgres://u:p@"+secret+".invalid/db", "service="+secret, "port="+secret, secret+"="+secret,
		"postgres://"+secret+".invalid:5432,127.0.0.1:1/db", "postgres://u:"+secret+"\n@h/db", "postgres://u:"+secret+"\x00@h/db")
}

// In returns four characters of the secret that a text contains, or nothing.
func In(text string) string {
	text = strings.ToLower(text)
	for i := range len(secret) - 3 {
		if part := secret[i : i+4]; strings.Contains(text, strings.ToLower(part)) {
			return part
		}
	}
	return ""
}
