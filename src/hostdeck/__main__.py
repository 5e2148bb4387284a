"""`python -m hostdeck` is the `hostdeck` command."""

from hostdeck.tui.cli.main import main

if __name__ == "__main__":
    main()
