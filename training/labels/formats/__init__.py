"""The formats in which labels come and go, one file each."""
