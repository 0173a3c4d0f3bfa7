"""Events from the sandbox to an app: built, encrypted, sent, retried."""
