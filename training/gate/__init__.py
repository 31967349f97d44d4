"""Champion against challenger: what may follow a detector that people rely on."""
