#!/bin/sh
# Fetches the workshop's client for this machine into this folder, checks it, and joins.
set -eu
base='@BASE@'
case "$(uname -s)" in
Linux) os=linux ;;
Darwin) os=darwin ;;
MINGW* | MSYS* | CYGWIN*) os=windows ;;
*) echo "There is no client for $(uname -s): write a program of your own, see $base/join" >&2; exit 1 ;;
esac
case "$(uname -m)" in
x86_64 | amd64) arch=amd64 ;;
arm64 | aarch64) arch=arm64 ;;
*) echo "There is no client for $(uname -m): write a program of your own, see $base/join" >&2; exit 1 ;;
esac
name=participant-client-$os-$arch
client=./participant-client
if [ "$os" = windows ]; then name=$name.exe client=$client.exe; fi

want=$(curl -fsS "$base/downloads/SHA256SUMS" | awk -v n="$name" '$2 == n { print $1 }')
if [ -z "$want" ] && [ "$(curl -sS -o /dev/null -w '%{http_code}' "$base/downloads/$name")" = 503 ]; then
	echo "The client for $os/$arch is still being built on the instructor's machine: try again in a minute." >&2
	exit 1
fi
if [ -z "$want" ]; then echo "The instructor's machine does not serve $name: tell the instructor." >&2; exit 1; fi
sum() { if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | awk '{ print $1 }'; }
if [ ! -f "$client" ] || [ "$(sum "$client")" != "$want" ]; then
	curl -f --progress-bar -o "$client.part" "$base/downloads/$name"
	if [ "$(sum "$client.part")" != "$want" ]; then
		rm -f "$client.part"
		echo "The download is incomplete: run the command again." >&2
		exit 1
	fi
	chmod +x "$client.part"
	mv -f "$client.part" "$client"
fi
# This script is the shell's standard input: the client takes its own from the terminal.
if (: </dev/tty) 2>/dev/null; then exec "$client" join "$base" </dev/tty; fi
exec "$client" join "$base"
