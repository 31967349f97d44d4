"""The engine that runs a scan on a cluster, by Ray."""
