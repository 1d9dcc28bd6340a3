# Fetches the workshop's client for this machine into this folder, checks it, and joins.
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$base = '@BASE@'
$arch = if ($env:PROCESSOR_ARCHITECTURE -eq 'ARM64') { 'arm64' } else { 'amd64' }
$name = "participant-client-windows-$arch.exe"
$client = Join-Path (Get-Location) 'participant-client.exe'
$want = ''
foreach ($line in ((Invoke-WebRequest -UseBasicParsing "$base/downloads/SHA256SUMS").Content -split "`n")) {
    $part = $line.Trim() -split '\s+'
    if ($part.Count -eq 2 -and $part[1] -eq $name) { $want = $part[0] }
}
if (-not $want) {
    $status = 0
    try { $status = (Invoke-WebRequest -UseBasicParsing "$base/downloads/$name").StatusCode } catch { $status = [int]$_.Exception.Response.StatusCode }
    if ($status -eq 503) { throw "The client for windows/$arch is still being built on the instructor's machine: try again in a minute." }
}
if (-not $want) { throw "The instructor's machine does not serve $name: tell the instructor." }
if (-not (Test-Path $client) -or (Get-FileHash -Algorithm SHA256 $client).Hash -ne $want) {
    Invoke-WebRequest -UseBasicParsing "$base/downloads/$name" -OutFile "$client.part"
    if ((Get-FileHash -Algorithm SHA256 "$client.part").Hash -ne $want) {
        Remove-Item "$client.part"
        throw 'The download is incomplete: run the command again.'
    }
    Move-Item -Force "$client.part" $client
}
& $client join $base
