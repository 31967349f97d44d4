"""What every package stands on: errors, files, text, extras. Imports nothing of ours."""
