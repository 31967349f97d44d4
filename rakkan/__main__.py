"""The command: `python -m rakkan` is `rakkan`."""

from cli import main

if __name__ == "__main__":
    main()
