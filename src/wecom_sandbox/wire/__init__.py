"""What an app may call: the endpoints under /cgi-bin/."""
